"""Completion inside ${{ }}: names by the section they stand in, and filters behind a bar."""

import re
from collections.abc import Iterator, Mapping

from pipeforge.language import scope
from pipeforge.language.filters import SIGNATURES
from pipeforge.language.scope import Names
from pipeforge.lint.misnamed import item_names
from pipeforge.lint.rules.too_early import EARLY
from pipeforge.lsp import describing
from pipeforge.lsp.cursor import Cursor
from pipeforge.lsp.items import Item, Look
from pipeforge.lsp.view import Reference, View

_TAIL = re.compile(r"(?P<path>(?:[^\W\d]\w*\s*\.\s*)*)(?P<word>(?:[^\W\d]\w*)?)$")
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_ARGUMENT = re.compile(r"\(")

_EARLY: Mapping[str, frozenset[str]] = {section: names for section, (names, _, _) in EARLY.items()}
"""By section, the names that have a value there; in other sections all but secrets have one."""

_LOOKS: Mapping[str, Look] = {"custom_variables": "variable", "steps": "step"}


def complete(view: View, cursor: Cursor, reference: Reference) -> list[Item]:
    """What the expression could go on with."""
    source = cursor.expression or ""
    bare = _STRING.sub(lambda found: "_" * len(found[0]), source)
    if "'" in bare or '"' in bare:
        return []  # inside a text
    tail = _TAIL.search(bare)
    assert tail is not None
    before = bare[: tail.start()].rstrip()
    if before.endswith("|"):
        return list(_filters()) if not tail["path"] else []
    path = tuple(part.strip() for part in tail["path"].split(".")[:-1])
    return list(_names(view, cursor, reference, path))


def word(cursor: Cursor) -> str:
    """What of a name stands before the cursor."""
    found = re.search(r"[^\W\d]?\w*$", cursor.expression or "")
    return found[0] if found else ""


def _filters() -> Iterator[Item]:
    for name, signature in SIGNATURES.items():
        takes = signature.partition("| ")[2].partition(" -> ")[0]
        called = _ARGUMENT.search(takes) is not None
        text = f"{name}($1)" if called else name
        yield Item(name, "filter", text, describing.filter_(name), signature, called)


def _names(view: View, cursor: Cursor, reference: Reference, path: tuple[str, ...]) -> Iterator[Item]:
    names = _scope(view, cursor)
    for part in path:
        names = (names.children or {}).get(part, scope.NOTHING)
    id_ = str(cursor.route[1]) if cursor.route[:1] == ("steps",) and len(cursor.route) > 1 else ""
    needed = _needed(view, id_)
    for name, inner in (names.children or {}).items():
        if path == ("steps",) and name == id_:
            continue
        text, back = (name, 0) if name.isidentifier() else (f"['{name}']", 1)
        look = _LOOKS.get(path[0], "name") if len(path) == 1 else "name"
        order = 0 if path != ("steps",) or name in needed else 1
        documentation = describing.name(view, reference, (*path, name))
        more = "…" if inner.children or inner is scope.ANYTHING else ""
        yield Item(name, look, text, documentation, f"{names.noun}{more}", order=order, back=back)


def _scope(view: View, cursor: Cursor) -> Names:
    """The names that have a value in the section of the cursor."""
    names = view.subject.names
    children = dict(names.children or {})
    section = str(cursor.route[0] if cursor.route else cursor.key)
    early = _EARLY.get("connections" if section == "environments" else section)
    if early is not None:
        children = {name: inner for name, inner in children.items() if name in early}
        if section not in ("connections", "environments"):
            children.pop("secrets", None)
        return Names(names.noun, children)
    children.pop("secrets", None)
    step = view.subject.steps.get(str(cursor.route[1])) if len(cursor.route) > 1 else None
    inside = cursor.route[2:3] != ("foreach",)
    found = Names(names.noun, children)
    if step is None or not step.item or not inside:
        return found
    return scope.within_foreach(found, step.item, item_names(view.subject, step))


def _needed(view: View, id_: str) -> set[str]:
    """The steps whose outputs a step may use: those that it needs, directly or through others."""
    edges, found, open_ = view.subject.edges(), set[str](), [id_]
    while open_:
        for need in edges.get(open_.pop(), ()):
            if need not in found:
                found.add(need)
                open_.append(need)
    return found
