"""Templates in keys: only values are rendered, so the vendor would be sent the template itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Problem, Route
from pipeforge.language.saying import say
from pipeforge.language.templating import OPEN
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    if not any(OPEN in key for key in subject.document.keys):
        return
    for section in ("custom_variables", "records", "connections"):
        yield from _keys(subject.data.get(section), (section,))
    for step in subject.steps.values():
        yield from _keys(step.data.get("with"), (*step.route, "with"))


def _keys(value: Any, route: Route) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if OPEN in key:
                message = say("a key cannot be a template: only values are rendered")
                yield Problem((*route, key), message, say("write the key itself"), on_key=True)
            yield from _keys(inner, (*route, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _keys(inner, (*route, index))


RULE = Rule("PF311", "template-as-key", "error", say("a key is a template"), check)
