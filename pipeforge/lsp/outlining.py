"""The outline of a file: its steps, connections, variables and records, each with its place."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeforge.language.diagnostics import Place
from pipeforge.lsp.naming import SORTS
from pipeforge.lsp.view import Raw, View


class Entry(NamedTuple):
    """One line of the outline."""

    name: str
    detail: str
    sort: str
    whole: Raw
    """From its key to the end of its value."""
    key: Raw
    children: tuple["Entry", ...] = ()


def outline(view: View) -> list[Entry]:
    """In the order of the file."""
    sections = [*SORTS, "environments"] if view.is_project else list(SORTS)
    found = [entry for section in sections if (entry := _section(view, section)) is not None]
    return sorted(found, key=lambda entry: entry.key)


def _section(view: View, section: str) -> Entry | None:
    named = view.at((section,))
    if not isinstance(named, Mapping):
        return None
    whole, key = _places(view, (section,))
    return Entry(section, "", section, whole, key, tuple(_children(view, section, named))) if key[1] else None


def _children(view: View, section: str, named: Mapping[str, object]) -> Iterator[Entry]:
    for name, value in named.items():
        whole, key = _places(view, (section, name))
        detail = value.get("uses") or value.get("vendor") or "" if isinstance(value, Mapping) else ""
        if key[1]:
            yield Entry(name or " ", str(detail), section, whole, key)


def _places(view: View, route: tuple[str, ...]) -> tuple[Raw, Raw]:
    key = view.document.exact(Place(route, on_key=True)) or (0, 0)
    value = view.document.exact(Place(route)) or key
    return (key[0], max(key[1], value[1])), key
