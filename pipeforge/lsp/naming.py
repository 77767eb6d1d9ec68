"""Names in the source of templates: which one an offset is in, and where each thing is named."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from pipeforge.language.diagnostics import Place, Route
from pipeforge.language.templating import CLOSE, OPEN, TemplateError, find, template
from pipeforge.lsp.view import Raw, View

Sort = Literal["steps", "custom_variables", "records", "connections"]
"""What can be named: the sections whose keys are names."""

SORTS: tuple[Sort, ...] = ("steps", "custom_variables", "records", "connections")

_QUOTED = re.compile(r"'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'|\"[^\"\\\r\n]*(?:\\.[^\"\\\r\n]*)*\"")
_DOTTED = re.compile(
    r"(?<![\w.])[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*|\s*\[\s*(?:'[^'\"\\]*'|\"[^'\"\\]*\")\s*\])*"
)
_PART = re.compile(r"[^\W\d]\w*|(?<=['\"])[^'\"\\]*(?=['\"])")


class Part(NamedTuple):
    """One part of a dotted name in an expression."""

    path: tuple[str, ...]
    """The name up to and with this part."""
    start: int
    end: int
    is_filter: bool = False


def parts(source: str) -> Iterator[Part]:
    """Every part of every name in an expression, also in one that cannot be parsed; not in quoted texts."""
    hidden = [found.span() for found in _QUOTED.finditer(source)]
    for name in _DOTTED.finditer(source):
        if any(start <= name.start() < end for start, end in hidden):
            continue
        before = source[: name.start()].rstrip()
        if before.endswith("|"):
            first = _PART.match(source, name.start())
            if first:
                yield Part((first[0],), first.start(), first.end(), is_filter=True)
            continue
        path: tuple[str, ...] = ()
        for found in _PART.finditer(source, name.start(), name.end()):
            if source[found.start() : found.end()].strip(" .[]'\""):
                path = (*path, found[0])
                yield Part(path, found.start(), found.end())


def part_at(text: str, at: int) -> Part | None:
    """The part of a template's name that an offset of the text lies in; its offsets are the text's."""
    opened = text.rfind(OPEN, 0, at)
    if opened < 0:
        return None
    closed = text.find(CLOSE, opened)
    start, end = opened + len(OPEN), closed if closed >= 0 else min(len(text), opened + 2_000)
    if not start <= at <= end or "\n\n" in text[start:end]:
        return None
    for part in parts(text[start:end]):
        if start + part.start <= at <= start + part.end:
            return part._replace(start=start + part.start, end=start + part.end)
    return None


class Occurrence(NamedTuple):
    """One place where a thing is named."""

    sort: Sort
    name: str
    raw: Raw | None
    """Where the name stands; None where the source hides it behind escapes."""
    defines: bool = False


def occurrences(view: View) -> Iterator[Occurrence]:
    """Every place of a file where a step, a variable, a record or a connection is named."""
    yield from _definitions(view)
    steps = view.at(("steps",))
    for id_, step in steps.items() if isinstance(steps, Mapping) else ():
        if isinstance(step, Mapping):
            yield from _in_step(view, ("steps", id_), step)
    for route, text in find(view.data):
        if not _is_alias(view, route):
            yield from _in_text(view, route, text)


def _is_alias(view: View, route: Route) -> bool:
    """Whether a value stands elsewhere, and is only taken up here."""
    raw = view.document.exact(Place(route))
    return raw is None or view.text[raw[0] : raw[0] + 1] == "*"


def _definitions(view: View) -> Iterator[Occurrence]:
    for sort in SORTS:
        named = view.at((sort,))
        for name in named if isinstance(named, Mapping) else ():
            yield Occurrence(sort, name, _source(view, Place((sort, name), on_key=True), name), defines=True)


def _in_step(view: View, route: Route, step: Mapping[str, Any]) -> Iterator[Occurrence]:
    needs = step.get("needs")
    if _is_alias(view, (*route, "needs")):
        needs = None
    if isinstance(needs, str):
        yield Occurrence("steps", needs, _source(view, Place((*route, "needs")), needs))
    for index, need in enumerate(needs) if isinstance(needs, list) else ():
        if isinstance(need, str):
            yield Occurrence("steps", need, _source(view, Place((*route, "needs", index)), need))
    connection = step.get("connection")
    if isinstance(connection, str):
        raw = _source(view, Place((*route, "connection")), connection)
        yield Occurrence("connections", connection, raw)


def _in_text(view: View, route: Route, text: str) -> Iterator[Occurrence]:
    try:
        found = template(text)
    except TemplateError:
        return
    for expression in found.expressions if found else ():
        shift = expression.start + len(OPEN)
        for part in parts(expression.source):
            if len(part.path) == 2 and part.path[0] in ("steps", "custom_variables", "records"):
                sort: Sort = part.path[0]  # type: ignore[assignment]
                within = (shift + part.start, shift + part.end)
                raw = _source(view, Place(route, within=within), part.path[1])
                yield Occurrence(sort, part.path[1], raw)


def _source(view: View, place: Place, name: str) -> Raw | None:
    """Where exactly a name stands, without its quotes."""
    raw = view.document.exact(place)
    if raw is None:
        return None
    start, end = raw
    if view.text[start : start + 1] in ("'", '"') and end - start >= 2:
        start, end = start + 1, end - 1
    return (start, end) if view.text[start:end] == name else None
