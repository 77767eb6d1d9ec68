"""A step that waits for itself."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        own = next((need for need in step.needs if need.text == step.id), None)
        if own is not None:
            yield Problem(own.route, f"'{step.id}' needs itself, so it can never start", "remove it")


RULE = Rule("PF202", "needs-itself", "error", "a step needs itself", check)
