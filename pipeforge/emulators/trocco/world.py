"""trocco's part of a world file."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from pipeforge.emulators.course import Course, Section

WAITING = ("queued", "setting_up")


class TroccoCourse(Course):
    """How a transfer or workflow job goes."""

    STAGES: ClassVar[Mapping[str, float]] = {"queued": 0.1, "setting_up": 0.2, "executing": 0.7}
    outcome: Literal["succeeded", "error", "canceled", "skipped"] = "succeeded"


class Definition(Section):
    """A transfer or workflow definition."""

    name: str | None = None
    course: TroccoCourse | list[TroccoCourse] | None = None
    """One for all jobs, or one for each job in turn (the last goes on)."""
    is_runnable_concurrently: bool = True
    """Transfer jobs: without it a job is skipped while another of the definition is active."""
    is_concurrent_execution_skipped: bool = False
    """Workflow jobs: with it a job is skipped while another of the definition is active."""
    max_retries: int = Field(default=0, ge=0)
    """Workflow jobs: how often trocco itself runs one again whose course ends in `error`."""
    min_retry_interval: int = Field(default=0, ge=0)
    """Workflow jobs: minutes before each of these."""
    deleted: bool = False
    """Answered with 403, as the vendor does for what was deleted."""


class TroccoWorld(Section):
    """What there is at trocco; without a list of definitions, every definition exists."""

    credentials: list[str] | None = None
    """API keys that are accepted; absent, every well-formed one."""
    run_only_keys: list[str] = Field(default_factory=list)
    """Keys that may start jobs and not see them."""
    course: TroccoCourse = Field(default_factory=TroccoCourse)
    job_definitions: dict[int, Definition] | None = None
    pipeline_definitions: dict[int, Definition] | None = None
    unset_times: Literal["null", "absent"] = "null"
    """`started_at` and `finished_at` of a workflow job before there are any."""
    skipped_at_once: bool = False
    """Whether the answer to POST already says `skipped`."""
    interrupting: float = Field(default=0.2, ge=0)
    """Seconds that a job is `interrupting` before it is `canceled`."""
    turning: float = Field(default=0.2, ge=0)
    """Seconds that a workflow job is `error` before it is `retry_waiting`, and at least so long that too."""
    list_order: Literal["newest", "oldest", "shuffled"] = "newest"
    rate_limit: int = Field(default=3500, ge=1)
    """Calls in ten minutes."""
