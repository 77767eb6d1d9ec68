"""The end of a task's log file: unpacked within bounds, whatever state the file is in."""

import zlib

from pipeforge.adapters.treasure.choices import LOG_LINE_LENGTH, LOG_LINES, LOG_TEXT_BYTES

_GZIP = 31  # zlib's window size for a gzip header
_CHUNK = 256 * 1024
_KEPT = 64 * 1024


def log_tail(packed: bytes) -> list[str]:
    """The last lines of a gzip file; where it is cut off (its task may still run) or damaged, it ends."""
    kept = b""
    unpacked = 0
    while packed and unpacked < LOG_TEXT_BYTES:
        stream = zlib.decompressobj(_GZIP)
        try:
            while unpacked < LOG_TEXT_BYTES:
                piece = stream.decompress(packed, _CHUNK)
                unpacked += len(piece)
                kept = (kept + piece)[-_KEPT:]
                packed = stream.unconsumed_tail
                if stream.eof or not (packed or piece):
                    break
        except zlib.error:
            break
        packed = stream.unused_data
    lines = [line.rstrip() for line in kept.decode("utf-8", "replace").splitlines()]
    return [line[:LOG_LINE_LENGTH] for line in lines if line][-LOG_LINES:]
