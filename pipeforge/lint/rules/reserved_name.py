"""A foreach whose item would hide a name that templates need."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        if step.item is not None and step.item in (subject.names.children or {}):
            route = (*step.route, "foreach", "as")
            yield Problem(
                route,
                say("'{item}' is taken: templates need that name", item=step.item),
                say("choose another name"),
            )


RULE = Rule("PF109", "reserved-name", "error", say("a foreach's item hides a name of templates"), check)
