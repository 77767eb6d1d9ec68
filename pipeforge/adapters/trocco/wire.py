"""What trocco says and how it wants to be asked: answers read leniently, requests written strictly."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from pipeforge.adapter import Json, Outcome
from pipeforge.adapters.calls import Pairs
from pipeforge.adapters.instants import JAPAN, plain
from pipeforge.adapters.texts import LenientText

M = TypeVar("M", bound=BaseModel)


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    id: int
    status: LenientText
    created_at: LenientText | None = None
    started_at: LenientText | None = None
    finished_at: LenientText | None = None


class Job(_Answer):
    """A transfer job. `started_at` and `finished_at` are absent while it is incomplete."""

    job_definition_id: int | None = None
    job_definition_name: LenientText | None = None


class PipelineJob(_Answer):
    """A workflow job."""

    pipeline_definition_id: int | None = None
    name: LenientText | None = None
    context_time: LenientText | None = None


class Started(BaseModel):
    """The answer to a start. Its number is all that matters: nothing else may make us lose the job."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    id: int


class ListedJob(BaseModel):
    """One item of a definition's job list. inferred: its fields are those of a job."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    id: int
    created_at: LenientText | None = None


class ShownJob(ListedJob):
    """The same in full. Nothing but its number is counted on."""

    status: LenientText | None = None
    job_definition_id: int | None = None
    job_definition_name: LenientText | None = None
    started_at: LenientText | None = None
    finished_at: LenientText | None = None


class Page(BaseModel, Generic[M]):
    """One page of a list. trocco leaves empty arrays out."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    items: list[M] | None = None
    next_cursor: str | None = None


class JobList(Page[ListedJob]):
    """One page of a definition's jobs. Its order is not documented."""


class DatamartStarted(Started):
    """The answer to the start of a data mart job. It holds no status."""

    context_time: LenientText | None = None


STATUS: dict[str, Outcome | None] = {
    "queued": None,  # without limit while the account's concurrency is full
    "setting_up": None,
    "executing": None,
    "interrupting": None,  # becomes canceled
    "retry_waiting": None,  # workflows: failed, waits for trocco's own retry
    "succeeded": Outcome.SUCCEEDED,
    "error": Outcome.FAILED,
    "canceled": Outcome.CANCELED,
    "skipped": Outcome.SKIPPED,  # another job of the definition was running
}
"""trocco's words; None is still going. An unseen word is still going too, with a warning."""

_ALIASES = {"failed": "error", "cancelled": "canceled"}  # notifications write `failed`


def normalise(status: str) -> str:
    """trocco's word in the one spelling of the table above: the screen writes `SETTING UP`."""
    word = status.strip().casefold().replace(" ", "_")
    return _ALIASES.get(word, word)


def context_pairs(context_time: datetime | None) -> list[tuple[str, str]]:
    """Always with the zone it is written in: without one trocco would read Japan time."""
    if context_time is None:
        return []
    return [("context_time", plain(context_time, JAPAN)), ("time_zone", "Asia/Tokyo")]


def variable_pairs(variables: Mapping[str, str]) -> Pairs:
    """name, value, name, value: a server that reads `x[][name]` opens a new element when a key repeats."""
    pairs: list[tuple[str, str]] = []
    for name, value in variables.items():
        pairs += [("custom_variables[][name]", name), ("custom_variables[][value]", value)]
    return pairs


def datamart_body(
    definition: int, context_time: datetime | None, variables: Mapping[str, str], memo: str
) -> dict[str, Json]:
    """All in one JSON object, as public clients send it."""
    body: dict[str, Json] = {"datamart_definition_id": definition, **dict(context_pairs(context_time))}
    if variables:
        body["custom_variables"] = [{"name": name, "value": value} for name, value in variables.items()]
    return {**body, "memo": memo} if memo else body


def error_words(body: Json) -> str:
    """`error`, else `message`, with the text of each of `errors`."""
    if not isinstance(body, dict):
        return ""
    words = [str(body.get("error") or body.get("message") or "")]
    errors: Any = body.get("errors")
    for item in errors if isinstance(errors, list) else ():
        words.append(
            f"{item.get('attribute')}: {item.get('message')}" if isinstance(item, dict) else str(item)
        )
    return "; ".join(word for word in words if word)
