"""Offsets in a text as an editor's positions: lines from 0, columns in the units both sides agreed on."""

import bisect
import re
from typing import NamedTuple

_BREAK = re.compile(r"\r\n|\n|\r")
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
"""By the protocol's name of an encoding: Python's, and the bytes of one unit."""

BOM = "\ufeff"

Point = tuple[int, int]
"""A line and a column in it, both from 0, the column in units."""


class Positions(NamedTuple):
    """One text as an editor counts it. Offsets are those of the text without its byte order mark."""

    text: str
    starts: tuple[int, ...]
    mark: int
    """How many code points of the first line offsets do not count."""
    encoding: str

    def point(self, offset: int) -> Point:
        """The position of an offset; one beyond the end is the end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect.bisect_right(self.starts, offset) - 1
        before = self.text[self.starts[line] : offset]
        return line, self._units(BOM * self.mark + before if line == 0 else before)

    def offset(self, point: Point) -> int:
        """The offset of a position; beyond a line's end it is that end, inside a character its beginning."""
        line, column = point
        if line >= len(self.starts):
            return len(self.text)
        start = self.starts[line]
        found = _BREAK.search(self.text, start)
        end = found.start() if found else len(self.text)
        units = column - (self._units(BOM) if line == 0 and self.mark else 0)
        name, size = _UNITS[self.encoding]
        for at in range(start, end):
            units -= len(self.text[at].encode(name, "surrogatepass")) // size
            if units < 0:
                return at
        return end

    def _units(self, text: str) -> int:
        name, size = _UNITS[self.encoding]
        return len(text) if text.isascii() else len(text.encode(name, "surrogatepass")) // size


def positions(text: str, encoding: str = "utf-16") -> Positions:
    """A text, with or without a byte order mark, in one of `utf-8`, `utf-16`, `utf-32`."""
    rest = text.removeprefix(BOM)
    starts = (0, *(found.end() for found in _BREAK.finditer(rest)))
    return Positions(rest, starts, len(text) - len(rest), encoding if encoding in _UNITS else "utf-16")
