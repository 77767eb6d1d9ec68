"""Needs that name no step. One missing step is one mistake, however many steps need it."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Place, Problem
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import say
from pipeforge.lint.mending import instead
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Name, Subject


def check(subject: Subject) -> Iterator[Problem]:
    missing: dict[str, list[Name]] = {}
    for step in subject.steps.values():
        for need in step.needs:
            if need.text not in subject.steps:
                missing.setdefault(need.text, []).append(need)
    for number, (text, needs) in enumerate(missing.items()):
        others = (
            [id_ for id_ in subject.steps if id_ != needs[0].route[1]] if number < subject.suggestions else []
        )
        fix = instead([Place(need.route) for need in needs], nearest(text, others))
        also = tuple((Place(need.route), say("needed here too")) for need in needs[1:])
        message = say("no step is called '{text}'", text=text)
        bounded = number < subject.suggestions
        hint = suggest(text, others, say("steps")) if bounded else say("look at the ids under steps")
        yield Problem(needs[0].route, message, hint, see_also=also, fix=fix)


RULE = Rule("PF201", "unknown-need", "error", say("a step needs one that is not there"), check)
