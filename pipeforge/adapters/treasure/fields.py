"""What parameters of Treasure kinds are made of: ids, instants, and the ways to name a thing."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipeforge.adapter import Json
from pipeforge.adapters.treasure import accepting

Instant = Annotated[datetime, BeforeValidator(accepting.whole_second)]
"""An aware time, or ISO 8601 text with an offset; whole seconds."""

Id = Annotated[
    str, BeforeValidator(accepting.digits, json_schema_input_type=int | str), Field(pattern=r"^[0-9]+$")
]
"""A vendor's id: digits, as text or as a number."""

JsonObject = Annotated[dict[str, Json], BeforeValidator(accepting.json_object)]
"""A mapping of JSON values."""

Name = Annotated[str, Field(min_length=1)]


def utc(when: datetime) -> str:
    """As requests carry instants: whole seconds, `Z`."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Params(BaseModel):
    """Base of parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Paged(Params):
    """Base of those of lists, of which every page is fetched."""

    limit: int | None = Field(default=None, ge=1)
    """At most so many; left out, all of them."""


class OfAttempt(Params):
    """One attempt."""

    attempt_id: Annotated[Id, Field(examples=["${{ steps.mart.outputs.id }}"])]
    """The attempt's id."""


class OfProject(Params):
    """One project, by its name or by its id."""

    project: Annotated[Name, Field(examples=["sales"])] | None = None
    """The project's name. Give this or `project_id`."""
    project_id: Id | None = None
    """The project's id. Give this or `project`."""

    _one_project = model_validator(mode="after")(accepting.one_project)


class Belonging(Params):
    """Base of what belongs to a workflow: by an id of its own, or by the names of project and workflow."""

    project: Annotated[Name, Field(examples=["sales"])] | None = None
    """The project's name."""
    project_id: Id | None = None
    """The project's id, instead of `project`."""
    workflow: Annotated[Name, Field(examples=["build_mart"])] | None = None
    """The workflow's name in that project."""


class OfSchedule(Belonging):
    """One schedule, by its id or by the workflow that it starts."""

    schedule_id: Id | None = None
    """The schedule's id, instead of project and workflow."""

    _one_schedule = model_validator(mode="after")(accepting.one_schedule)


class OfWorkflow(Belonging):
    """One workflow, by its id (of one revision) or by name (of the latest revision)."""

    workflow_id: Id | None = None
    """The id of a workflow in one revision, instead of project and workflow: every push makes new ones."""

    _one_workflow = model_validator(mode="after")(accepting.one_workflow)
