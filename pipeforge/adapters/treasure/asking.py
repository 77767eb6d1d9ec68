"""What Treasure's kinds of role reads ask: attempts, sessions, workflows and schedules."""

from collections.abc import Awaitable, Callable
from typing import Any

from pipeforge.adapter import Kind
from pipeforge.adapters.calls import Call
from pipeforge.adapters.operations import Read
from pipeforge.adapters.treasure import kinds_attempts as kinds
from pipeforge.adapters.treasure.choices import LOG_TEXT_KEPT
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.fields import OfAttempt, OfSchedule, OfWorkflow, Paged, utc
from pipeforge.adapters.treasure.finding import schedule, segment, workflow_id
from pipeforge.adapters.treasure.kinds_projects import (
    ListWorkflowsParams,
    SchedulesOutputs,
    TruncatedSessionTimeParams,
    WorkflowsOutputs,
)
from pipeforge.adapters.treasure.logs import log_text
from pipeforge.adapters.treasure.paging import (
    AttemptPage,
    LogFilePage,
    SchedulePage,
    SessionPage,
    TaskPage,
    WorkflowPage,
    everything,
    filters,
)
from pipeforge.adapters.treasure.rows import AttemptRow, ScheduleRow, SessionRow, TruncatedRow, WorkflowRow
from pipeforge.errors import Transient

Ask = Callable[[TreasureClient, Any], Awaitable[Any]]


def read(kind: Kind, ask: Ask) -> Callable[[TreasureClient], Read[TreasureClient, Any]]:
    """An adapter's factory. Its page is the console's list of workflows."""
    return lambda client: Read(kind, client, ask, page=console)


def console(client: TreasureClient, params: object, /) -> str:
    """The console's list of workflows; empty where its address is not known."""
    return client.console


async def list_attempts(client: TreasureClient, params: kinds.ListAttemptsParams) -> kinds.AttemptsOutputs:
    """GET /api/attempts."""
    query = filters(
        {
            "project": params.project,
            "workflow": params.workflow,
            "include_retried": params.include_retried,
        }
    )
    call = Call("GET", "/api/attempts", query)
    found = await everything(client.http, call, AttemptPage, limit=params.limit, size="page_size")
    return kinds.AttemptsOutputs(attempts=found)


async def get_attempt(client: TreasureClient, params: OfAttempt) -> AttemptRow:
    """GET /api/attempts/{id}."""
    return await client.http.fit(Call("GET", f"/api/attempts/{params.attempt_id}"), AttemptRow)


async def list_attempt_retries(client: TreasureClient, params: OfAttempt) -> kinds.AttemptsOutputs:
    """GET /api/attempts/{id}/retries."""
    call = Call("GET", f"/api/attempts/{params.attempt_id}/retries")
    return kinds.AttemptsOutputs(attempts=(await client.http.fit(call, AttemptPage)).rows)


async def list_attempt_tasks(client: TreasureClient, params: OfAttempt) -> kinds.TasksOutputs:
    """GET /api/attempts/{id}/tasks."""
    call = Call("GET", f"/api/attempts/{params.attempt_id}/tasks")
    return kinds.TasksOutputs(tasks=(await client.http.fit(call, TaskPage)).rows)


async def list_log_files(client: TreasureClient, params: kinds.ListLogFilesParams) -> kinds.LogFilesOutputs:
    """GET /api/logs/{attempt_id}/files. Signed addresses are not asked for."""
    query = [*filters({"task": params.task}), ("direct_download", "false")]
    call = Call("GET", f"/api/logs/{params.attempt_id}/files", query)
    return kinds.LogFilesOutputs(files=(await client.http.fit(call, LogFilePage)).rows)


async def get_log_file(client: TreasureClient, params: kinds.GetLogFileParams) -> kinds.LogFileOutputs:
    """GET /api/logs/{attempt_id}/files/{file_name}, unpacked.

    One without an end is that of a running task, or was torn: then GET /api/logs/{attempt_id}/files tells.
    """
    packed = await client.get_log_file(params.attempt_id, params.file_name)
    log = log_text(packed, LOG_TEXT_KEPT)
    if not log.whole:
        listed = (await list_log_files(client, kinds.ListLogFilesParams(attempt_id=params.attempt_id))).files
        size = next((row.file_size for row in listed if row.file_name == params.file_name), None)
        if not packed or len(packed) < (size or 0):
            raise Transient(f"{client.http.access.name}: the log file came torn: {len(packed)} bytes of it")
    return kinds.LogFileOutputs(file_name=params.file_name, text=log.text, truncated=log.cut)


async def list_sessions(client: TreasureClient, params: Paged) -> kinds.SessionsOutputs:
    """GET /api/sessions."""
    call = Call("GET", "/api/sessions")
    found = await everything(client.http, call, SessionPage, limit=params.limit, size="page_size")
    return kinds.SessionsOutputs(sessions=found)


async def get_session(client: TreasureClient, params: kinds.OfSession) -> SessionRow:
    """GET /api/sessions/{id}."""
    return await client.http.fit(Call("GET", f"/api/sessions/{params.session_id}"), SessionRow)


async def list_session_attempts(
    client: TreasureClient, params: kinds.ListSessionAttemptsParams
) -> kinds.AttemptsOutputs:
    """GET /api/sessions/{id}/attempts."""
    call = Call("GET", f"/api/sessions/{params.session_id}/attempts")
    found = await everything(client.http, call, AttemptPage, limit=params.limit, size="page_size")
    return kinds.AttemptsOutputs(attempts=found)


async def list_workflows(client: TreasureClient, params: ListWorkflowsParams) -> WorkflowsOutputs:
    """GET /api/workflows."""
    query = filters(
        {
            "name_pattern": params.name_pattern,
            "search_project_name": params.search_project_name,
            "order": params.order,
        }
    )
    call = Call("GET", "/api/workflows", query)
    found = await everything(client.http, call, WorkflowPage, limit=params.limit, size="count")
    return WorkflowsOutputs(workflows=found)


async def get_workflow(client: TreasureClient, params: OfWorkflow) -> WorkflowRow:
    """GET /api/workflows/{id}."""
    found = await workflow_id(client, params)
    return await client.http.fit(Call("GET", f"/api/workflows/{segment(found)}"), WorkflowRow)


async def get_truncated_session_time(
    client: TreasureClient, params: TruncatedSessionTimeParams
) -> TruncatedRow:
    """GET /api/workflows/{id}/truncated_session_time."""
    found = await workflow_id(client, params)
    query = [("session_time", utc(params.session_time)), *filters({"mode": params.mode})]
    call = Call("GET", f"/api/workflows/{segment(found)}/truncated_session_time", query)
    return await client.http.fit(call, TruncatedRow)


async def list_schedules(client: TreasureClient, params: Paged) -> SchedulesOutputs:
    """GET /api/schedules."""
    call = Call("GET", "/api/schedules")
    return SchedulesOutputs(schedules=await everything(client.http, call, SchedulePage, limit=params.limit))


async def get_schedule(client: TreasureClient, params: OfSchedule) -> ScheduleRow:
    """GET /api/schedules/{id}, or GET /api/projects/{id}/schedules."""
    return await schedule(client, params)
