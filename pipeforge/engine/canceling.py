"""How a run ends that a person canceled: what had begun is closed, what had not never begins."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from pipeforge.adapter import Outcome
from pipeforge.engine import binding
from pipeforge.engine.control import Cancel, Control
from pipeforge.engine.crowd import Crowd, End, Job, begun_before
from pipeforge.engine.events import RunCanceling, RunFinished, RunPaused, StepFinished
from pipeforge.engine.ledger import Ledger
from pipeforge.engine.state import Phase, RunState, StepState, unknown
from pipeforge.planning import Plan, PlannedStep

_UNTOLD = End(Outcome.CANCELED, "the run was canceled; what it goes over cannot be told any more")


def tell(ledger: Ledger, wish: Cancel, at: datetime) -> None:
    """Writes down who wanted it, unless an earlier process did; on disk before any job is canceled."""
    if ledger.state.canceling is None:
        ledger.note(RunCanceling(at=at, by=wish.by, leave=wish.leave))


def to_stop(
    plan: Plan, scope: binding.Scope, states: Mapping[str, StepState], control: Control
) -> Iterator[Job]:
    """At a stop: what goes on at the vendors and is to be canceled, whether its turn has come or not."""
    if control.aborted:
        return iter(())
    if control.reason == "canceled":
        return _under_way(plan, scope, states)
    return _to_interrupt(plan, states) if control.reason == "interrupted" else iter(())


def _to_interrupt(plan: Plan, states: Mapping[str, StepState]) -> Iterator[Job]:
    """Each alone, in no crowd: the run goes on one day, and of a foreach no more ends than this item."""
    steps = {step.id: step for step in plan.steps if step.on_interrupt == "cancel"}
    for id_, state in states.items():
        step = steps.get(id_.partition("[")[0])
        if step is not None and state.phase is Phase.TRIGGERED:
            yield Job(step, id_)


def _under_way(plan: Plan, scope: binding.Scope, states: Mapping[str, StepState]) -> Iterator[Job]:
    """What earlier processes began and is not over: to be stopped, or to be found out about."""
    earlier = begun_before(states)
    for step in plan.steps:
        if step.id in states and states[step.id].in_flight:
            yield Job(step, step.id)
        if step.id in earlier:
            yield from _crowd_of(step, scope, states, earlier[step.id]).begun()


def _crowd_of(
    step: PlannedStep, scope: binding.Scope, states: Mapping[str, StepState], earlier: Sequence[str]
) -> Crowd:
    """Where what a foreach goes over cannot be told, because what it needs was opened again, nothing."""
    try:
        return Crowd(step, binding.items(step, scope) if step.foreach else (), states, earlier)
    except binding.Unbound:
        return Crowd(step, (), states, earlier, _UNTOLD)


async def finish(ledger: Ledger, at: datetime, plan: Plan | None = None) -> Outcome | None:
    """Ends the run; None when it cannot be yet, because it is not known what became of a start.

    `plan`: what its steps are now, where jobs may be going on of others.
    """
    for closed in [*(removed(ledger.state, plan, at) if plan else ()), *closings(ledger.state, at)]:
        ledger.note(closed)
    last = end(ledger.state, at)
    await ledger.append(last)
    if isinstance(last, RunFinished):
        return last.outcome
    return Outcome.UNKNOWN if last.reason == "undecided" else None


def closings(state: RunState, at: datetime) -> list[StepFinished]:
    """The ends of all that had begun and has nothing going on. A step that never began keeps no trace."""
    closed = [_closed(id_, step, at) for id_, step in state.steps.items() if _begun(step)]
    over = {id_: step.outcome for id_, step in state.steps.items() if step.outcome is not None}
    over |= {event.step: event.outcome for event in closed}
    crowds = dict.fromkeys(id_.partition("[")[0] for id_ in over if id_.endswith("]"))
    return closed + [_crowd(crowd, over, at) for crowd in crowds if crowd not in over]


def _begun(step: StepState) -> bool:
    return step.outcome is None and not step.in_flight and bool(step.attempt)


def _closed(id_: str, step: StepState, at: datetime) -> StepFinished:
    why = "no further attempt" if step.phase is Phase.RETRYING else "nothing was started"
    said = f"the run was canceled; {why}" + (f" after: {step.detail}" if step.detail else "")
    return StepFinished(
        at=at, step=id_, attempt=step.attempt, outcome=Outcome.CANCELED, word=step.word, detail=said
    )


def _crowd(id_: str, over: dict[str, Outcome], at: datetime) -> StepFinished:
    ends = [outcome for item, outcome in over.items() if item.startswith(f"{id_}[")]
    outcome = Outcome.UNKNOWN if Outcome.UNKNOWN in ends else Outcome.CANCELED
    well = sum(end is Outcome.SUCCEEDED for end in ends)
    detail = f"the run was canceled; of {len(ends)} items that had begun {well} succeeded"
    return StepFinished(at=at, step=id_, attempt=1, outcome=outcome, detail=detail)


def left(state: RunState, at: datetime, own: Collection[str] = ()) -> list[StepFinished]:
    """The ends of the jobs that are known and go on, when they are to be left alone.

    `own`: the steps whose jobs are runs; those are ended themselves.
    """
    why = "the run was canceled; its job was left alone and may still be running"
    going = ((id_, step) for id_, step in state.steps.items() if step.phase is Phase.TRIGGERED)
    return [_left(id_, step, at, why) for id_, step in going if id_ not in own]


def removed(state: RunState, plan: Plan, at: datetime) -> list[StepFinished]:
    """The ends of the jobs of steps that the pipeline has no more: nobody can look at them."""
    why = "the pipeline has no such step any more; its job was left alone and may still be running"
    known = {step.id for step in plan.steps}
    going = ((id_, step) for id_, step in state.steps.items() if step.in_flight)
    return [_left(id_, step, at, why) for id_, step in going if id_.partition("[")[0] not in known]


def _left(id_: str, step: StepState, at: datetime, why: str) -> StepFinished:
    return StepFinished(
        at=at,
        step=id_,
        attempt=step.attempt,
        outcome=Outcome.CANCELED,
        word=step.word,
        detail=why,
        left=True,
    )


def end(state: RunState, at: datetime) -> RunFinished | RunPaused:
    """The run's last event, once its steps are closed. Of what is not known a person has to decide first."""
    if any(step.in_flight for step in state.steps.values()):
        return RunPaused(at=at, reason="canceling")
    if unknown(state):
        return RunPaused(at=at, reason="undecided")
    return RunFinished(at=at, outcome=Outcome.CANCELED)
