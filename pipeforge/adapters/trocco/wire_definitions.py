"""What trocco says of transfer settings and workflows, read leniently: arrays that are empty are left out."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipeforge.adapter import Json
from pipeforge.adapters.texts import LenientText


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Label(_Answer):
    """A label of a definition."""

    name: LenientText


class Schedule(_Answer):
    """A schedule of trocco's own."""

    frequency: LenientText | None = None
    minute: int | None = None
    hour: int | None = None
    day: int | None = None
    day_of_week: int | None = None
    time_zone: LenientText | None = None


class _Definition(_Answer):
    id: int
    name: LenientText | None = None
    description: LenientText | None = None
    resource_group_id: int | None = None
    labels: list[Label | str] | None = None
    schedules: list[Schedule] | None = None
    created_at: LenientText | None = None
    updated_at: LenientText | None = None


class Variable(_Answer):
    """A custom variable of a definition."""

    name: LenientText
    type: LenientText | None = None
    value: LenientText | None = None
    quantity: int | None = None
    unit: LenientText | None = None
    direction: LenientText | None = None
    format: LenientText | None = None
    time_zone: LenientText | None = None


class Option(_Answer):
    """One side of a transfer setting; read only for the custom variables in it."""

    custom_variable_settings: list[Variable] | None = None


Options = Annotated[dict[str, Option], BeforeValidator(lambda told: _mappings(told))]
"""`{"<type>_input_option": {…}}`; what is no mapping in it, such as null, is passed over."""


def _mappings(told: Json) -> dict[str, Json]:
    items = told.items() if isinstance(told, dict) else ()
    return {key: value for key, value in items if isinstance(value, dict)}


class JobDefinition(_Definition):
    """A transfer setting."""

    input_option_type: LenientText | None = None
    output_option_type: LenientText | None = None
    is_runnable_concurrently: bool | None = None
    retry_limit: int | None = None
    input_option: Options = Field(default_factory=dict)
    output_option: Options = Field(default_factory=dict)

    def variables(self) -> Iterator[tuple[str, Variable]]:
        """Its custom variables, each after its side."""
        for side, options in (("input", self.input_option), ("output", self.output_option)):
            for option in options.values():
                yield from ((side, variable) for variable in option.custom_variable_settings or ())


class TaskConfig(_Answer):
    """What of a task's settings is certainly no secret."""

    definition_id: int | None = None
    name: LenientText | None = None
    custom_variable_loop: dict[str, Json] | None = None


class Task(_Answer):
    """A task of a workflow."""

    task_identifier: int | None = None
    type: LenientText | None = None
    config: TaskConfig = Field(default_factory=TaskConfig)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, told: Json) -> Json:
        """Its settings stand in `<type>_config`."""
        if not isinstance(told, dict):
            return told
        config = told.get(f"{told.get('type')}_config")
        return {**told, "config": config if isinstance(config, dict) else {}}


class Dependency(_Answer):
    """One task that waits for another."""

    source: int
    destination: int


class PipelineDefinition(_Definition):
    """A workflow."""

    max_task_parallelism: int | None = None
    execution_timeout: int | None = None
    max_retries: int | None = None
    min_retry_interval: int | None = None
    is_concurrent_execution_skipped: bool | None = None
    is_stopped_on_errors: bool | None = None
    tasks: list[Task] | None = None
    task_dependencies: list[Dependency] | None = None


class DatamartDefinition(_Definition):
    """A data mart definition."""

    is_runnable_concurrently: bool | None = None
    custom_variable_settings: list[Variable] | None = None
