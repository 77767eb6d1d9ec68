"""What travels between us and Workato: answers read leniently, and what their words mean."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipeforge.adapter import Json, Outcome
from pipeforge.adapters.workato.choices import STEP_ERRORS_SHOWN

STATUS: dict[str, Outcome | None] = {
    "pending": None,
    "succeeded": Outcome.SUCCEEDED,
    "failed": Outcome.FAILED,
    "canceled": Outcome.CANCELED,
    "cancelled": Outcome.CANCELED,
    "aborted": Outcome.CANCELED,
}
"""A job's words. The API's spelling of the last three is unseen, so all are taken."""


def _moment(value: Any) -> datetime | None:
    """An aware time, None for what is none: one odd field must not hide a whole page."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _words(value: Any) -> str:
    """An error as text; it may be a JSON document in a string."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return " ".join(value.split())
    if isinstance(value, dict):
        value = value.get("message") or value.get("error_message") or value.get("error") or value
    if value is None:
        return ""
    return " ".join((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).split())


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Id = Annotated[str, BeforeValidator(_text)]
Count = Annotated[
    int | None, BeforeValidator(lambda v: v if isinstance(v, int) and not isinstance(v, bool) else None)
]
"""A number that is only told on; None for what is none."""
Told = Annotated[str, BeforeValidator(lambda v: v if isinstance(v, str) else "")]
"""A text that is only told on; empty for what is none."""


class Answer(BaseModel):
    """Unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Recipe(Answer):
    """A recipe as far as we need it."""

    id: int
    running: bool
    name: str | None = None
    trigger_application: str | None = None
    job_succeeded_count: int | None = None
    job_failed_count: int | None = None
    last_run_at: Moment = None
    stopped_at: Moment = None
    """When it was last stopped; a start does not clear it."""
    stop_cause: str | None = None
    version_no: int | None = None
    has_webhook: Annotated[bool, BeforeValidator(bool)] = Field(default=False, validation_alias="webhook_url")
    """Whether there is an address that starts it. The address itself is a credential and is not kept."""

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        """Alone in a list under `result`, as an object there, or bare: each family has its own form."""
        inner = value.get("result", value) if isinstance(value, dict) else value
        return inner[0] if isinstance(inner, list) and len(inner) == 1 else inner


class Job(Answer):
    """One run of a recipe on one event."""

    id: Id
    status: str | None = None
    title: Told = ""
    started_at: Moment = None
    completed_at: Moment = None
    is_error: bool | None = None
    error: Json = None
    error_parts: Json = None

    def outcome(self) -> Outcome | None:
        """None while it goes on. Without a word, `completed_at` and `is_error` decide; a word never heard
        decides nothing, unless `is_error` does.
        """
        word = (self.status or "").lower()
        if word in STATUS:
            return STATUS[word]
        if self.completed_at is None:
            return None
        if self.is_error:
            return Outcome.FAILED
        return None if word else Outcome.SUCCEEDED

    @property
    def begun(self) -> datetime | None:
        """None while it waits for its turn."""
        return self.started_at or self.completed_at

    def unseen(self) -> bool:
        """Whether its status is a word that no document has."""
        return bool(self.status) and str(self.status).lower() not in STATUS

    def why(self) -> str:
        """Its error in the vendor's words, whole and unmasked; empty when the vendor kept none."""
        return _words(self.error) or _words(self.error_parts)


class JobPage(Answer):
    """One page of a recipe's jobs, newest first."""

    items: list[Job] = Field(default_factory=list)
    job_count: int | None = None
    job_succeeded_count: Count = None
    job_failed_count: Count = None

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        """At the top or under `result`; the rows under `items` or `jobs`, or bare. inferred for Embedded."""
        inner = value.get("result", value) if isinstance(value, dict) else value
        if isinstance(inner, list):
            return {"items": inner}
        if isinstance(inner, dict) and "items" not in inner:
            if "jobs" not in inner:
                raise ValueError("no jobs in the answer")
            return {**inner, "items": inner["jobs"]}
        return inner


def decode_loosely(content: bytes) -> Json:
    """The first JSON value of a body, whatever follows it: a documented answer has a brace too many."""
    text = content.decode("utf-8-sig", "replace").lstrip()
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except ValueError:
        return None


def refusal_words(body: Json) -> str:
    """Why a request was refused, from any of the forms that refusals have; whole and unmasked."""
    if not isinstance(body, dict):
        return ""
    said = [_words(body[key]) for key in ("message", "error") if body.get(key)]
    said += _errors(body.get("errors"))
    said += [f"in the recipe: {line}" for line in _step_errors(body.get("code_errors"))]
    said += [f"in its setup: {line}" for line in _step_errors(body.get("config_errors"))]
    return "; ".join(said)


def _errors(value: Json) -> list[str]:
    """`{field: [message, …]}`, or whatever else it is."""
    if isinstance(value, dict):
        return [
            f"{key}: {_words(each)}"
            for key, found in value.items()
            for each in _listed(found)
            if _words(each)
        ]
    return [_words(value)] if value else []


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _step_errors(value: Json) -> list[str]:
    """`[[step, [[label, value, message, path?], …]], …]`, or the same as objects; never loses what is odd."""
    if not isinstance(value, list):
        return [_words(value)] if value else []
    lines = [f"step {step}: {problem}" for entry in value for step, problem in _step(entry)]
    left = len(lines) - STEP_ERRORS_SHOWN
    return [*lines[:STEP_ERRORS_SHOWN], f"and {left} more"] if left > 0 else lines


def _step(entry: Json) -> Iterator[tuple[str, str]]:
    if isinstance(entry, dict):
        number, problems = entry.get("line_number"), entry.get("errors")
    elif isinstance(entry, list) and len(entry) == 2:
        number, problems = entry
    else:
        number, problems = None, entry
    for problem in problems if isinstance(problems, list) else [problems]:
        yield str("?" if number is None else number), _problem(problem)


def _problem(problem: Json) -> str:
    if isinstance(problem, dict):
        label, message = problem.get("field_label"), problem.get("message")
    elif isinstance(problem, list) and len(problem) >= 3:
        label, message = problem[0], problem[2]
    else:
        label, message = None, None
    if isinstance(message, str):
        return f"{label}: {message}"
    return _words(problem)
