"""Steps that no run can ever start."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        if step.data.get("run_when") == "failure" and "needs" not in step.data:
            message = say("'{id}' runs when a need fails, but it needs nothing: it never runs", id=step.id)
            hint = say("add the steps whose failure it waits for to needs")
            yield Problem((*step.route, "run_when"), message, hint)
        elif step.data.get("if") is False:
            yield Problem(
                (*step.route, "if"), say("'{id}' never runs", id=step.id), say("remove the step, or the if")
            )


RULE = Rule("PF205", "never-runs", "warning", say("a step can never run"), check)
