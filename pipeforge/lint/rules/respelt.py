"""Numbers that lose their spelling where a text is meant: `1.10` becomes 1.1, `0x1F` 31."""

from collections.abc import Iterator
from typing import Any

from pipeforge.language.declaring import declared
from pipeforge.language.diagnostics import Edit, Fix, Place, Problem, Route
from pipeforge.language.saying import say
from pipeforge.language.types import MAPPING, TEXT
from pipeforge.lint.fitting import fits
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import StepView, Subject


def check(subject: Subject) -> Iterator[Problem]:
    if not subject.document.respelt:
        return
    refused = {fault.route for fault in subject.faults}
    for route, value in _texts(subject):
        if route in refused:
            continue
        raw = subject.document.exact(Place(route))
        written = subject.document.text[slice(*raw)] if raw else ""
        if written in subject.document.respelt:
            message = say("'{written}' is read as the number {value}", written=written, value=value)
            hint = say("put it in quotes if a text is meant")
            fix = Fix(say("put it in quotes"), (Edit(Place(route), how="quote"),), safe=False)
            yield Problem(route, message, hint, fix=fix)


def _texts(subject: Subject) -> Iterator[tuple[Route, Any]]:
    """Every number that ends up in a text, or may."""
    for name, variable in subject.variables.items():
        if not declared(variable):
            yield from _numbers(variable, ("custom_variables", name))
    yield from _numbers(subject.data.get("outputs"), ("outputs",))
    for step in subject.steps.values():
        foreach = step.data.get("foreach")
        items = foreach.get("items") if isinstance(foreach, dict) else None
        yield from _numbers(items, (*step.route, "foreach", "items"))
        for route, value in _numbers(subject.params.get(step.id), (*step.route, "with")):
            if _is_text(step, route[len(step.route) + 1 :]):
                yield route, value


def _is_text(step: StepView, route: Route) -> bool:
    """Whether a parameter takes texts alone, and numbers only in their place."""
    if step.kind is None:
        return False
    return fits(step.kind.params, route, TEXT) and not fits(step.kind.params, route, MAPPING)


def _numbers(value: Any, route: Route) -> Iterator[tuple[Route, Any]]:
    if type(value) in (int, float):
        yield route, value
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(inner, (*route, key))


RULE = Rule("PF016", "respelt-number", "warning", say("a number loses its spelling"), check)
