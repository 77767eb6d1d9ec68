"""A step that waits for itself."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        own = next((need for need in step.needs if need.text == step.id), None)
        if own is not None:
            # Removing the last one leaves no list, so the whole key goes.
            route = own.route if len(step.needs) > 1 else (*step.route, "needs")
            fix = Fix(say("remove it"), (Edit(Place(route), how="remove"),), safe=False)
            message = say("'{id}' needs itself, so it can never start", id=step.id)
            yield Problem(own.route, message, say("remove it"), fix=fix)


RULE = Rule("PF202", "needs-itself", "error", say("a step needs itself"), check)
