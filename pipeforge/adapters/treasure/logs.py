"""The end of a task's log file: unpacked within bounds, whatever state the file is in."""

import zlib
from typing import NamedTuple

from pipeforge.adapters.treasure.choices import LOG_KEPT, LOG_LINES, LOG_MARGIN, LOG_TEXT_BYTES

_GZIP = 31  # zlib's window size for a gzip header
_CHUNK = 256 * 1024


def log_tail(packed: bytes) -> list[str]:
    """The last lines of a gzip file, whole; where it is cut off (its task may still run) or damaged, it ends.

    Lines are not shortened here: secrets in them have to be masked first.
    """
    text = log_text(packed, LOG_KEPT).text
    lines = [line.rstrip() for line in text.splitlines()]
    return [line for line in lines if line][-LOG_LINES:]


class LogText(NamedTuple):
    """What a log file holds."""

    text: str
    cut: bool
    """Whether more stands before the text."""
    whole: bool
    """Whether the file has its end: that of a running task has none yet, nor has one that was torn."""


def log_text(packed: bytes, most: int) -> LogText:
    """The last `most` bytes of what a gzip file holds, from a whole line on.

    More than LOG_TEXT_BYTES are not unpacked: then it is the end of those.
    """
    kept, unpacked, whole = _end(packed, most)
    cut = unpacked > len(kept)
    if cut:
        _, newline, rest = kept.partition(b"\n")
        kept = rest if newline and rest else kept[LOG_MARGIN:]
    return LogText(kept.decode("utf-8", "replace"), cut, whole)


def _end(packed: bytes, most: int) -> tuple[bytes, int, bool]:
    """The last bytes, how many there were before they were cut, and whether the stream came to its end."""
    kept = b""
    unpacked, whole = 0, False
    while packed and unpacked < LOG_TEXT_BYTES:
        stream, whole = zlib.decompressobj(_GZIP), False
        try:
            while unpacked < LOG_TEXT_BYTES:
                piece = stream.decompress(packed, _CHUNK)
                unpacked += len(piece)
                kept = (kept + piece)[-most:]
                packed = stream.unconsumed_tail
                if stream.eof or not (packed or piece):
                    break
        except zlib.error:
            break
        packed, whole = stream.unused_data, stream.eof
    return kept, unpacked, whole or unpacked >= LOG_TEXT_BYTES
