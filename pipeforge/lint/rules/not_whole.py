"""Conditions and foreach items, which want a value and not a text."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem, Route
from pipeforge.language.templating import OPEN, TemplateError, template
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject
from pipeforge.lint.wording import said


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        condition = step.data.get("if")
        if isinstance(condition, str) and not _whole(condition):
            yield _problem(condition, (*step.route, "if"), "true, false or one whole template")
        foreach = step.data.get("foreach")
        if not isinstance(foreach, Mapping) or "items" not in foreach:
            continue
        items = foreach["items"]
        if not isinstance(items, list) and not (isinstance(items, str) and _whole(items)):
            yield _problem(items, (*step.route, "foreach", "items"), "a list or one whole template")


def _whole(text: str) -> bool:
    try:
        found = template(text)
    except TemplateError:
        return True  # said by the rule for syntax
    return found is not None and found.whole


def _problem(value: Any, route: Route, wanted: str) -> Problem:
    message = f"'{route[-1]}' wants {wanted}, got {said(value)}"
    if not isinstance(value, str):
        return Problem(route, message, f"give {wanted}")
    if OPEN in value:
        return Problem(route, message, "put all of it into one ${{ }}")
    if "\n" in value:
        return Problem(route, message, "put ${{ }} around the expression")
    wrapped = f"${{{{ {value.strip()} }}}}"
    fix = Fix("make it a template", (Edit(Place(route), wrapped, "text"),), safe=False)
    return Problem(route, message, f"write {wrapped}", fix=fix)


RULE = Rule("PF308", "not-whole", "error", "a condition or a foreach's items is no whole template", check)
