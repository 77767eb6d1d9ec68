"""What a run has come to: the fold of its events, used for replay and live alike."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeforge.adapter import Outcome
from pipeforge.engine.events import (
    Backfill,
    Event,
    RunCanceling,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    RunWaiting,
    StepOutline,
    StepSettled,
    StepWaiting,
    StepWarned,
    TailLost,
)
from pipeforge.engine.step_state import FOLDS, Phase, StepState, reopen, settle

__all__ = ["Phase", "RunState", "StepState", "apply", "doubted", "phase", "replay", "unknown"]

_NOTHING: Mapping[str, Any] = {}

# chosen: more than any vendor allows in one of its windows; bounds what a run of 100,000 steps remembers.
_RECENT = 256


@dataclass(slots=True)
class RunState:
    """A run, live or read back. Changed by `apply` alone."""

    run: str = ""
    pipeline: str = ""
    path: str = ""
    digest: str = ""
    context_time: datetime | None = None
    timezone: str = "UTC"
    """The pipeline's, in which times are told to people."""
    again: int = 0
    environment: str | None = None
    custom_variables: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    outlines: tuple[StepOutline, ...] = ()
    """The steps as they stood when the run started; `steps` has those that something happened to."""
    steps: dict[str, StepState] = field(default_factory=dict)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    resumed: int = 0
    paused: str | None = None
    """Why the last process left in order; None while one works, or when it was lost."""
    outcome: Outcome | None = None
    """None until the run is over for good."""
    outputs: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    """What it gives to a run that runs it."""
    waiting: str = ""
    """For what the run waits before anything of it starts; empty once something did."""
    parent: Mapping[str, Any] | None = None
    """The run it repeats, see `RunStarted.parent`."""
    world: str = ""
    """See `RunStarted.world`."""
    backfill: Backfill | None = None
    """Of a run that is one: what it does."""
    canceling: RunCanceling | None = None
    """Who wanted it to end for good; what is left to do is to end it, whoever goes on with it."""
    doubtful: bool = False
    """Events were lost: of a step that is not `sure` more may have happened than is known."""
    recent: deque[tuple[str, datetime]] = field(default_factory=lambda: deque(maxlen=_RECENT))
    """When the latest triggers were answered, oldest first: limits on starts are counted from these."""


def replay(events: Iterable[Event]) -> RunState:
    """The state that a list of events leads to. Pure."""
    state = RunState()
    for event in events:
        apply(state, event)
    return state


def phase(steps: Mapping[str, StepState], id_: str) -> Phase:
    """How far a step is, also one that nothing happened to yet."""
    step = steps.get(id_)
    return Phase.WAITING if step is None else step.phase


def doubted(state: RunState, id_: str) -> bool:
    """Whether events were lost that may have told of a trigger of this step."""
    if not state.doubtful:
        return False
    step = state.steps.get(id_)
    return step is None or not step.sure


def unknown(state: RunState) -> list[str]:
    """The steps and items that a person has to settle; of a foreach its items, not the foreach itself."""
    found = [id_ for id_, step in state.steps.items() if step.outcome is Outcome.UNKNOWN]
    crowds = {id_.partition("[")[0] for id_ in found if id_.endswith("]")}
    return [id_ for id_ in found if id_ not in crowds]


def apply(state: RunState, event: Event) -> None:
    """Folds one event into the state."""
    run_fold = _FOLDS.get(type(event))
    if run_fold is not None:
        run_fold(state, event)
        return
    assert not isinstance(
        event, RunStarted | RunResumed | RunPaused | RunFinished | TailLost | RunWaiting | RunCanceling
    )
    state.waiting = ""
    step = state.steps.get(event.step)
    if step is None:
        step = state.steps[event.step] = StepState(sure=not state.doubtful)
    asked = step.phase is Phase.INTENDED and type(event) not in (StepWarned, StepWaiting)
    FOLDS[type(event)](step, event)
    if asked:
        state.recent.append((event.step, event.at))


def _run_started(state: RunState, event: RunStarted) -> None:
    state.run = event.run
    state.pipeline = event.pipeline
    state.path = event.path
    state.digest = event.digest
    state.context_time = event.context_time
    state.timezone = event.timezone
    state.again = event.again
    state.environment = event.environment
    state.custom_variables = event.custom_variables
    state.outlines = event.steps
    state.started_at = event.at
    state.parent = event.parent
    state.world = event.world
    state.backfill = event.backfill
    for taken in event.taken_over:
        apply(state, taken)


def _run_resumed(state: RunState, event: RunResumed) -> None:
    state.resumed += 1
    state.paused = None
    state.digest = event.digest or state.digest
    state.outlines = event.steps or state.outlines


def _run_paused(state: RunState, event: RunPaused) -> None:
    state.paused = event.reason


def _run_finished(state: RunState, event: RunFinished) -> None:
    state.outcome = event.outcome
    state.outputs = event.outputs
    state.finished_at = event.at
    state.paused = None


def _settled(state: RunState, event: StepSettled) -> None:
    step = state.steps.get(event.step)
    if step is None:
        step = state.steps[event.step] = StepState(sure=not state.doubtful)
    settle(step, event)
    crowd = event.step.partition("[")[0]
    step.accepted = event.verdict == "failed" and any(
        outline.allow_failure for outline in state.outlines if outline.id == crowd
    )
    whole = state.steps.get(crowd)
    if crowd != event.step and whole is not None and whole.outcome is Outcome.UNKNOWN:
        reopen(whole)
    _unblock(state, crowd)
    if state.paused == "undecided" and not unknown(state):
        state.paused = "settled"


def _unblock(state: RunState, settled: str) -> None:
    """Opens what the step blocked, directly or through others: each is judged again when its turn comes."""
    dependents: dict[str, list[str]] = {}
    for outline in state.outlines:
        for need in outline.needs:
            dependents.setdefault(need, []).append(outline.id)
    todo = deque([settled])
    while todo:
        for id_ in dependents.pop(todo.popleft(), ()):
            step = state.steps.get(id_)
            if step is not None and step.outcome is Outcome.BLOCKED:
                reopen(step)
                todo.append(id_)


def _run_canceling(state: RunState, event: RunCanceling) -> None:
    state.canceling = event


def _tail_lost(state: RunState, event: TailLost) -> None:
    state.doubtful = True
    for step in state.steps.values():
        step.sure = False


def _run_waiting(state: RunState, event: RunWaiting) -> None:
    state.waiting = event.detail


_FOLDS: Mapping[type, Callable[[RunState, Any], None]] = {
    RunStarted: _run_started,
    RunResumed: _run_resumed,
    RunPaused: _run_paused,
    RunCanceling: _run_canceling,
    RunFinished: _run_finished,
    StepSettled: _settled,
    TailLost: _tail_lost,
    RunWaiting: _run_waiting,
}
"""By event: what it does to the whole run; all others are about one step alone."""
