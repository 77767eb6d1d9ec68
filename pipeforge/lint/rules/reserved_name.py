"""A foreach whose item would hide a name that templates need."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        if step.item is not None and step.item in (subject.names.children or {}):
            route = (*step.route, "foreach", "as")
            yield Problem(route, f"'{step.item}' is taken: templates need that name", "choose another name")


RULE = Rule("PF109", "reserved-name", "error", "a foreach's item hides a name of templates", check)
