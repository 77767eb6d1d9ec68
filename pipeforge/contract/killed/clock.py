"""A case's clock: how far it is ahead of the machine's, shared by its processes and its emulators."""

import mmap
import struct
from pathlib import Path

HOLD = "x-crash-hold"
"""A header for the emulators: do this request's work only so many seconds later."""

LATE = 10.0
"""Seconds that a request which has left is still on its way to its work."""

_SIZE = 16
_SECONDS = struct.Struct("d")
_HELD, _LET_GO = 8, 9
"""Where the file counts requests, each in one byte."""


class CaseClock:
    """A file that is mapped into each of the processes."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _SIZE)

    @classmethod
    def make(cls, path: Path) -> "CaseClock":
        """A new one, that is not ahead."""
        path.write_bytes(bytes(_SIZE))
        return cls(path)

    @property
    def ahead(self) -> float:
        """Seconds."""
        seconds: float = _SECONDS.unpack_from(self._memory)[0]
        return seconds

    def jump(self, seconds: float) -> None:
        """Goes on by so much."""
        _SECONDS.pack_into(self._memory, 0, self.ahead + seconds)

    @property
    def held(self) -> int:
        """How many requests the emulators hold back, or held."""
        return self._memory[_HELD]

    def hold(self) -> None:
        """One more is held back."""
        self._memory[_HELD] += 1

    @property
    def holding(self) -> bool:
        """Whether one of them is not worked on yet."""
        return self._memory[_HELD] != self._memory[_LET_GO]

    def let_go(self) -> None:
        """One of them was worked on."""
        self._memory[_LET_GO] += 1
