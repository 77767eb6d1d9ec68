"""Kinds around attempts and sessions: what ran, how it went, what it wrote; and the end of one.

Source: the groups Attempt, Log and Session of the vendor's OpenAPI description.
"""

from typing import Annotated

from pydantic import Field, model_validator

from pipeforge.adapters.treasure import accepting
from pipeforge.adapters.treasure.fields import Id as IdText
from pipeforge.adapters.treasure.fields import Name, OfAttempt, Paged, Params
from pipeforge.adapters.treasure.making import OUTPUTS, Outputs, changing, reading
from pipeforge.adapters.treasure.rows import AttemptRow, LogFileRow, SessionRow, TaskRow


class ListAttemptsParams(Paged):
    """Which attempts to list."""

    project: Annotated[Name, Field(examples=["sales"])] | None = None
    """Only those of the project of this name."""
    workflow: Annotated[Name, Field(examples=["build_mart"])] | None = None
    """Only those of the workflow of this name in that project."""
    include_retried: bool = False
    """Whether every attempt of a session is listed, or only its last one."""

    _of_a_project = model_validator(mode="after")(accepting.of_a_project)


class AttemptsOutputs(Outputs):
    """What was found."""

    attempts: list[AttemptRow]
    """The attempts."""


class AttemptOutputs(AttemptRow):
    """The attempt as it stands."""

    model_config = OUTPUTS


class KillAttemptOutputs(AttemptRow):
    """The attempt as it stands after the request; it ends a little later."""

    model_config = OUTPUTS

    kill_requested: bool
    """False where it was over already."""


class TasksOutputs(Outputs):
    """What was found."""

    tasks: list[TaskRow]
    """The tasks, by id: a task before those below it."""


class ListLogFilesParams(OfAttempt):
    """Whose log files to list."""

    task: Annotated[str, Field(examples=["+build_mart+load"])] | None = None
    """Only those of tasks whose full name begins so."""


class LogFilesOutputs(Outputs):
    """What was found."""

    files: list[LogFileRow]
    """The files, by name; none while no task has written anything."""


class GetLogFileParams(OfAttempt):
    """Which log file to read."""

    file_name: Annotated[Name, Field(examples=["${{ steps.logs.outputs.files[0].file_name }}"])]
    """The file's name, as `treasure.list_log_files` gives it."""


class LogFileOutputs(Outputs):
    """What a task has written."""

    file_name: str
    """The file's name."""
    text: str
    """The text, unpacked; of more than 256 KiB the end, beginning with a whole line."""
    truncated: bool
    """Whether the text's beginning is left out."""


class OfSession(Params):
    """One session."""

    session_id: Annotated[IdText, Field(examples=["${{ steps.mart.outputs.session_id }}"])]
    """The session's id."""


class ListSessionAttemptsParams(Paged):
    """Whose attempts to list."""

    session_id: Annotated[IdText, Field(examples=["${{ steps.mart.outputs.session_id }}"])]
    """The session's id."""


class SessionsOutputs(Outputs):
    """What was found."""

    sessions: list[SessionRow]
    """The sessions, newest first."""


class SessionOutputs(SessionRow):
    """The session as it stands."""

    model_config = OUTPUTS


LIST_ATTEMPTS = reading(
    "list_attempts",
    ListAttemptsParams,
    AttemptsOutputs,
    "Lists attempts, newest first: of the account, of a project, or of one workflow. A project that is not "
    "there is an error.",
)
GET_ATTEMPT = reading("get_attempt", OfAttempt, AttemptOutputs, "Shows one attempt as it stands.")
LIST_ATTEMPT_RETRIES = reading(
    "list_attempt_retries",
    OfAttempt,
    AttemptsOutputs,
    "Lists all attempts of the session that an attempt belongs to, itself among them, oldest first.",
)
LIST_ATTEMPT_TASKS = reading(
    "list_attempt_tasks",
    OfAttempt,
    TasksOutputs,
    "Lists the tasks of an attempt with their states, and the errors of those that failed.",
)
KILL_ATTEMPT = changing(
    "kill_attempt",
    OfAttempt,
    KillAttemptOutputs,
    "Asks for the end of an attempt that somebody else started. Its running tasks end a little later; an "
    "attempt that is over already stays as it is.",
    "it is asked for again: a second request changes nothing",
)
LIST_LOG_FILES = reading(
    "list_log_files",
    ListLogFilesParams,
    LogFilesOutputs,
    "Lists the log files of an attempt's tasks.",
)
GET_LOG_FILE = reading(
    "get_log_file",
    GetLogFileParams,
    LogFileOutputs,
    "Reads one log file. While its task runs, it holds what was written so far.",
)
LIST_SESSIONS = reading(
    "list_sessions", Paged, SessionsOutputs, "Lists the sessions of the account, newest first."
)
GET_SESSION = reading("get_session", OfSession, SessionOutputs, "Shows one session with its last attempt.")
LIST_SESSION_ATTEMPTS = reading(
    "list_session_attempts",
    ListSessionAttemptsParams,
    AttemptsOutputs,
    "Lists all attempts of a session, newest first.",
)
