"""Reckoner's part of a world file."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from pipeforge.emulators.course import Course, Section

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


class Workflow(Section):
    """A workflow."""

    name: str | None = None
    parameters: list[str] | None = None
    """Names that a run may override; absent, all."""
    course: ReckonerCourse | list[ReckonerCourse] | None = None


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
