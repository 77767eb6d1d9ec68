"""Reckoner's part of a world file."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from pipeforge.emulators.course import Course, Section
from pipeforge.emulators.reckoner.definitions import Definition, Integration, Project

WAITING = ("SUBMITTING", "RUNNABLE")


class TaskError(Section):
    """One entry of a failed job's `errors`."""

    task_name: str = "task 1"
    category: Literal["source", "transform", "analytics", "sink"] = "source"
    subcategory: str = "mysql"
    message: str = "the task failed"


class ReckonerCourse(Course):
    """How a job goes."""

    STAGES: ClassVar[Mapping[str, float]] = {"SUBMITTING": 0.1, "RUNNABLE": 0.2, "RUNNING": 0.7}
    outcome: Literal["COMPLETED", "FAILED", "CANCELED", "SERVER_ERROR"] = "COMPLETED"
    errors: list[TaskError] = Field(default_factory=lambda: [TaskError()])
    """Shown when the job failed."""
    appears_after: float = Field(default=0.0, ge=0)
    """Seconds until the job is in the list."""
    heeds_cancel: bool = True
    """Without it the job is `CANCEL_STARTED` and ends as it would have."""


class PastJob(ReckonerCourse):
    """A job that was there before; with long stages it still goes on."""

    ago: float = Field(default=3600.0, ge=0)
    """Seconds since it was made."""
    trigger: Literal["button", "scheduled", "webhook", "external_api"] = "scheduled"


class Workflow(Definition):
    """A workflow."""

    course: ReckonerCourse | list[ReckonerCourse] | None = None
    past_jobs: list[PastJob] = Field(default_factory=list)
    """Oldest first; they do not count among the jobs that `course` lists."""


class ReckonerWorld(Section):
    """What there is at Reckoner; without a list of workflows, every workflow exists."""

    credentials: list[str] | None = None
    """Access (`pat_`) and refresh (`prt_`) tokens that are accepted; absent, every well-formed one."""
    expired: list[str] = Field(default_factory=list)
    """Access tokens that have expired."""
    token_lifetime: float = Field(default=3600.0, gt=0)
    """Seconds that a refreshed access token lives."""
    course: ReckonerCourse = Field(default_factory=ReckonerCourse)
    workflows: dict[int, Workflow] | None = None
    projects: dict[int, Project] | None = None
    """Absent, every project exists."""
    integrations: dict[str, list[Integration]] = Field(default_factory=dict)
    """Connections to services, by service."""
    integrations_shape: Literal["beside", "nested"] = "beside"
    """Where the list has its services: beside `total` (the example) or below `integrations` (the schema)."""
    unsorted: bool = False
    """Whether the job list has no order."""
    unknown_parameter: Literal["ignore", "reject"] = "ignore"
    saves_job_result: bool = True
    """Without it the job list stays empty."""
    can_cancel: bool = True
    """Without it cancel answers 404, as before June 2026."""
    subscription_active: bool = True
    """Without it everything that writes answers 402."""
    cancelling: float = Field(default=0.2, ge=0)
    """Seconds that a job is `CANCEL_STARTED`."""
