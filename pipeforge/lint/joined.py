"""What a step says it needs, also where several names stand in one text."""

import re
from collections.abc import Container
from typing import Any

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem, Route
from pipeforge.language.nearest import nearest
from pipeforge.language.saying import say
from pipeforge.lint.readings import parts
from pipeforge.lint.subject import Name, Subject

_DASH = re.compile(r"[-－ー―—–−・•*][ \u3000]*(?P<name>\S+)")
"""What people write for the hyphen of a list, or without the blank that makes it one."""


def needs(subject: Subject, route: Route, given: Any) -> tuple[Name, ...]:
    """The names, each where it stands; what is no name alone is noted and read as it was meant."""
    ids = subject.data["steps"]
    if isinstance(given, str):
        return tuple(_read(subject, given, route, ids, alone=True))
    listed = enumerate(given) if isinstance(given, list) else ()
    return tuple(
        name
        for index, text in listed
        if isinstance(text, str)
        for name in _read(subject, text, (*route, index), ids, alone=False)
    )


def _read(subject: Subject, text: str, route: Route, ids: Container[str], *, alone: bool) -> list[Name]:
    if text in ids or text.isidentifier():
        return [Name(text, route)]
    dash = _DASH.fullmatch(text)
    if dash is not None and dash["name"] in ids:
        subject.note("joined-needs", _dashed(text, dash["name"], route, alone=alone))
        return [Name(dash["name"], route)]
    several = parts(text)
    if len(several) > 1 and any(
        part in ids or nearest(part, list(subject.data["steps"])) for part in several
    ):
        subject.note("joined-needs", _joined(text, several, route, alone=alone))
        return [Name(part, route) for part in several]
    return [Name(text, route)]


def _dashed(text: str, name: str, route: Route, *, alone: bool) -> Problem:
    hint = say("write '- {name}', a half-width hyphen and a space", name=name)
    fix = Fix(hint, (Edit(Place(route), f"- {name}"),), safe=False) if alone else None
    return Problem(route, say("'{text}' is no item of a list", text=text), hint, fix=fix)


def _joined(text: str, several: list[str], route: Route, *, alone: bool) -> Problem:
    listed = f"[{', '.join(several)}]"
    message = say("'{text}' is one text, not {count} steps", text=text, count=len(several))
    if not alone:
        return Problem(route, message, say("write {listed}, with half-width commas", listed=listed))
    hint = say("write {listed}", listed=listed)
    return Problem(route, message, hint, fix=Fix(hint, (Edit(Place(route), listed),), safe=False))
