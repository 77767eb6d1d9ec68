"""Finds characters of a text value again in its YAML source, through quotes, escapes and folds."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

_Unit = tuple[int, int, int]
"""A piece of source that stands for characters of the value: from, to, how many of them are not blank."""

_DOUBLE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r\n|.)|[^\\]", re.DOTALL)
_SINGLE = re.compile(r"''|.", re.DOTALL)
_BLANK_ESCAPES = frozenset("\r\n\tntrvfLPN_ ")
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+")
_HEADER = re.compile(r"[|>][^\r\n]*(?:\r\n|\r|\n)?")


def align(source: str, value: str, start: int, end: int) -> tuple[int, int] | None:
    """Where value[start:end] stands in `source`, the value as it is written; None where that cannot be told.

    Blanks come and go in folds and indentation, all other characters keep their order: so those are counted.
    """
    first = start + len(value[start:end]) - len(value[start:end].lstrip())
    last = start + len(value[start:end].rstrip())
    if first >= last:
        return None
    counted = _counted if len(source) < _KEPT else _counted.__wrapped__
    units, solid = counted(source, value)
    before, inside = solid[first], solid[last] - solid[first]
    if len(units) != solid[-1] or not inside:
        return None
    return units[before][0], units[before + inside - 1][1]


_KEPT = 200_000
"""chosen: characters of a text that is kept taken apart; it is asked about as often as it has mistakes."""


@lru_cache(maxsize=2)
def _counted(source: str, value: str) -> tuple[list[_Unit], list[int]]:
    """The pieces that are no blanks, and how many such characters stand before each of the value's."""
    units = [unit for unit in _units(source) if unit[2]]
    return units, [0, *accumulate(not char.isspace() for char in value)]


def _units(source: str) -> Iterator[_Unit]:
    properties = _PROPERTIES.match(source)
    start = properties.end() if properties else 0
    if source.startswith('"', start):
        return _quoted(source, start, _DOUBLE)
    if source.startswith("'", start):
        return _quoted(source, start, _SINGLE)
    header = _HEADER.match(source, start)
    return _plain(source, header.end() if header else start)


def _plain(source: str, start: int) -> Iterator[_Unit]:
    for position in range(start, len(source)):
        yield position, position + 1, not source[position].isspace()


def _quoted(source: str, start: int, pattern: re.Pattern[str]) -> Iterator[_Unit]:
    body_end = len(source) - 1 if len(source) > 1 and source[-1] == source[start] else len(source)
    position = start + 1
    while position < body_end:
        found = pattern.match(source, position, body_end)
        assert found is not None
        yield found.start(), found.end(), _counts(found[0])
        position = found.end()


def _counts(piece: str) -> bool:
    """Whether a piece stands for a character that is no blank."""
    if not piece.startswith("\\") or len(piece) == 1:
        return not piece.isspace()
    if piece[1] in "xuU" and len(piece) > 2:
        return not chr(int(piece[2:], 16)).isspace()
    return piece[1] not in _BLANK_ESCAPES
