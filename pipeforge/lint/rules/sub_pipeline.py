"""Steps that run another pipeline: whether it is there and can be run, and whether its variables fit."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.declaring import TYPES, declared, fits
from pipeforge.language.diagnostics import Fix, Problem, Route
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import OPEN
from pipeforge.language.types import NOUNS
from pipeforge.lint.children import ABSENT, PROBLEM
from pipeforge.lint.known_types import KnownTypes
from pipeforge.lint.mending import rename
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import StepView, Subject
from pipeforge.lint.wording import said

_TAKES: Mapping[str, frozenset[str]] = {
    "string": frozenset(["text", "time"]),
    "integer": frozenset(["int"]),
    "number": frozenset(["int", "number"]),
    "boolean": frozenset(["bool"]),
    "array": frozenset(["list"]),
    "object": frozenset(["mapping"]),
}
"""By declared type, what a template may give."""


def unfit(subject: Subject) -> Iterator[Problem]:
    yield from subject.problems.get(PROBLEM, ())
    yield from subject.problems.get(ABSENT, ())


def handed(subject: Subject) -> Iterator[Problem]:
    types = KnownTypes(subject)
    for id_, path in subject.runs.items():
        step, child = subject.steps[id_], subject.children[path]
        params = subject.params.get(id_)
        given = params.get("custom_variables", {}) if isinstance(params, Mapping) else None
        if not isinstance(given, Mapping):
            continue
        route = (*step.route, "with", "custom_variables")
        file = child.document.path.name
        for name, value in given.items():
            if name not in child.variables:
                yield _unknown(file, name, (*route, name), child)
                continue
            wrong = _wrong(child.variables[name], value, types, step)
            if wrong is not None:
                yield Problem((*route, name), *wrong)
        yield from _missing(step, file, child, given)


def _unknown(file: str, name: str, route: Route, child: Subject) -> Problem:
    near = nearest(name, child.variables)
    message = say("'{file}' has no custom variable '{name}'", file=file, name=name)
    hint = suggest(name, child.variables, say("custom variables"))
    fix: Fix | None = rename(route, near) if near else None
    return Problem(route, message, hint, on_key=True, fix=fix)


def _missing(step: StepView, file: str, child: Subject, given: Mapping[str, Any]) -> Iterator[Problem]:
    meant = {nearest(name, child.variables) for name in given if name not in child.variables}
    for name, declaration in child.variables.items():
        if not declared(declaration) or declaration.get("default") is not None:
            continue
        if name in given or name in meant:
            continue
        message = say("'{file}' must be given its custom variable '{name}'", file=file, name=name)
        hint = say("add it under with: custom_variables: {name}: …, or give it a default there", name=name)
        route = (*step.route, "with", "custom_variables") if given else (*step.route, "with")
        yield Problem(route, message, hint, on_key=True)


def _wrong(declaration: Any, value: Any, types: KnownTypes, step: StepView) -> tuple[Said, Said] | None:
    """What is wrong with a value for a declared variable, and the mend."""
    type_ = declaration.get("type") if declared(declaration) else None
    if type_ not in TYPES:
        return None
    if isinstance(value, str) and OPEN in value:
        found = types.of_text(value, step)
        if not found.known or found.sort in _TAKES[type_]:
            return None
        message = say("'{type}' is declared there, but this gives {noun}", type=type_, noun=NOUNS[found.sort])
        return message, say("turn it into {type} with a filter", type=type_)
    if not fits(value, type_) and not (isinstance(value, list | Mapping) and type_ in ("array", "object")):
        message = say("'{type}' is declared there, but this is {value}", type=type_, value=said(value))
        return message, say("give a value of type {type}", type=type_)
    choices = declaration.get("enum")
    if isinstance(choices, list) and value not in choices:
        hint = suggest(str(value), [str(one) for one in choices], say("values"))
        return say("'{value}' is not among the values declared there", value=value), hint
    return None


RULES = (
    Rule("PF211", "sub-pipeline", "error", say("a pipeline that a step runs cannot be run"), unfit),
    Rule("PF212", "handed-variable", "error", say("a variable handed to a pipeline does not fit it"), handed),
)
