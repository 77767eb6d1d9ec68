"""trocco's part of a world file."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from pipeforge.emulators.core import Json
from pipeforge.emulators.course import Course, Section

WAITING = ("queued", "setting_up")


class TroccoCourse(Course):
    """How a transfer, workflow or data mart job goes."""

    STAGES: ClassVar[Mapping[str, float]] = {"queued": 0.1, "setting_up": 0.2, "executing": 0.7}
    outcome: Literal["succeeded", "error", "canceled", "skipped"] = "succeeded"


class Variable(Section):
    """A custom variable of a definition."""

    name: str = Field(pattern=r"^\$.+\$$")
    type: Literal["string", "timestamp", "timestamp_runtime"] = "string"
    value: str | None = None
    """The default of a `string`."""
    quantity: int | None = Field(default=None, ge=0)
    unit: Literal["hour", "date", "month"] | None = None
    direction: Literal["ago", "later"] | None = None
    format: str | None = None
    """Of a time, with Ruby's strftime signs."""
    time_zone: str | None = None


class Schedule(Section):
    """When trocco runs a definition by itself. The emulator does not."""

    frequency: Literal["hourly", "daily", "weekly", "monthly"] = "daily"
    minute: int = Field(default=0, ge=0, le=59)
    hour: int | None = Field(default=None, ge=0, le=23)
    day: int | None = None
    day_of_week: int | None = None
    time_zone: str = "Asia/Tokyo"


class Definition(Section):
    """What all definitions have."""

    name: str | None = None
    description: str | None = None
    resource_group_id: int | None = None
    labels: list[str] = Field(default_factory=list)
    schedules: list[Schedule] = Field(default_factory=list)
    course: TroccoCourse | list[TroccoCourse] | None = None
    """One for all jobs, or one for each job in turn (the last goes on)."""
    past_jobs: int = Field(default=0, ge=0, le=1_000)
    """Jobs that somebody started before, an hour apart, the last an hour ago; their courses come first."""
    deleted: bool = False
    """Answered with 403, as the vendor does for what was deleted."""

    @property
    def alone(self) -> bool:
        """Whether a job is skipped while another of the definition is active."""
        return False


class TransferDefinition(Definition):
    """A transfer setting."""

    input_option_type: str = "mysql"
    output_option_type: str = "bigquery"
    custom_variables: list[Variable] = Field(default_factory=list)
    """Those of its input."""
    output_custom_variables: list[Variable] = Field(default_factory=list)
    is_runnable_concurrently: bool = True
    """Without it a job is skipped while another of the setting is active."""
    retry_limit: int = Field(default=0, ge=0)
    undescribable: bool = False
    """Its detail is answered with 400, as for connectors that the API cannot describe; it runs."""

    @property
    def alone(self) -> bool:
        return not self.is_runnable_concurrently


class Task(Section):
    """A task of a workflow; its number is its place in the list, from 1."""

    type: str = "trocco_transfer"
    definition_id: int | None = None
    name: str | None = None
    custom_variable_loop: dict[str, Json] | None = None
    config: dict[str, Json] = Field(default_factory=dict)
    """What else its settings hold."""


class Dependency(Section):
    """One task that waits for another, by their numbers."""

    source: int
    destination: int


class WorkflowDefinition(Definition):
    """A workflow."""

    is_concurrent_execution_skipped: bool = False
    """With it a job is skipped while another of the workflow is active."""
    max_retries: int = Field(default=0, ge=0)
    """How often trocco itself runs a job again whose course ends in `error`."""
    min_retry_interval: int = Field(default=0, ge=0)
    """Minutes before each of these."""
    max_task_parallelism: int = Field(default=1, ge=1)
    execution_timeout: int | None = None
    """Minutes."""
    is_stopped_on_errors: bool = True
    tasks: list[Task] = Field(default_factory=list)
    task_dependencies: list[Dependency] = Field(default_factory=list)

    @property
    def alone(self) -> bool:
        return self.is_concurrent_execution_skipped


class DatamartDefinition(Definition):
    """A data mart definition."""

    custom_variables: list[Variable] = Field(default_factory=list)
    is_runnable_concurrently: bool = True
    """Without it a job is skipped while another of the definition is active."""

    @property
    def alone(self) -> bool:
        return not self.is_runnable_concurrently


class TroccoWorld(Section):
    """What there is at trocco; without a list of definitions, every definition exists."""

    credentials: list[str] | None = None
    """API keys that are accepted; absent, every well-formed one."""
    run_only_keys: list[str] = Field(default_factory=list)
    """Keys that may start jobs and not see them."""
    course: TroccoCourse = Field(default_factory=TroccoCourse)
    job_definitions: dict[int, TransferDefinition] | None = None
    pipeline_definitions: dict[int, WorkflowDefinition] | None = None
    datamart_definitions: dict[int, DatamartDefinition] | None = None
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
