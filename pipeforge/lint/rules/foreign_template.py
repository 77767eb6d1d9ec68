"""Texts that were meant as templates, but are written as another tool would: they are sent as they stand."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem, Route
from pipeforge.language.saying import say
from pipeforge.language.scope import Names, within_foreach
from pipeforge.lint.foreign_templates import Foreign, find, suspect
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    if subject.document.broken or not suspect(subject.document.texts):
        return
    for section in ("custom_variables", "records"):
        yield from _below(subject.data.get(section), (section,), subject.names, digdag=False)
    for step in subject.steps.values():
        given = subject.params.get(step.id, step.data.get("with"))
        names = within_foreach(subject.names, step.item) if step.item else subject.names
        digdag = step.kind is not None and step.kind.vendor == "treasure"
        yield from _below(given, (*step.route, "with"), names, digdag=digdag)


def _below(value: Any, route: Route, names: Names, *, digdag: bool) -> Iterator[Problem]:
    if isinstance(value, str):
        for found in find(value, names, digdag=digdag):
            yield _problem(value, found, route)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            # What a recipe's code or a description says is for others.
            if key not in ("code", "description"):
                yield from _below(inner, (*route, key), names, digdag=digdag)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _below(inner, (*route, index), names, digdag=digdag)


def _problem(text: str, found: Foreign, route: Route) -> Problem:
    written = text[found.start : found.end]
    message = say("'{written}' is no template here: it is sent as it stands", written=written)
    fix = None
    if found.meant:
        edit = Edit(Place(route, within=(found.start, found.end)), f"${{{{ {found.meant} }}}}")
        fix = Fix(found.hint, (edit,), safe=False, reveals=True)
    return Problem(route, message, found.hint, within=(found.start, found.end), fix=fix)


RULE = Rule(
    "PF312", "foreign-template", "warning", say("a text looks like a template of another tool"), check
)
