"""What parameters of Treasure kinds are made of: ids, instants, and the ways to name a thing."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipeforge.adapter import Json
from pipeforge.adapters.instants import instant
from pipeforge.language.filters import plain
from pipeforge.language.refusing import one_of_two, refused
from pipeforge.language.saying import say


def _whole_second(value: Any) -> Any:
    """Cut to the second: the vendor drops fractions, so two times within a second are one session."""
    when = instant(value, None)
    return when if isinstance(when, str) else when.replace(microsecond=0)


def _digits(value: Any) -> Any:
    """Ids are text of digits; the vendor takes numbers too."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _json_object(value: Any) -> Any:
    """Times that templates gave become text: what is sent is JSON."""
    if not isinstance(value, Mapping):
        return value
    try:
        return json.loads(json.dumps(dict(value), default=plain, allow_nan=False))
    except ValueError:
        hint = say("give texts, numbers, lists or mappings")
        raise refused("json", say("a value has no JSON form"), hint) from None


Instant = Annotated[datetime, BeforeValidator(_whole_second)]
"""An aware time, or ISO 8601 text with an offset; whole seconds."""

Id = Annotated[str, BeforeValidator(_digits, json_schema_input_type=int | str), Field(pattern=r"^[0-9]+$")]
"""A vendor's id: digits, as text or as a number."""

JsonObject = Annotated[dict[str, Json], BeforeValidator(_json_object)]
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

    @model_validator(mode="after")
    def _one_project(self) -> "OfProject":
        if (self.project is None) == (self.project_id is None):
            raise one_of_two("project", "project_id", given=self.project is not None)
        return self


class Belonging(Params):
    """Base of what belongs to a workflow: by an id of its own, or by the names of project and workflow."""

    project: Annotated[Name, Field(examples=["sales"])] | None = None
    """The project's name."""
    project_id: Id | None = None
    """The project's id, instead of `project`."""
    workflow: Annotated[Name, Field(examples=["build_mart"])] | None = None
    """The workflow's name in that project."""

    def _checked(self, key: str, given: str | None) -> None:
        """Raises PydanticCustomError unless it is named in exactly one way."""
        if (given is None) == (self.workflow is None):
            raise one_of_two(key, "workflow", given=given is not None)
        named = self.project is not None or self.project_id is not None
        if given is not None and named:
            raise one_of_two(key, "project", given=True)
        if given is None and (self.project is None) == (self.project_id is None):
            raise one_of_two("project", "project_id", given=named)


class OfSchedule(Belonging):
    """One schedule, by its id or by the workflow that it starts."""

    schedule_id: Id | None = None
    """The schedule's id, instead of project and workflow."""

    @model_validator(mode="after")
    def _one_schedule(self) -> "OfSchedule":
        self._checked("schedule_id", self.schedule_id)
        return self


class OfWorkflow(Belonging):
    """One workflow, by its id (of one revision) or by name (of the latest revision)."""

    workflow_id: Id | None = None
    """The id of a workflow in one revision, instead of project and workflow: every push makes new ones."""

    @model_validator(mode="after")
    def _one_workflow(self) -> "OfWorkflow":
        self._checked("workflow_id", self.workflow_id)
        return self
