"""What can happen to a run. Journal, state, report and resume are all views of one list of these."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeforge.adapter import Outcome
from pipeforge.engine.outlines import Backfill as Backfill
from pipeforge.engine.outlines import Instant as Instant
from pipeforge.engine.outlines import StepOutline as StepOutline


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    at: datetime
    """When, in UTC."""


class RunStarted(_Event):
    """The first event of every run: what is to be done, for which instant, with which values."""

    type: Literal["run_started"] = "run_started"
    version: Literal[1] = 1
    run: str
    pipeline: str
    path: str
    digest: str
    context_time: datetime
    timezone: str = "UTC"
    """The pipeline's, in which times are told to people."""
    again: int = 0
    """How many runs of the same pipeline and context_time came before this one."""
    environment: str | None = None
    custom_variables: dict[str, Any] = Field(default_factory=dict)
    """What --set gave, by name; the computed ones follow from the file."""
    steps: tuple[StepOutline, ...] = ()
    parent: dict[str, Any] | None = None
    """Where the run comes from when not from the command line: a rerun, a backfill, a parent run."""
    world: str = ""
    """Of a trial: the file of the emulators' world that --world named."""
    backfill: Backfill | None = None
    """The run is a backfill: it has no steps, but a run of its own for each instant."""
    taken_over: "tuple[StepFinished, ...]" = ()
    """What ended in the run that this one repeats, and is not done again. Here, so that both begin at once:
    a run without them would trigger everything anew."""


class StepIntended(_Event):
    """On disk before the request leaves. `step` names an item of a foreach as `id[0]`."""

    type: Literal["step_intended"] = "step_intended"
    step: str
    attempt: int
    key: str
    fingerprint: str = ""
    evidence: dict[str, Any] = Field(default_factory=dict)


class StepDeferred(_Event):
    """The intended trigger certainly did not start anything: another intent precedes the next try."""

    type: Literal["step_deferred"] = "step_deferred"
    step: str
    attempt: int
    detail: str = ""


class StepTriggered(_Event):
    """The vendor's job exists and this finds it. `adopted`: recovery found it, not our request's answer."""

    type: Literal["step_triggered"] = "step_triggered"
    step: str
    attempt: int
    handle: dict[str, Any]
    adopted: bool = False


class StepObserved(_Event):
    """The vendor's word for the job changed."""

    type: Literal["step_observed"] = "step_observed"
    step: str
    attempt: int
    word: str
    detail: str = ""


class StepCanceling(_Event):
    """On disk before the vendor is asked to stop the job, so that a resume knows whose doing its end was."""

    type: Literal["step_canceling"] = "step_canceling"
    step: str
    attempt: int
    reason: Literal["timeout", "interrupted", "canceled"]


class StepWarned(_Event):
    """Something a person should know that does not end the step."""

    type: Literal["step_warned"] = "step_warned"
    step: str
    attempt: int
    message: str


class StepWaiting(_Event):
    """The step could start, but what others do keeps it waiting: said once, when it took a few seconds."""

    type: Literal["step_waiting"] = "step_waiting"
    step: str
    attempt: int
    reason: Literal["running", "starts", "turn"]
    """So many jobs at once · so many starts in so much time · one start of the same thing after the other."""
    detail: str


class AttemptFailed(_Event):
    """A definite failure that `retry` answers with another attempt, not before `retry_at`."""

    type: Literal["attempt_failed"] = "attempt_failed"
    step: str
    attempt: int
    outcome: Outcome
    word: str = ""
    detail: str = ""
    retry_at: datetime


class StepFinished(_Event):
    """The step is over. `attempt` 0: it never started (blocked, skipped)."""

    type: Literal["step_finished"] = "step_finished"
    step: str
    attempt: int
    outcome: Outcome
    word: str = ""
    detail: str = ""
    hint: str = ""
    outputs: Any = Field(default_factory=dict)
    """A mapping; for a foreach a list of its items' mappings."""
    accepted: bool = False
    """The outcome counts as success because of `accept` or `allow_failure`."""
    link: str = ""
    """Of an unknown outcome: where in the vendor's screen to look."""
    origin: str = ""
    """The run in which it happened, when it was taken over from one."""
    left: bool = False
    """Its job may still be going on at the vendor, and nobody watches it any more."""


class StepSettled(_Event):
    """A person said what became of a step of which it could not be known; steps it blocked are open again."""

    type: Literal["step_settled"] = "step_settled"
    step: str
    attempt: int
    verdict: Literal["started", "not_started", "succeeded", "failed"]
    by: str
    """Who, as user@host."""
    reason: str = ""
    handle: dict[str, Any] | None = None
    """Of `started`."""
    checked: str = ""
    """The vendor's word for that job; empty when it was not asked."""
    outputs: dict[str, Any] = Field(default_factory=dict)
    """Of `succeeded`, as far as the person gave them."""


class StepReopened(_Event):
    """What the step came to does not count any more: it is judged anew, and may be triggered again.

    `changed`: its definition or inputs did; `upstream`: those of a step it needs. Of a job that goes on it
    means that its end will be awaited first; `over` is that end.
    """

    type: Literal["step_reopened"] = "step_reopened"
    step: str
    attempt: int
    reason: Literal["changed", "upstream", "over"]
    outcome: Outcome | None = None
    """How the last job ended, of `over`."""
    word: str = ""
    detail: str = ""


class TailLost(_Event):
    """Damaged events at the journal's end were cut off: what they told is not known any more."""

    type: Literal["tail_lost"] = "tail_lost"
    rows: int
    """How many; 0 where not even that is known."""


class RunWaiting(_Event):
    """Other runs hold every place that the pipeline's `concurrency` allows."""

    type: Literal["run_waiting"] = "run_waiting"
    detail: str


class RunResumed(_Event):
    """Another process took the run over."""

    type: Literal["run_resumed"] = "run_resumed"
    holder: str
    digest: str = ""
    steps: tuple[StepOutline, ...] = ()
    """The steps as they stand from now on; empty when nothing of them was changed."""


class RunCanceling(_Event):
    """A person wants the run to end for good. On disk before any of its jobs is canceled."""

    type: Literal["run_canceling"] = "run_canceling"
    by: str
    """Who, as user@host."""
    leave: bool = False
    """Jobs under way are left alone."""


class RunPaused(_Event):
    """The process left in order before the run was over.

    `left`: it was only to start its job. `undecided`: every step ended, and of one it cannot be known how.
    The run stays open, so that a decision can still be written into it. `canceling`: the vendor could
    not be asked what became of a start, so the run cannot end yet.
    """

    type: Literal["run_paused"] = "run_paused"
    reason: Literal["interrupted", "max_time", "left", "undecided", "canceling"]


class RunFinished(_Event):
    """The last event: nothing is ever triggered after it."""

    type: Literal["run_finished"] = "run_finished"
    outcome: Outcome
    """succeeded, failed or canceled; a run with an unknown step is not over."""
    outputs: dict[str, Any] = Field(default_factory=dict)
    """What the pipeline says under `outputs`, as far as its steps gave it."""


Event = Annotated[
    RunStarted
    | StepIntended
    | StepDeferred
    | StepTriggered
    | StepObserved
    | StepCanceling
    | StepWarned
    | StepWaiting
    | AttemptFailed
    | StepFinished
    | StepSettled
    | StepReopened
    | TailLost
    | RunWaiting
    | RunResumed
    | RunCanceling
    | RunPaused
    | RunFinished,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event, config=ConfigDict(defer_build=True))
"""Decodes any event; encode with `event.model_dump_json()`."""
