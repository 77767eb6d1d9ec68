"""Custom variables whose default their own declaration does not allow."""

from collections.abc import Iterator
from typing import Any

from pipeforge.language.declaring import TYPES, declared, fits
from pipeforge.language.diagnostics import Problem, Route
from pipeforge.language.nearest import suggest
from pipeforge.language.saying import say
from pipeforge.language.templating import OPEN
from pipeforge.lint.mending import choice
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject
from pipeforge.lint.wording import said


def check(subject: Subject) -> Iterator[Problem]:
    for name, variable in subject.variables.items():
        if declared(variable) and variable["type"] in list(TYPES):
            yield from _declaration(variable, ("custom_variables", name))


def _declaration(variable: dict[str, Any], route: Route) -> Iterator[Problem]:
    default, choices = variable.get("default"), variable.get("enum")
    where = (*route, "default")
    if isinstance(default, str) and OPEN in default:
        hint = say(
            "a default is fixed; for a computed variable write the template instead of the declaration"
        )
        yield Problem(where, say("a default cannot be a template"), hint)
        return
    if isinstance(choices, list):
        for index, one in enumerate(choices):
            if not fits(one, variable["type"]):
                message = say(
                    "'{type}' was declared, but {value} is among the values",
                    type=variable["type"],
                    value=said(one),
                )
                yield Problem(
                    (*route, "enum", index),
                    message,
                    say("give values of type {type}", type=variable["type"]),
                )
    if default is None:
        return
    if not fits(default, variable["type"]):
        message = say(
            "'{type}' was declared, but the default is {default}",
            type=variable["type"],
            default=said(default),
        )
        yield Problem(where, message, say("give a default of type {type}", type=variable["type"]))
    elif isinstance(choices, list) and default not in choices:
        hint = suggest(str(default), [str(one) for one in choices], say("values"))
        fix = choice(where, default, [one for one in choices if isinstance(one, str)])
        yield Problem(
            where, say("the default '{default}' is not among the values", default=default), hint, fix=fix
        )


RULE = Rule("PF108", "variable-default", "error", say("a default does not fit its declaration"), check)
