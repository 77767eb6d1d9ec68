"""What Treasure Workflow shows of its things: read leniently, given on as outputs under names of ours."""

from typing import Annotated, Any

from pydantic import (
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic.alias_generators import to_camel

from pipeforge.adapter import Json


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_text)]
"""Ids are text of digits; some server may send numbers."""

Object = Annotated[dict[str, Json], BeforeValidator(lambda value: value if isinstance(value, dict) else {})]
"""A JSON object; empty where there is none."""


class Row(BaseModel):
    """Unknown fields are ignored, absent optionals may be null; the vendor's names or ours."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        defer_build=True,
        populate_by_name=True,
        alias_generator=AliasGenerator(validation_alias=to_camel),
    )


class Ref(Row):
    """A project or a workflow as others refer to it."""

    id: Text | None = None
    """Its id; of a workflow the one of the revision that was meant, null once its definition is gone."""
    name: Text | None = None
    """Its name."""


def _with_status(given: Any) -> Any:
    """digdag leaves the status out of a session's last attempt: it follows from the flags, in its order."""
    if not isinstance(given, dict) or given.get("status"):
        return given
    flagged = given.get("cancelRequested") or given.get("cancel_requested")
    if not given.get("done"):
        return {**given, "status": "canceling" if flagged else "running"}
    return {**given, "status": "success" if given.get("success") else "killed" if flagged else "error"}


class LastAttempt(Row):
    """The last attempt of a session."""

    id: Text
    """The attempt's id."""
    status: Text = ""
    """The vendor's word: blocked, queued, running, canceling, success, error or killed."""
    retry_attempt_name: Text | None = None
    """The name under which it was started; null for the first one, or the scheduler's."""
    done: bool
    """Whether it is over."""
    success: bool
    """Whether it is over and succeeded."""
    cancel_requested: bool = False
    """Whether somebody, or the server itself, asked for its end."""
    params: Object = Field(default_factory=dict)
    """The session parameters it was started with."""
    created_at: Text | None = None
    """When it was created, UTC."""
    finished_at: Text | None = None
    """When it ended, UTC; null while it goes on."""
    pool_id: Text | None = None
    """The pool it runs in; null on servers that know none."""

    @model_validator(mode="before")
    @classmethod
    def _status(cls, given: Any) -> Any:
        return _with_status(given)


class AttemptRow(LastAttempt):
    """One run of a session."""

    index: int | None = None
    """Which attempt of its session it is; 1 is the first."""
    project: Ref = Ref()
    """The project, with its id and name."""
    workflow: Ref = Ref()
    """The workflow, with its name and the id of the revision that ran."""
    session_id: Text = ""
    """The session's id."""
    session_uuid: Text | None = None
    """The session's UUID."""
    session_time: Text | None = None
    """The session's time, in the workflow's time zone."""


class SessionRow(Row):
    """All attempts of one workflow for one session time."""

    id: Text
    """The session's id."""
    project: Ref = Ref()
    """The project, with its id and name."""
    workflow: Ref = Ref()
    """The workflow, with its id and name."""
    session_uuid: Text | None = None
    """The session's UUID."""
    session_time: Text
    """The instant it stands for, in the workflow's time zone."""
    last_attempt: LastAttempt | None = None
    """Its last attempt."""


class TaskRow(Row):
    """One task of an attempt."""

    id: Text
    """The task's id."""
    full_name: Text
    """Its name with those of the tasks above it, such as `+mart+load`."""
    parent_id: Text | None = None
    """The task above it; null for the root, which stands for the workflow."""
    state: Text
    """blocked, ready, retry_waiting, group_retry_waiting, running, planned, group_error, success, error or
    canceled."""
    is_group: bool = Field(default=False, validation_alias=AliasChoices("isGroup", "group", "is_group"))
    """Whether it only holds other tasks."""
    upstreams: list[Text] = Field(default_factory=list)
    """The ids of the tasks that it waits for."""
    config: Object = Field(default_factory=dict)
    """Its part of the workflow's definition."""
    cancel_requested: bool | None = None
    """Whether its end was asked for."""
    started_at: Text | None = None
    """When it began, UTC."""
    updated_at: Text | None = None
    """When its state last changed, UTC."""
    retry_at: Text | None = None
    """When it is tried again, UTC."""
    error: Object = Field(default_factory=dict)
    """Why it failed, usually with a `message`; empty where it did not."""
    export_params: Object = Field(default_factory=dict)
    """Parameters it gives to the tasks below it."""
    store_params: Object = Field(default_factory=dict)
    """Parameters it gives to the tasks after it."""
    state_params: Object = Field(default_factory=dict)
    """What its operator remembers."""


class LogFileRow(Row):
    """One log file; a task may have several. Signed addresses of it are left out: they are secrets."""

    file_name: Text
    """What `treasure.get_log_file` is given."""
    task_name: Text = ""
    """The full name of the task that wrote it."""
    file_size: int | None = None
    """Bytes, compressed."""
    file_time: Text | None = None
    """When it was begun, UTC."""
    agent_id: Text | None = None
    """The process that wrote it."""


class ProjectRow(Row):
    """A project in its latest revision."""

    id: Text
    """The project's id."""
    name: Text
    """The project's name."""
    revision: Text
    """The name of its latest revision."""
    created_at: Text | None = None
    """When the project was made, UTC."""
    updated_at: Text | None = None
    """When its latest revision was pushed, UTC."""
    archive_type: Text | None = None
    """Where the vendor keeps its archive, such as db or s3."""
    archive_md5: Text | None = None
    """The MD5 digest of its archive, in base64."""


class RevisionRow(Row):
    """One push of a project."""

    revision: Text
    """Its name."""
    created_at: Text | None = None
    """When it was pushed, UTC."""
    archive_type: Text | None = None
    """Where the vendor keeps its archive, such as db or s3."""
    archive_md5: Text | None = None
    """The MD5 digest of its archive, in base64."""
    user_info: Object = Field(default_factory=dict)
    """Who pushed it, as the vendor tells."""


class WorkflowRow(Row):
    """A workflow of one revision."""

    id: Text
    """The workflow's id, of this revision: every push makes new ones."""
    name: Text
    """The workflow's name."""
    project: Ref = Ref()
    """Its project, with id and name."""
    revision: Text | None = None
    """The name of the revision."""
    timezone: Text | None = None
    """The zone of its session times."""
    config: Object = Field(default_factory=dict)
    """Its definition, as it was pushed."""


class ScheduleRow(Row):
    """When a workflow is started by itself."""

    id: Text
    """The schedule's id."""
    project: Ref = Ref()
    """The project, with its id and name."""
    workflow: Ref = Ref()
    """The workflow, with its name and the id of its latest revision."""
    next_run_time: Text | None = None
    """When it starts next, UTC."""
    next_schedule_time: Text | None = None
    """The session time of that start, in the workflow's time zone."""
    disabled_at: Text | None = None
    """Since when it is switched off, UTC; null where it is on."""
    created_at: Text | None = None
    """When it was made, UTC; told of changes only."""
    updated_at: Text | None = None
    """When it last changed, UTC; told of changes only."""


class TruncatedRow(Row):
    """A session time as a workflow would take it."""

    project: Ref = Ref()
    """The project, with its id and name."""
    revision: Text | None = None
    """The name of the revision that was asked."""
    session_time: Text
    """The time, in the workflow's time zone."""
    timezone: Text
    """The workflow's time zone."""
