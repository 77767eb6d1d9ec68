"""Lines of a file with a gutter and carets under what is meant."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeforge.language.diagnostics import Span
from pipeforge.reports.display import shown, width

ROOM = 160
"""chosen: columns of a source line that are shown where no terminal says how many there are."""
_LEAST = 24
"""chosen: columns that are shown on however narrow a terminal."""


class Mark(NamedTuple):
    """A place to point at. The primary one is drawn with ^, the others with -."""

    span: Span
    label: str = ""
    primary: bool = False


class _Piece(NamedTuple):
    """The characters of a line that are shown."""

    start: int
    end: int


class Row(NamedTuple):
    """One printed line: what stands left of it, its text, and which mark it draws, if any."""

    gutter: str
    text: str
    mark: Mark | None = None


def split(text: str) -> list[str]:
    """The lines of a text as positions count them."""
    return re.split(r"\r\n|\n|\r", text)


def rows(lines: Sequence[str], marks: Iterable[Mark], columns: int | None = None) -> list[Row]:
    """The marked lines in the file's order, each with its carets below it.

    `columns`: how wide the terminal is; of a longer line only what stands around its first mark is shown.
    """
    by_line: dict[int, list[Mark]] = {}
    for mark in sorted(marks, key=lambda mark: (mark.span, not mark.primary)):
        by_line.setdefault(mark.span.line, []).append(mark)
    digits = len(str(max(by_line)))
    room = ROOM if columns is None else max(_LEAST, columns - digits - len(" | "))
    out = [Row(" " * digits, "")]
    before = 0
    for number, here in by_line.items():
        if before and number > before + 1:
            out.append(Row(" " * digits, "…"))
        line = lines[number - 1] if number <= len(lines) else ""
        piece = _piece(line, min(mark.span.column for mark in here) - 1, room)
        out.append(Row(str(number).rjust(digits), _clipped(line, piece)))
        out += [Row(" " * digits, _carets(line, mark, piece), mark) for mark in here]
        before = number
    return out


def _piece(line: str, place: int, room: int) -> _Piece:
    """All of a line that fits, else what stands around a place, with the places of two dots left free."""
    if len(line) <= room and width(shown(line)) <= room:
        return _Piece(0, len(line))
    start = place = min(place, len(line))
    before = room * 3 // 8
    while start and (before := before - width(shown(line[start - 1]))) >= 0:
        start -= 1
    left = room - (1 if start else 0) - 1
    end = start
    while end < len(line) and (left := left - width(shown(line[end]))) >= 0:
        end += 1
    return _Piece(start, end)


def _clipped(line: str, piece: _Piece) -> str:
    before, after = "…" if piece.start else "", "…" if piece.end < len(line) else ""
    return before + shown(line[piece.start : piece.end]).rstrip() + after


def _carets(line: str, mark: Mark, piece: _Piece) -> str:
    span = mark.span
    left = min(span.column - 1, piece.end)
    right = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    right = min(right, piece.end)
    indent = width(shown(line[piece.start : left])) + (1 if piece.start else 0)
    count = max(1, width(shown(line[left:right])))
    drawn = ("^" if mark.primary else "-") * count
    return " " * indent + drawn + (f" {shown(mark.label)}" if mark.label else "")
