"""Steps that wait for each other in a ring."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Place, Problem
from pipeforge.language.saying import say
from pipeforge.lint.graph import rings
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Name, Subject


def check(subject: Subject) -> Iterator[Problem]:
    for ring in rings(subject.edges()):
        pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
        needs = [_need(subject, step, other) for step, other in pairs]
        also = tuple(
            (Place(need.route), say("'{step}' needs '{other}'", step=step, other=other))
            for need, (step, other) in zip(needs[1:], pairs[1:], strict=True)
        )
        spelt = " -> ".join([*ring, ring[0]])
        hint = say("remove one of these needs")
        yield Problem(
            needs[0].route, say("steps need each other in a ring: {spelt}", spelt=spelt), hint, see_also=also
        )


def _need(subject: Subject, step: str, other: str) -> Name:
    return next(need for need in subject.steps[step].needs if need.text == other)


RULE = Rule("PF203", "cycle", "error", say("steps need each other in a ring"), check)
