"""Steps that no run can ever start."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        if step.data.get("run_when") == "failure" and "needs" not in step.data:
            message = f"'{step.id}' runs when a need fails, but it needs nothing: it never runs"
            hint = "add the steps whose failure it waits for to needs"
            yield Problem((*step.route, "run_when"), message, hint)
        elif step.data.get("if") is False:
            yield Problem((*step.route, "if"), f"'{step.id}' never runs", "remove the step, or the if")


RULE = Rule("PF205", "never-runs", "warning", "a step can never run", check)
