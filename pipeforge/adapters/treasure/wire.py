"""What travels between us and Treasure Workflow: answers read leniently, requests written strictly."""

import json
import re
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from pipeforge.adapter import Json, Outcome
from pipeforge.adapters.treasure.choices import NAME_PREFIX, NAME_READABLE
from pipeforge.adapters.treasure.kinds import RunWorkflowParams

STATUS: dict[str, Outcome | None] = {
    "blocked": None,
    "queued": None,
    "running": None,
    "canceling": None,
    "success": Outcome.SUCCEEDED,
    "error": Outcome.FAILED,
    "killed": Outcome.CANCELED,
}
"""Every documented word. What decides is `done` and `success`; a word not here is still running."""


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _or_empty(value: Any) -> Any:
    return value if isinstance(value, dict) else {}


Id = Annotated[str, BeforeValidator(_text)]
Object = Annotated[dict[str, Json], BeforeValidator(_or_empty)]


class Answer(BaseModel):
    """Unknown fields are ignored, absent optionals may be null."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Named(Answer):
    """A project or a workflow as others refer to it. A workflow's id is null once its definition is gone."""

    id: Id | None = None
    name: str | None = None


class Attempt(Answer):
    """One run of a session. `retry_attempt_name` is null for the default one."""

    id: Id
    done: bool
    success: bool
    status: str | None = None
    index: int | None = None
    project: Named = Named()
    workflow: Named = Named()
    session_id: Id = Field(default="", alias="sessionId")
    session_uuid: str | None = Field(default=None, alias="sessionUuid")
    session_time: str | None = Field(default=None, alias="sessionTime")
    retry_attempt_name: str | None = Field(default=None, alias="retryAttemptName")
    cancel_requested: bool | None = Field(default=None, alias="cancelRequested")
    params: Object = Field(default_factory=dict)
    created_at: str | None = Field(default=None, alias="createdAt")
    finished_at: str | None = Field(default=None, alias="finishedAt")

    def outcome(self) -> Outcome | None:
        """None while it goes on. A kill may also be the server's doing."""
        if not self.done:
            return None
        if self.success:
            return Outcome.SUCCEEDED
        return Outcome.CANCELED if self.word() == "killed" else Outcome.FAILED

    def word(self) -> str:
        """The vendor's status word; from the flags, in digdag's own order, where the answer has none."""
        if self.status:
            return self.status
        if not self.done:
            return "canceling" if self.cancel_requested else "running"
        if self.success:
            return "success"
        return "killed" if self.cancel_requested else "error"


class Session(Answer):
    """All attempts of one workflow for one session time."""

    id: Id
    session_time: str = Field(alias="sessionTime")
    workflow: Named = Named()

    def is_of(self, workflow: str) -> bool:
        """Whether it is that workflow's: a filter that a server does not know must not mislead."""
        return self.workflow.name in (None, workflow)

    def is_at(self, instant: datetime) -> bool:
        """Whether it stands for that instant: compared in whole seconds, whatever the offsets."""
        try:
            moment = datetime.fromisoformat(self.session_time)
        except ValueError:
            return False
        return moment.tzinfo is not None and int(moment.timestamp()) == int(instant.timestamp())


class Task(Answer):
    """One task of an attempt. `error` is an empty object when there is none."""

    id: Id
    full_name: str = Field(alias="fullName")
    state: str
    error: Object = Field(default_factory=dict)
    is_group: bool = Field(default=False, validation_alias=AliasChoices("isGroup", "group"))
    started_at: str | None = Field(default=None, alias="startedAt")

    def ran(self) -> bool:
        """Whether it did something itself, or began to."""
        return self.started_at is not None and not self.is_group

    def message(self) -> str:
        """Why it failed, in the server's words; all that it says of the error where there is no message."""
        said = self.error.get("message") or self.error
        if not isinstance(said, str):
            said = json.dumps(said, ensure_ascii=False) if said else ""
        return " ".join(said.split())


class LogFile(Answer):
    """One log file; a task may have several."""

    file_name: str = Field(alias="fileName")
    task_name: str = Field(default="", alias="taskName")
    file_size: int | None = Field(default=None, alias="fileSize")


class Attempts(Answer):
    attempts: list[Attempt]


class Sessions(Answer):
    sessions: list[Session]


class Tasks(Answer):
    tasks: list[Task]


class LogFiles(Answer):
    files: list[LogFile]


class Projects(Answer):
    projects: list[Named]


class Workflows(Answer):
    workflows: list[Named]


def attempt_name(key: str) -> str:
    """A `retryAttemptName` from our key: the same for the same key, another for any other, safe in paths."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,255}", key):
        return key
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", key)[:NAME_READABLE].strip("-")
    return "-".join(part for part in (NAME_PREFIX, readable, sha256(key.encode()).hexdigest()[:12]) if part)


def start_body(params: RunWorkflowParams, name: str | None, workflow_id: str | None) -> dict[str, Json]:
    """The body of the start call. `workflow_id`: digdag takes nothing else, and knows no queueing."""
    body: dict[str, Json] = {
        "sessionTime": params.session_time.isoformat(),
        "params": dict(params.params),
    }
    if workflow_id is None:
        body |= {"projectName": params.project, "workflowName": params.workflow}
        body["allowQueueing"] = params.allow_queueing
    else:
        body["workflowId"] = workflow_id
    if name is not None:
        body["retryAttemptName"] = name
    if params.resume is not None:
        resume = params.resume.model_dump(by_alias=True)
        resume["attemptId"] = resume.pop("attempt_id")
        body["resume"] = resume
    return body
