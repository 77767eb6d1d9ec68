"""The end of a task's log file: unpacked within bounds, whatever state the file is in."""

import zlib

from pipeforge.adapters.treasure.choices import LOG_KEPT, LOG_LINES, LOG_MARGIN, LOG_TEXT_BYTES

_GZIP = 31  # zlib's window size for a gzip header
_CHUNK = 256 * 1024


def log_tail(packed: bytes) -> list[str]:
    """The last lines of a gzip file, whole; where it is cut off (its task may still run) or damaged, it ends.

    Lines are not shortened here: secrets in them have to be masked first.
    """
    kept, unpacked = _end(packed)
    if unpacked > len(kept):
        _, newline, rest = kept.partition(b"\n")
        kept = rest if newline and rest else kept[LOG_MARGIN:]
    lines = [line.rstrip() for line in kept.decode("utf-8", "replace").splitlines()]
    return [line for line in lines if line][-LOG_LINES:]


def _end(packed: bytes) -> tuple[bytes, int]:
    """The last bytes, and how many there were before they were cut."""
    kept = b""
    unpacked = 0
    while packed and unpacked < LOG_TEXT_BYTES:
        stream = zlib.decompressobj(_GZIP)
        try:
            while unpacked < LOG_TEXT_BYTES:
                piece = stream.decompress(packed, _CHUNK)
                unpacked += len(piece)
                kept = (kept + piece)[-LOG_KEPT:]
                packed = stream.unconsumed_tail
                if stream.eof or not (packed or piece):
                    break
        except zlib.error:
            break
        packed = stream.unused_data
    return kept, unpacked
