"""What a run has come to: the fold of its events, used for replay and live alike."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pipeforge.adapter import Evidence, Handle, Outcome
from pipeforge.engine.events import (
    AttemptFailed,
    Event,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    StepCanceling,
    StepDeferred,
    StepFinished,
    StepIntended,
    StepObserved,
    StepOutline,
    StepTriggered,
    StepWarned,
)

_NOTHING: Mapping[str, Any] = {}

# chosen: more than any vendor allows in one of its windows; bounds what a run of 100,000 steps remembers.
_RECENT = 256


class Phase(StrEnum):
    """How far a step's latest attempt is."""

    WAITING = "waiting"
    DEFERRED = "deferred"
    """Certainly not started; the same attempt intends again."""
    INTENDED = "intended"
    """The trigger may have left; without a handle it must be recovered."""
    TRIGGERED = "triggered"
    RETRYING = "retrying"
    """The attempt failed; another follows, not before `retry_at`."""
    FINISHED = "finished"


@dataclass(slots=True)
class StepState:
    """One step, or one item of a foreach (`id[0]`)."""

    attempt: int = 0
    phase: Phase = Phase.WAITING
    key: str = ""
    fingerprint: str = ""
    evidence: Evidence = field(default_factory=lambda: _NOTHING)
    handle: Handle | None = None
    adopted: bool = False
    word: str = ""
    """The vendor's own, as last seen."""
    detail: str = ""
    hint: str = ""
    warnings: tuple[str, ...] = ()
    canceling: str | None = None
    """Why we asked the vendor to stop this attempt's job; None when we did not."""
    outcome: Outcome | None = None
    outputs: Any = field(default_factory=lambda: _NOTHING)
    accepted: bool = False
    intended_at: datetime | None = None
    """The latest intent of this attempt: a step's timeout counts from here."""
    triggered_at: datetime | None = None
    finished_at: datetime | None = None
    retry_at: datetime | None = None

    @property
    def ok(self) -> bool:
        """Whether what needs it may go on: it succeeded, was accepted, or its own `if` skipped it."""
        if self.outcome is Outcome.SUCCEEDED or self.accepted:
            return True
        return self.outcome is Outcome.SKIPPED and self.attempt == 0

    @property
    def in_flight(self) -> bool:
        """Whether a job of it may exist at the vendor, not yet over."""
        return self.phase is Phase.INTENDED or self.phase is Phase.TRIGGERED


@dataclass(slots=True)
class RunState:
    """A run, live or read back. Changed by `apply` alone."""

    run: str = ""
    pipeline: str = ""
    path: str = ""
    digest: str = ""
    context_time: datetime | None = None
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


def apply(state: RunState, event: Event) -> None:
    """Folds one event into the state."""
    fold = _FOLDS[type(event)]
    if isinstance(event, RunStarted | RunResumed | RunPaused | RunFinished):
        fold(state, event)
    else:
        step = state.steps.get(event.step)
        if step is None:
            step = state.steps[event.step] = StepState()
        asked = step.phase is Phase.INTENDED and type(event) is not StepWarned
        fold(step, event)
        if asked:
            state.recent.append((event.step, event.at))


def _run_started(state: RunState, event: RunStarted) -> None:
    state.run = event.run
    state.pipeline = event.pipeline
    state.path = event.path
    state.digest = event.digest
    state.context_time = event.context_time
    state.again = event.again
    state.environment = event.environment
    state.custom_variables = event.custom_variables
    state.outlines = event.steps
    state.started_at = event.at


def _run_resumed(state: RunState, event: RunResumed) -> None:
    state.resumed += 1
    state.paused = None
    state.digest = event.digest or state.digest


def _run_paused(state: RunState, event: RunPaused) -> None:
    state.paused = event.reason


def _run_finished(state: RunState, event: RunFinished) -> None:
    state.outcome = event.outcome
    state.finished_at = event.at
    state.paused = None


def _intended(step: StepState, event: StepIntended) -> None:
    step.attempt = event.attempt
    step.phase = Phase.INTENDED
    step.key = event.key
    step.fingerprint = event.fingerprint
    step.evidence = event.evidence or _NOTHING
    step.handle = None
    step.adopted = False
    step.canceling = None
    step.word = step.detail = ""
    step.intended_at = event.at
    step.triggered_at = step.retry_at = None


def _deferred(step: StepState, event: StepDeferred) -> None:
    step.attempt = event.attempt
    step.phase = Phase.DEFERRED
    step.evidence = _NOTHING
    step.detail = event.detail


def _triggered(step: StepState, event: StepTriggered) -> None:
    step.attempt = event.attempt
    step.phase = Phase.TRIGGERED
    step.handle = event.handle
    step.adopted = event.adopted
    step.evidence = _NOTHING  # of use only until there is a handle
    step.detail = ""
    step.triggered_at = event.at


def _observed(step: StepState, event: StepObserved) -> None:
    step.word = event.word
    step.detail = event.detail


def _canceling(step: StepState, event: StepCanceling) -> None:
    step.canceling = event.reason


def _warned(step: StepState, event: StepWarned) -> None:
    if event.message not in step.warnings:
        step.warnings = (*step.warnings, event.message)


def _attempt_failed(step: StepState, event: AttemptFailed) -> None:
    step.attempt = event.attempt
    step.phase = Phase.RETRYING
    step.word = event.word
    step.detail = event.detail
    step.retry_at = event.retry_at


def _finished(step: StepState, event: StepFinished) -> None:
    step.attempt = event.attempt
    step.phase = Phase.FINISHED
    step.outcome = event.outcome
    step.word = event.word
    step.detail = event.detail
    step.hint = event.hint
    step.outputs = event.outputs
    step.accepted = event.accepted
    step.evidence = _NOTHING
    step.retry_at = None
    step.finished_at = event.at


_FOLDS: Mapping[type, Callable[[Any, Any], None]] = {
    RunStarted: _run_started,
    RunResumed: _run_resumed,
    RunPaused: _run_paused,
    RunFinished: _run_finished,
    StepIntended: _intended,
    StepDeferred: _deferred,
    StepTriggered: _triggered,
    StepObserved: _observed,
    StepCanceling: _canceling,
    StepWarned: _warned,
    AttemptFailed: _attempt_failed,
    StepFinished: _finished,
}
