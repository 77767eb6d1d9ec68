"""The same need given twice."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        if len(step.needs) < 2:
            continue
        first: dict[str, Place] = {}
        for need in step.needs:
            if need.text in first:
                also = ((first[need.text], say("first given here")),)
                fix = Fix(say("remove this one"), (Edit(Place(need.route), how="remove"),))
                message = say("'{text}' is needed twice", text=need.text)
                yield Problem(need.route, message, say("remove one"), see_also=also, fix=fix)
            first.setdefault(need.text, Place(need.route))


RULE = Rule("PF204", "repeated-need", "warning", say("a step lists the same need twice"), check)
