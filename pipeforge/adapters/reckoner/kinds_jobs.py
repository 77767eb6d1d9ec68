"""What a pipeline can ask about Reckoner's jobs, and the request that stops one."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from pipeforge.adapter import Guarantee, Kind, Role, Traits
from pipeforge.adapters.accepting import is_late
from pipeforge.adapters.reckoner import naming
from pipeforge.adapters.reckoner.kinds import CONFIG, ReckonerConnection, RunWorkflowOutputs
from pipeforge.language.refusing import refused
from pipeforge.language.saying import say

Number = Annotated[int, Field(ge=1)]
"""Reckoner's numbers: whole, from 1, without a sign of what they count."""
Most = Annotated[int | None, Field(ge=1)]
"""At most so many of a list; None for all."""

ALL_PAGES = say("leave it out: all pages are read")


def _day(value: Any) -> Any:
    if value is None or (isinstance(value, str) and is_late(value)):
        return value
    try:
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    hint = say('write it as "2026-01-31", or ${{ context_time | date("%Y-%m-%d", tz="Asia/Tokyo") }}')
    raise refused("day", say("'{given}' is not a day", given=str(value)), hint)


Day = Annotated[str | None, BeforeValidator(_day)]
"""A day of Japan, `YYYY-MM-DD`."""


class GetJobParams(BaseModel):
    """Parameters of reckoner.get_job."""

    model_config = CONFIG

    workflow_id: Number = Field(examples=[42])
    """The number of the workflow whose job it is."""
    job_id: Number = Field(examples=["${{ steps.build_segments.outputs.id }}"])
    """The job's number."""


class GetJobOutputs(RunWorkflowOutputs):
    """Outputs of reckoner.get_job. `status` is Reckoner's word at the time of asking."""

    trigger: str | None = None
    """Who started it: button, scheduled, webhook or external_api (as pipeforge does)."""


class ListJobsParams(BaseModel):
    """Parameters of reckoner.list_jobs."""

    model_config = CONFIG

    workflow_id: Number = Field(examples=[42])
    """The number of the workflow whose jobs are listed."""
    started_at: Day = Field(default=None, examples=["2026-01-31"])
    """Only jobs that started on this day of Japan or later."""
    ended_at: Day = Field(default=None, examples=["2026-01-31"])
    """Only jobs that ended on this day of Japan or earlier."""
    limit: Most = None
    """At most so many jobs, those with the highest numbers; by default all."""


class ListedJob(BaseModel):
    """One job of a list."""

    model_config = CONFIG

    id: int
    """The job's number."""
    status: str
    """Reckoner's word for how it goes or ended."""
    trigger: str
    """Who started it: button, scheduled, webhook or external_api."""
    started_at: str | None = None
    """When it started, as Reckoner writes it; not told before."""
    ended_at: str | None = None
    """When it ended."""


class ListJobsOutputs(BaseModel):
    """Outputs of reckoner.list_jobs."""

    model_config = CONFIG

    jobs: list[ListedJob]
    """The jobs, the highest number first: Reckoner documents no order of its own."""


class CancelJobParams(BaseModel):
    """Parameters of reckoner.cancel_job."""

    model_config = CONFIG

    workflow_id: Number = Field(examples=[42])
    """The number of the workflow whose job it is."""
    job_id: Number = Field(examples=["${{ steps.build_segments.outputs.id }}"])
    """The job's number."""


class CancelJobOutputs(BaseModel):
    """Outputs of reckoner.cancel_job."""

    model_config = CONFIG

    id: int
    """The job's number."""
    workflow_id: int
    """The workflow's number."""
    status_before: str
    """Reckoner's word for the job before it was asked to stop; one that was over stays as it is."""


_CALLED = {"id": "job_id", "job": "job_id", "workflow": "workflow_id"}

GET_JOB = Kind(
    name="reckoner.get_job",
    params=GetJobParams,
    outputs=GetJobOutputs,
    connection=ReckonerConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Asks how a job goes or ended. A job that failed or still goes is an answer like any other: the step "
    "succeeds. A job that Reckoner does not know (NOT_FOUND) fails the step. Reckoner's operation "
    "getWorkflowJob.",
    recovery="asked again",
    traits=Traits(names=naming.JOB, called=_CALLED),
)

LIST_JOBS = Kind(
    name="reckoner.list_jobs",
    params=ListJobsParams,
    outputs=ListJobsOutputs,
    connection=ReckonerConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Lists a workflow's jobs, all pages of them. A project that saves no job results has an empty list. "
    "Reckoner's operation listWorkflowJobs.",
    recovery="asked again",
    traits=Traits(
        names=naming.WORKFLOW,
        called={"id": "workflow_id", "workflow": "workflow_id", "since": "started_at", "until": "ended_at"},
        lacks={"page": ALL_PAGES},
    ),
)

CANCEL_JOB = Kind(
    name="reckoner.cancel_job",
    params=CancelJobParams,
    outputs=CancelJobOutputs,
    connection=ReckonerConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.CHANGES,
    doc="Asks Reckoner to stop a job, and does not wait until it has stopped: it may still complete, and "
    "what it has written stays. A job that is over is no error. A job that Reckoner does not know "
    "(NOT_FOUND) and an inactive subscription (SUBSCRIPTION_INACTIVE) fail the step. Reckoner's operation "
    "cancelWorkflowJobs.",
    recovery="asked again",
    traits=Traits(names=naming.JOB, called=_CALLED),
)
