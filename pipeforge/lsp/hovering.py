"""What an editor shows about the thing under the pointer."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeforge.language.diagnostics import Route
from pipeforge.lint.rules.suppression import MARK
from pipeforge.lsp import describing
from pipeforge.lsp.grammar import key
from pipeforge.lsp.naming import part_at
from pipeforge.lsp.view import Raw, Reference, Spot, View, spot

_CODE = re.compile(r"PF[0-9]{3}")


class Shown(NamedTuple):
    """A text in Markdown, and what it is about."""

    text: str
    raw: Raw


def hover(view: View, at: int, reference: Reference) -> Shown | None:
    """What is known of the thing at an offset; None where nothing is."""
    return next((shown for shown in _possible(view, at, reference) if shown.text), None)


def _possible(view: View, at: int, reference: Reference) -> Iterator[Shown]:
    yield from _code(view, at, reference)
    part = part_at(view.text, at)
    if part is not None:
        text = (
            describing.filter_(part.path[0])
            if part.is_filter
            else describing.name(view, reference, part.path)
        )
        item = _item(view, at, part.path)
        yield Shown(text or item, (part.start, part.end))
        return
    found = spot(view, at)
    if found is not None:
        text = _of_key(view, found.route) if found.on_key else _of_value(view, found, reference)
        yield Shown(text, found.raw)


def _code(view: View, at: int, reference: Reference) -> Iterator[Shown]:
    """A rule's code: in a comment of ours, or where the project file leaves rules out."""
    start = max(view.text.rfind("\n", 0, at), view.text.rfind("\r", 0, at)) + 1
    end = view.text.find("\n", at)
    line = view.text[start : end if end >= 0 else len(view.text)]
    if MARK in line or view.is_project:
        for code in _CODE.finditer(line):
            if start + code.start() <= at <= start + code.end():
                yield Shown(describing.rule(code[0], reference), (start + code.start(), start + code.end()))


def _item(view: View, at: int, path: tuple[str, ...]) -> str:
    """The item of a foreach."""
    found = spot(view, at)
    step = view.subject.steps.get(str(found.route[1])) if found and len(found.route) > 1 else None
    if step is None or step.item is None or path != (step.item,):
        return ""
    return f"**{step.item}**: the item of this step's `foreach`"


def _of_key(view: View, route: Route) -> str:
    match route:
        case ("steps", str(id_)):
            return describing.step(view, id_)
        case ("connections", str(name)):
            return describing.connection(view, name)
        case ("custom_variables", str(name)):
            return describing.variable_(view, name)
        case ("records", str(name)):
            return f"record **{name}**"
    found = key(view, route)
    return describing.key(found) if found else ""


def _of_value(view: View, found: Spot, reference: Reference) -> str:
    value = view.at(found.route)
    if not isinstance(value, str | bool):
        return ""
    catalog = reference.catalog
    match found.route:
        case ("steps", _, "uses"):
            return reference.kind_page(catalog.kinds[str(value)].kind) if value in catalog.kinds else ""
        case ("steps", _, "needs") | ("steps", _, "needs", _):
            return describing.step(view, str(value))
        case ("steps", _, "connection"):
            return describing.connection(view, str(value))
        case ("connections", _, "vendor"):
            return reference.vendor_page(str(value)) if value in catalog.vendors else ""
    known = key(view, found.route)
    word = str(value).lower() if isinstance(value, bool) else value
    meaning = known.words.get(word) if known else None
    return f"`{word}`: {meaning}" if meaning else ""
