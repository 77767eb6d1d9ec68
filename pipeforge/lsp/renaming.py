"""Go to a definition, find all references, rename: over the places where things are named."""

import re
from pathlib import Path
from typing import NamedTuple

from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Place
from pipeforge.language.saying import Said, say
from pipeforge.lint.rules.step_id import ID
from pipeforge.lsp.naming import SORTS, Occurrence, Sort, occurrences
from pipeforge.lsp.view import Raw, View, spot

_NAME = re.compile(r"[^\W\d]\w{0,99}")
_PLAIN = frozenset(["true", "false", "null", "yes", "no", "on", "off"])
"""Words that YAML may take for something else than a text."""
_NOUNS: dict[Sort, Said] = {
    "steps": say("step"),
    "custom_variables": say("custom variable"),
    "records": say("record"),
    "connections": say("connection"),
}


class Target(NamedTuple):
    """Where something stands; `raw` None for the whole file."""

    path: Path
    raw: Raw | None


def named_at(view: View, at: int) -> Occurrence | None:
    """The thing that is named at an offset."""
    return next((one for one in occurrences(view) if one.raw and one.raw[0] <= at <= one.raw[1]), None)


def definition(view: View, at: int) -> Target | None:
    """Where the thing at an offset is defined: in this file, in the project file, or a record's own file."""
    file = _record_file(view, at)
    if file is not None:
        return Target(file, None)
    found = named_at(view, at)
    if found is None:
        return None
    for one in occurrences(view):
        if one.defines and (one.sort, one.name) == (found.sort, found.name):
            return Target(view.path, one.raw)
    return _shared(view, found.name) if found.sort == "connections" else None


def _shared(view: View, name: str) -> Target | None:
    connection = view.subject.connections.get(name)
    if connection is None or connection.path is None:
        return None
    document = view.subject.documents[connection.path]
    return Target(connection.path, document.exact(Place(connection.route, on_key=True)))


def _record_file(view: View, at: int) -> Path | None:
    found = spot(view, at)
    if found is None or found.on_key or len(found.route) != 3:
        return None
    first, _, last = found.route
    file = view.at(found.route)
    if (first, last) != ("records", "file") or not isinstance(file, str):
        return None
    path = view.path.parent / file
    # Only what lint has read itself: a file outside the project is not looked at.
    return path if path in view.subject.documents else None


def references(view: View, at: int, *, definitions: bool) -> list[Raw]:
    """Every place of this file that names the thing at an offset."""
    found = named_at(view, at)
    if found is None:
        return []
    return [
        one.raw
        for one in occurrences(view)
        if (one.sort, one.name) == (found.sort, found.name) and one.raw and (definitions or not one.defines)
    ]


def prepare(view: View, at: int) -> tuple[Raw, str] | None:
    """What would be renamed at an offset: its place and its name; None where nothing can be."""
    found = named_at(view, at)
    if found is None or found.raw is None or not _defined(view, found):
        return None
    return found.raw, found.name


def rename(view: View, at: int, name: str) -> list[Raw]:
    """The places to write the new name at. Raises UsageError for one that cannot be, with the reason."""
    if view.document.text != view.text:
        raise UsageError(say("the file is not YAML at this moment"), say("mend what lint says of it first"))
    found = named_at(view, at)
    if found is None:
        raise UsageError(say("nothing here can be renamed"), say("put the cursor on the name of a step"))
    noun = _NOUNS[found.sort]
    if not _defined(view, found):
        message = say("the {noun} '{name}' is not defined in this file", noun=noun, name=found.name)
        raise UsageError(message, say("rename it where it is"))
    _check(view, found.sort, name)
    same = [one for one in occurrences(view) if (one.sort, one.name) == (found.sort, found.name)]
    if any(one.raw is None for one in same):
        message = say("the {noun} '{name}' is also named where escapes hide it", noun=noun, name=found.name)
        raise UsageError(message, say("write it out there first"))
    found_at = sorted({one.raw for one in same if one.raw})
    if "-" in name and any(view.text[:start].rstrip().endswith(".") for start, _ in found_at):
        raise UsageError(
            say("templates could not say steps.{name}", name=name), say("write _ in the place of -")
        )
    return found_at


def _defined(view: View, found: Occurrence) -> bool:
    named = view.at((found.sort,))
    return isinstance(named, dict) and found.name in named and found.sort in SORTS


def _check(view: View, sort: Sort, name: str) -> None:
    noun = _NOUNS[sort]
    pattern: re.Pattern[str] = ID if sort == "steps" else _NAME
    if not pattern.fullmatch(name) or name.lower() in _PLAIN:
        hint = say("begin with a letter or _, then letters, digits and _")
        if sort == "steps":
            hint = say("begin with a letter or _, then letters, digits, _ and -")
        raise UsageError(say("'{name}' cannot be the name of a {noun}", name=name, noun=noun), hint)
    if name in (view.at((sort,)) or {}):
        message = say("there is a {noun} '{name}' already", noun=noun, name=name)
        raise UsageError(message, say("choose another name"))
