"""Whether a step may start once all that it needs is over, and what a foreach is to go over then."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeforge.adapter import Outcome
from pipeforge.engine import binding
from pipeforge.engine.crowd import Crowd, End
from pipeforge.engine.events import StepFinished
from pipeforge.engine.needs import bad, judge
from pipeforge.engine.state import Phase, StepState
from pipeforge.planning import PlannedStep


def hindered(step: PlannedStep, states: Mapping[str, StepState], scope: binding.Scope) -> End | None:
    """How the step ends without a start; None when it may start."""
    verdict = judge(step, states)
    if verdict == "blocked":
        return End(Outcome.BLOCKED, f"needs {bad(step, states)}")
    if verdict == "not_needed":
        return End(Outcome.SKIPPED, "all that it needs succeeded")
    try:
        return None if binding.condition(step, scope) else End(Outcome.SKIPPED, "its `if` is false")
    except binding.Unbound as error:
        return End(Outcome.FAILED, error.detail, error.hint)


def crowd(
    step: PlannedStep, states: Mapping[str, StepState], scope: binding.Scope, earlier: Iterable[str]
) -> Crowd:
    """The items that are to be done, and whatever is going on of others: the step ends after both.

    `earlier`: the items that earlier processes left something of.
    """
    items: Sequence[Any] = ()
    end = hindered(step, states, scope)
    if end is None:
        try:
            items = binding.items(step, scope)
        except binding.Unbound as error:
            end = End(Outcome.FAILED, error.detail, error.hint)
    return Crowd(step, items, states, earlier, end)


def closed(step: PlannedStep, end: End, at: datetime) -> StepFinished:
    """The end of a step that has no job of its own."""
    return StepFinished(
        at=at,
        step=step.id,
        attempt=1 if end.outputs else 0,
        outcome=end.outcome,
        detail=end.detail,
        hint=end.hint,
        outputs={} if end.outputs is None else end.outputs,
        accepted=step.allow_failure and end.outcome is Outcome.FAILED,
    )


def given_up(crowd: Crowd, states: Mapping[str, StepState], at: datetime) -> list[StepFinished]:
    """The ends of what was begun and is not wanted any more, and has nothing going on."""
    return [
        StepFinished(
            at=at,
            step=id_,
            attempt=states[id_].attempt,
            outcome=Outcome.CANCELED,
            word=states[id_].word,
            detail="it is not wanted any more, and nothing of it is going on",
        )
        for id_ in crowd.gone
        if states[id_].outcome is None and states[id_].phase is not Phase.WAITING
    ]
