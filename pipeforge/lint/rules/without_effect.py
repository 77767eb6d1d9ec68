"""What a step asks for and its kind cannot give: canceling, outcomes to accept."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject

_OUTCOMES = ("skipped", "canceled", "failed")


def canceling(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        if step.kind is None or step.kind.cancellable or step.data.get("on_interrupt") != "cancel":
            continue
        route = (*step.route, "on_interrupt")
        message = say("a job of '{kind}' cannot be canceled", kind=step.kind.name)
        hint = say("remove it: the job goes on, and `pipeforge resume` finds it")
        fix = Fix(say("remove it"), (Edit(Place(route), how="remove"),))
        yield Problem(route, message, hint, fix=fix)


def accepting(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        accepted = step.data.get("accept")
        if step.kind is None or not isinstance(accepted, list):
            continue
        gives = step.kind.traits.gives
        for index, outcome in enumerate(accepted):
            if outcome in _OUTCOMES and outcome not in gives:
                route = (*step.route, "accept", index)
                message = say(
                    "a job of '{kind}' never ends as '{outcome}'", kind=step.kind.name, outcome=outcome
                )
                hint = say("remove it; it can end as {outcomes}", outcomes=", ".join(sorted(gives)))
                # Removing the last one leaves an empty list, so the whole key goes.
                place = Place(route if len(accepted) > 1 else (*step.route, "accept"))
                fix = Fix(say("remove it"), (Edit(place, how="remove"),))
                yield Problem(route, message, hint, fix=fix)


RULES = (
    Rule("PF509", "cannot-cancel", "warning", say("a kind's jobs cannot be canceled"), canceling),
    Rule("PF510", "never-accepted", "warning", say("an outcome is accepted that never comes"), accepting),
)
