"""The same need given twice."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        first: dict[str, Place] = {}
        for need in step.needs:
            if need.text in first:
                also = ((first[need.text], "first given here"),)
                fix = Fix("remove this one", (Edit(Place(need.route), how="remove"),))
                message = f"'{need.text}' is needed twice"
                yield Problem(need.route, message, "remove one", see_also=also, fix=fix)
            first.setdefault(need.text, Place(need.route))


RULE = Rule("PF204", "repeated-need", "warning", "a step lists the same need twice", check)
