"""Tells whether the end of SQLite's write-ahead log is damaged: SQLite drops such an end without a word.

The format is that of https://www.sqlite.org/fileformat2.html#the_write_ahead_log.
"""

import os
import struct
from pathlib import Path
from typing import Final

_HEADER: Final = 32
_FRAME: Final = 24
"""Bytes before each page."""

Sums = tuple[int, int]
"""The running checksum: each frame's goes on from that of the frame before."""


def damaged(log: Path, frames: int) -> bool:
    """Whether more was written than the first `frames`, which are all that SQLite goes by.

    Whole frames that no commit follows are none of it: a process died in its transaction. A frame that is not
    whole may be that too, but also a commit that was damaged since: nobody can tell, so it counts.
    Nobody may be writing meanwhile. Raises OSError.
    """
    with log.open("rb") as file:
        header = file.read(_HEADER)
        if not header:
            return False
        if not _is_header(header):
            return True
        length = _FRAME + int.from_bytes(header[8:12], "big")
        file.seek(_HEADER + max(0, frames - 1) * length)
        last = file.read(_FRAME) if frames else header[8:]
        sums: Sums = struct.unpack(">2I", last[16:24])
        file.seek(_HEADER + frames * length)
        while frame := file.read(length):
            if len(frame) < length:
                return True
            salts = (frame[8:12] == header[16:20], frame[12:16] == header[20:24])
            if not any(salts):
                continue  # of an earlier round of the log
            sums = _sums(header, frame[:8] + frame[_FRAME:], sums)
            if not all(salts) or sums != struct.unpack(">2I", frame[16:24]):
                return True
    return False


def cut(log: Path) -> None:
    """Takes the part of a frame off that an interrupted write left. Nobody may be writing. Raises OSError."""
    size = log.stat().st_size
    with log.open("rb") as file:
        header = file.read(_HEADER)
    if len(header) == _HEADER and not _is_header(header):
        return  # damage: it stays to be told
    length = _FRAME + int.from_bytes(header[8:12], "big")
    whole = size - (size - _HEADER) % length if len(header) == _HEADER else 0
    if whole < size:
        os.truncate(log, whole)


def _is_header(header: bytes) -> bool:
    if len(header) < _HEADER or header[:3] != b"\x37\x7f\x06" or header[3] not in (0x82, 0x83):
        return False
    return _sums(header, header[:24], (0, 0)) == struct.unpack(">2I", header[24:32])


def _sums(header: bytes, content: bytes, before: Sums) -> Sums:
    one, two = before
    words = struct.unpack(f"{'>' if header[3] & 1 else '<'}{len(content) // 4}I", content)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        one = (one + even + two) & 0xFFFFFFFF
        two = (two + odd + one) & 0xFFFFFFFF
    return one, two
