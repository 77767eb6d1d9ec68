"""What one step (or one item of a foreach) has come to, and how each event changes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pipeforge.adapter import Evidence, Handle, Outcome
from pipeforge.engine.events import (
    AttemptFailed,
    StepCanceling,
    StepDeferred,
    StepFinished,
    StepIntended,
    StepObserved,
    StepReopened,
    StepSettled,
    StepTriggered,
    StepWaiting,
    StepWarned,
)

_NOTHING: Mapping[str, Any] = {}


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
    link: str = ""
    """Where to look, of an unknown outcome."""
    warnings: tuple[str, ...] = ()
    waiting: str = ""
    """For what it waits, or waited last, before it could start; told when that took a few seconds."""
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
    last: int = 0
    """The highest attempt ever intended: a key is never used for two triggers."""
    before: int = 0
    """The attempts made before it was opened again; `retry` does not count them."""
    stale: bool = False
    """The job under way was triggered before the step changed: once it is over, the step begins anew."""
    sure: bool = True
    """Nothing of it can have been among events that were lost."""
    settled: StepSettled | None = None
    """What a person said of it last."""
    origin: str = ""
    """The run it was taken over from."""
    left: bool = False
    """It is over, but its job may still be going on at the vendor."""

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
    step.last = max(step.last, event.attempt)
    step.sure = True


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


def _waiting(step: StepState, event: StepWaiting) -> None:
    step.waiting = event.detail


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
    step.link = event.link
    step.origin = event.origin
    step.left = event.left
    if event.outcome is not Outcome.UNKNOWN:
        step.evidence = _NOTHING  # of an unknown one a person may still need it
    step.retry_at = None
    step.finished_at = event.at


def settle(step: StepState, event: StepSettled) -> None:
    """The step's own share of a person's word; the run's is in `state`."""
    clear(step)
    step.attempt = event.attempt
    step.last = max(step.last, event.attempt)
    step.settled = event
    step.sure = True
    step.evidence = _NOTHING
    if event.verdict == "not_started":
        step.phase = Phase.DEFERRED
    elif event.verdict == "started":
        step.phase = Phase.TRIGGERED
        step.handle = event.handle
        step.adopted = True
        step.triggered_at = event.at
        step.intended_at = step.intended_at or event.at
    else:
        step.phase = Phase.FINISHED
        step.outcome = Outcome(event.verdict)
        step.outputs = event.outputs
        step.finished_at = event.at


def clear(step: StepState) -> None:
    """As before its first event, but for what must never be forgotten: which attempts there were."""
    step.phase = Phase.WAITING
    step.outcome = step.handle = step.canceling = None
    step.word = step.detail = step.hint = step.link = step.origin = ""
    step.outputs = _NOTHING
    step.accepted = step.adopted = step.stale = step.left = False
    step.triggered_at = step.finished_at = step.retry_at = None


def reopen(step: StepState) -> None:
    """The step waits for its turn once more; an attempt it makes is a new one."""
    clear(step)
    step.before = step.last
    step.evidence = _NOTHING


def _reopened(step: StepState, event: StepReopened) -> None:
    if step.in_flight and event.reason != "over":
        step.stale = True
    else:
        reopen(step)


FOLDS: Mapping[type, Callable[[StepState, Any], None]] = {
    StepIntended: _intended,
    StepDeferred: _deferred,
    StepTriggered: _triggered,
    StepObserved: _observed,
    StepCanceling: _canceling,
    StepWarned: _warned,
    StepWaiting: _waiting,
    AttemptFailed: _attempt_failed,
    StepFinished: _finished,
    StepReopened: _reopened,
}
"""By event: what it does to its step."""
