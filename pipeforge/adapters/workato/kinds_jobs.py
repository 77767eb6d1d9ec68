"""What a pipeline can ask of a recipe's jobs."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from pipeforge.adapter import Guarantee, Kind, Role, Traits
from pipeforge.adapters.workato import naming
from pipeforge.adapters.workato.kinds import CALLED, RecipeParams, WorkatoConnection
from pipeforge.adapters.workato.kinds_recipes import ALL_PAGES, ASKED_AGAIN, Limit


class ListJobsParams(RecipeParams):
    """Which recipe's jobs."""

    status: Literal["succeeded", "failed", "pending"] | None = None
    """Only those with this status.

    `pending`: not over, whether they wait or go on. `succeeded` and `failed`: over.
    """
    rerun_only: bool = False
    """Only those that were run again."""
    limit: Limit | None = None
    """At most so many, the newest; all when left out, which of a busy recipe are many."""


class JobRow(BaseModel):
    """One job. What it read and wrote is never told by Workato."""

    id: str
    """Opaque text such as `j-KGAKfhsz-GYoLe`."""
    title: str
    """What the recipe calls the event."""
    status: str
    """Workato's own word."""
    outcome: Literal["succeeded", "failed", "canceled", ""]
    """What that means; empty while it is not over."""
    started_at: str | None
    """ISO 8601; null while it waits."""
    completed_at: str | None
    """ISO 8601; null while it is not over."""
    error: str
    """Why it failed, at most 500 characters; empty otherwise, and where Workato has erased it."""


class ListJobsOutputs(BaseModel):
    """The jobs, newest first."""

    jobs: list[JobRow]
    """One row a job."""
    count: int
    """How many there are in the list."""
    succeeded_count: int | None
    """How many of all the recipe's jobs succeeded, by Workato's own count."""
    failed_count: int | None
    """How many of all the recipe's jobs failed, by Workato's own count."""


class GetJobParams(RecipeParams):
    """Which job."""

    job_id: Annotated[str, Field(min_length=1, examples=["j-KGAKfhsz-GYoLe"])]
    """The job's id."""


class JobLine(BaseModel):
    """One line of the recipe that the job came to."""

    number: int
    """The line's number in the recipe."""
    application: str
    """The connector."""
    operation: str
    """What it did, such as `send_mail`."""


class GetJobOutputs(JobRow):
    """The job."""

    recipe_id: int
    """The recipe's id."""
    is_test: bool
    """Whether it was a test run."""
    is_repeat: bool
    """Whether it was run again."""
    calling_job_id: str | None
    """The job whose recipe called this one."""
    root_job_id: str | None
    """The job at the head of such calls."""
    error_type: str
    """Workato's word for the sort of error; empty where there is none."""
    lines: list[JobLine]
    """The lines that it came to, as far as Workato tells."""


LIST_JOBS = Kind(
    name="workato.list_jobs",
    params=ListJobsParams,
    outputs=ListJobsOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    doc=(
        "Lists a recipe's jobs, newest first. Every page is read. The API client needs a right of its own to "
        "list jobs."
    ),
    recovery=ASKED_AGAIN,
    traits=Traits(
        names=naming.RECIPE,
        called={**CALLED, "rerun_jobs": "rerun_only"},
        lacks={"page": ALL_PAGES, "per_page": ALL_PAGES, "offset_job_id": ALL_PAGES, "prev": ALL_PAGES},
    ),
    role=Role.READS,
)

GET_JOB = Kind(
    name="workato.get_job",
    params=GetJobParams,
    outputs=GetJobOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    doc="Reads one job of a recipe: how it ended, why, and which lines it came to.",
    recovery=ASKED_AGAIN,
    traits=Traits(
        names=naming.JOB,
        called={"recipe": "recipe_id", "flow_id": "recipe_id", "id": "job_id", "job": "job_id"},
    ),
    role=Role.READS,
)
