"""What the handle of each kind holds, so that one that a person gives whole is not believed unseen."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from pipeforge.adapter import Handle
from pipeforge.adapters.pointing import excerpt
from pipeforge.loading import load

_Number = Annotated[int, Field(ge=0, lt=10**18, strict=True)]
_Digits = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
_Text = Annotated[str, Field(min_length=1, max_length=4_000)]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TroccoJob(_Shape):
    """Of trocco.run_job."""

    job_id: _Number


class TroccoWorkflow(_Shape):
    """Of trocco.run_workflow."""

    pipeline_job_id: _Number
    pipeline_definition_id: _Number


class TroccoDatamart(_Shape):
    """Of trocco.run_datamart."""

    datamart_job_id: _Number
    datamart_definition_id: _Number


class TreasureAttempt(_Shape):
    """Of treasure.run_workflow."""

    attempt_id: _Digits
    session_id: _Digits = "0"
    joined: bool = False


class TreasureBackfill(_Shape):
    """Of treasure.backfill_schedule."""

    schedule_id: str
    attempt_name: str
    attempts: Annotated[list[_Digits], Field(min_length=1)]


class WorkatoStart(_Shape):
    """Of workato.start_recipe."""

    recipe_id: _Number
    was_running: bool
    at: AwareDatetime


class WorkatoStop(WorkatoStart):
    """Of workato.stop_recipe."""

    drain: bool


class KrewdataTask(_Shape):
    """Of krewdata.run_unit."""

    task_id: _Text
    token: _Text


class ReckonerJob(_Shape):
    """Of reckoner.run_workflow."""

    workflow_id: _Number
    job_id: _Number
    by_exclusion: bool = False


SHAPES: dict[str, type[BaseModel] | str] = {
    "trocco.run_job": TroccoJob,
    "trocco.run_workflow": TroccoWorkflow,
    "trocco.run_datamart": TroccoDatamart,
    "treasure.run_workflow": TreasureAttempt,
    "treasure.backfill_schedule": TreasureBackfill,
    "workato.poll_recipe": "pipeforge.adapters.workato.awaiting:Watch",
    "workato.run_recipe": "pipeforge.adapters.workato.awaiting:Watch",
    "workato.start_recipe": WorkatoStart,
    "workato.stop_recipe": WorkatoStop,
    "krewdata.run_unit": KrewdataTask,
    "reckoner.run_workflow": ReckonerJob,
}
"""By kind; of one that is not here no job can be pointed at."""


def whole(kind: str, given: Handle) -> dict[str, Any]:
    """A handle as it would be journaled. Raises ValueError saying what is wrong with it, in a line."""
    found = SHAPES.get(kind) or load("pipeforge.adapters.foreign:shape")(kind)
    if not found:
        raise ValueError("it starts no job that could be pointed at")
    shape: type[BaseModel] = load(found) if isinstance(found, str) else found
    try:
        shape.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise ValueError(_said(first["type"], first["loc"], first["msg"], first["input"])) from None
    return dict(given)


def _said(type_: str, loc: tuple[int | str, ...], message: str, value: Any) -> str:
    name = excerpt(".".join(map(str, loc)))
    if type_ == "missing":
        return f"it has no '{name}'"
    if type_ == "extra_forbidden":
        return f"'{name}' is not part of it"
    return f"'{name}': {message[:1].lower()}{message[1:]}, not {excerpt(repr(value))}"
