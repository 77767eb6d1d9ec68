"""Lines of a file with a gutter and carets under what is meant."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeforge.language.diagnostics import Span
from pipeforge.reports.display import shown, width

_BEFORE, _AFTER = 60, 100
"""Characters kept of a very long line, before and after the place."""


class Mark(NamedTuple):
    """A place to point at. The primary one is drawn with ^, the others with -."""

    span: Span
    label: str = ""
    primary: bool = False


class Row(NamedTuple):
    """One printed line: what stands left of it, its text, and which mark it draws, if any."""

    gutter: str
    text: str
    mark: Mark | None = None


def split(text: str) -> list[str]:
    """The lines of a text as positions count them."""
    return re.split(r"\r\n|\n|\r", text)


def rows(lines: Sequence[str], marks: Iterable[Mark]) -> list[Row]:
    """The marked lines in the file's order, each with its carets below it."""
    by_line: dict[int, list[Mark]] = {}
    for mark in sorted(marks, key=lambda mark: (mark.span, not mark.primary)):
        by_line.setdefault(mark.span.line, []).append(mark)
    digits = len(str(max(by_line)))
    out = [Row(" " * digits, "")]
    before = 0
    for number, here in by_line.items():
        if before and number > before + 1:
            out.append(Row(" " * digits, "…"))
        line = lines[number - 1] if number <= len(lines) else ""
        start = _cut(line, here)
        out.append(Row(str(number).rjust(digits), _clipped(line, start)))
        out += [Row(" " * digits, _carets(line, mark, start), mark) for mark in here]
        before = number
    return out


def _cut(line: str, marks: Sequence[Mark]) -> int:
    """Where a very long line is shown from."""
    first = min(mark.span.column for mark in marks) - 1
    return max(0, first - _BEFORE) if len(line) > _BEFORE + _AFTER else 0


def _clipped(line: str, start: int) -> str:
    piece = line[start : start + _BEFORE + _AFTER]
    after = "…" if start + len(piece) < len(line) else ""
    return ("…" if start else "") + shown(piece).rstrip() + after


def _carets(line: str, mark: Mark, start: int) -> str:
    span = mark.span
    left = span.column - 1
    right = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    right = min(right, start + _BEFORE + _AFTER)
    indent = width(shown(line[start:left])) + (1 if start else 0)
    count = max(1, width(shown(line[left:right])))
    drawn = ("^" if mark.primary else "-") * count
    return " " * indent + drawn + (f" {shown(mark.label)}" if mark.label else "")
