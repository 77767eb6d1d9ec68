"""Finds every word of a file that lint knows, and misspells it by one edit."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeforge.language.diagnostics import Place, Span
from pipeforge.language.document import parse
from pipeforge.language.filters import FILTERS
from pipeforge.language.templating import template

ANY = "*"
FREE = [
    # Names that the author chooses, where they are given; where they are used they are checked.
    ("custom_variables", ANY),
    ("custom_variables", "nested", ANY),
    ("custom_variables", "nested", ANY, ANY),
    ("records", ANY),
    ("records", ANY, ANY),
    ("records", ANY, ANY, "value", ANY, "value", ANY),
    ("connections", ANY),
    ("environments", ANY),
    ("steps", ANY),
    ("steps", ANY, "with", "custom_variables", ANY),
    ("steps", ANY, "with", "params", ANY),
    ("steps", ANY, "with", "parameters", ANY),
]
CHECKED = {"uses", "needs", "connection", "run_when", "backoff", "on_ambiguous", "on_interrupt", "accept"}
CHECKED |= {"vendor", "data_center", "on_no_job", "on_conflict", "type", "timezone"}
CHECKED_AT = [("custom_variables", "region", "default"), ("connections", ANY, "region")]


@dataclass(frozen=True)
class Case:
    """One edit: from an offset, what stood there, what stands there now, and where that is."""

    start: int
    word: str
    wrong: str
    span: Span
    name: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.wrong + text[self.start + len(self.word) :]


def matches(route, patterns) -> bool:
    return any(
        len(route) == len(pattern) and all(p in (ANY, r) for p, r in zip(pattern, route, strict=True))
        for pattern in patterns
    )


def cases(text: str) -> Iterator[Case]:
    document = parse(Path("p.yaml"), text)
    lines = text.splitlines(keepends=True)
    for place, word in sites(document.data, ()):
        span = document.locate(place)
        start = sum(map(len, lines[: span.line - 1])) + span.column - 1
        end = sum(map(len, lines[: span.end_line - 1])) + span.end_column - 1
        assert word in text[start:end], (place, text[start:end])
        for wrong in edits(word):
            name = f"{'.'.join(map(str, place.route))}:{word}->{wrong}"
            yield Case(text.index(word, start, end), word, wrong, span, name)


def sites(value, route) -> Iterator[tuple[Place, str]]:
    """Every place with a word that lint knows."""
    if route and isinstance(route[-1], str) and not matches(route, FREE):
        yield Place(route, on_key=True), route[-1]
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from sites(inner, (*route, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from sites(inner, (*route, index))
    elif isinstance(value, str):
        yield from in_text(route, value)


def in_text(route, value) -> Iterator[tuple[Place, str]]:
    key = next(part for part in reversed(route) if isinstance(part, str))
    found = template(value)
    if found is None:
        free = "params" in route or "parameters" in route
        if (key in CHECKED and not free) or matches(route, CHECKED_AT):
            yield Place(route), value
        return
    for expression in found.expressions:
        for path in expression.paths:
            for position, part in enumerate(path):
                if path[0] != "secrets" or position == 0:
                    yield Place(route, within=expression.place(path[: position + 1])), part
        for name in expression.filters:
            start = value.index(name, expression.start)
            assert name in FILTERS
            yield Place(route, within=(start, start + len(name))), name


def edits(word: str) -> Iterator[str]:
    """One letter lost, added, changed, and two swapped; the first letter stays."""
    middle = max(1, len(word) // 2)
    yield word[:middle] + word[middle + 1 :]
    yield word[:middle] + "q" + word[middle:]
    yield word[:middle] + "q" + word[middle + 1 :]
    swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    if swapped != word:
        yield swapped
