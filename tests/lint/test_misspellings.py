"""Every word of a valid pipeline misspelt by one edit: one finding, at the place, with the right word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeforge.language.diagnostics import Place
from pipeforge.language.document import parse
from pipeforge.language.filters import FILTERS
from pipeforge.language.templating import template

TEXT = (Path(__file__).parent / "ok" / "everything.yaml").read_text(encoding="utf-8")
DOCUMENT = parse(Path("pipeline.yaml"), TEXT)

FREE = [
    # Names that the author chooses, where they are given; where they are used they are checked.
    ("custom_variables", "*"),
    ("custom_variables", "nested", "depth"),
    ("custom_variables", "nested", "depth", "width"),
    ("records", "*"),
    ("records", "arrival", "*"),
    ("records", "arrival", "Lines", "value", 0, "value", "*"),
    ("connections", "*"),
    ("steps", "*"),
    ("steps", "load_orders", "with", "custom_variables", "*"),
    ("steps", "load_shops", "with", "custom_variables", "*"),
    ("steps", "build_mart", "with", "params", "*"),
]
CHECKED = {"uses", "needs", "connection", "run_when", "backoff", "on_ambiguous", "on_interrupt", "accept"}
CHECKED |= {"vendor", "data_center", "on_no_job", "type"}
CHECKED_AT = [("custom_variables", "region", "default"), ("connections", "mart", "region")]


def free(route) -> bool:
    return any(
        len(route) == len(pattern) and all(p in ("*", r) for p, r in zip(pattern, route, strict=True))
        for pattern in FREE
    )


def walk(value, route=()) -> Iterator[tuple[tuple, object]]:
    yield route, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*route, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, (*route, index))


def sites() -> Iterator[tuple[Place, str]]:
    """Every place with a word that lint knows."""
    for route, value in walk(DOCUMENT.data):
        if route and isinstance(route[-1], str) and not free(route):
            yield Place(route, on_key=True), route[-1]
        if isinstance(value, str):
            yield from values(route, value)


def values(route, value) -> Iterator[tuple[Place, str]]:
    key = next(part for part in reversed(route) if isinstance(part, str))
    found = template(value)
    if found is None:
        if key in CHECKED or route in CHECKED_AT:
            yield Place(route), value
        return
    for expression in found.expressions:
        for path in expression.paths:
            for position, part in enumerate(path):
                secret = path[0] == "secrets" and position > 0
                if not secret:
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


def offset(line: int, column: int) -> int:
    return sum(len(text) for text in TEXT.splitlines(keepends=True)[: line - 1]) + column - 1


def cases():
    for place, word in sites():
        span = DOCUMENT.locate(place)
        start, end = offset(span.line, span.column), offset(span.end_line, span.end_column)
        assert word in TEXT[start:end], (place, TEXT[start:end])
        start = TEXT.index(word, start, end)
        for wrong in edits(word):
            yield pytest.param(
                start, word, wrong, span, id=f"{'.'.join(map(str, place.route))}:{word}->{wrong}"
            )


CASES = list(cases())


def test_the_pipeline_uses_most_of_the_language_and_is_clean(lint):
    assert lint(TEXT).diagnostics == ()
    assert len(CASES) > 500


@pytest.mark.parametrize(("start", "word", "wrong", "span"), CASES)
def test_one_edit_gives_one_finding_with_the_right_word(lint, start, word, wrong, span):
    found = lint(TEXT[:start] + wrong + TEXT[start + len(word) :]).diagnostics
    told = [(one.code, one.span, one.message, one.hint) for one in found]
    assert len(found) == 1, told
    only = found[0]
    assert (only.span.line, only.span.column) == (span.line, span.column), told
    assert f"did you mean '{word}'?" in (only.hint or ""), told
