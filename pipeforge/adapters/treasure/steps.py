"""What the engine drives: treasure.run_workflow, and an adapter for every other kind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from pipeforge.adapter import Evidence, Handle, Json, Kind, Observation, Outcome
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.operations import Change, Read, nothing
from pipeforge.adapters.pointing import number
from pipeforge.adapters.treasure import asking, asking_projects, changing
from pipeforge.adapters.treasure import kinds_attempts as attempts
from pipeforge.adapters.treasure import kinds_changes as changes
from pipeforge.adapters.treasure import kinds_projects as projects
from pipeforge.adapters.treasure import kinds_schedules as schedules
from pipeforge.adapters.treasure.asking import console, read
from pipeforge.adapters.treasure.backfilling import BackfillSchedule
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.failure import explain_failure, explain_kill
from pipeforge.adapters.treasure.finding import get_project
from pipeforge.adapters.treasure.kinds import RUN_WORKFLOW, RunWorkflowParams
from pipeforge.adapters.treasure.room import waiting
from pipeforge.adapters.treasure.searching import find_attempt, is_gone, is_ours
from pipeforge.adapters.treasure.wire import STATUS, Attempt, attempt_name, start_body
from pipeforge.errors import InDoubt, Rejected


class RunWorkflow:
    """Starts an attempt under a name of ours, which makes every repeat of the start harmless."""

    kind: ClassVar[Kind] = RUN_WORKFLOW

    def __init__(self, client: TreasureClient) -> None:
        self._client = client

    async def prepare(self, params: RunWorkflowParams) -> Evidence:
        """The project's id, by which a lost start is looked for; digdag also needs the workflow's."""
        try:
            project = await self._client.find_project(params.project)
        except Rejected:
            if self._client.api == "hosted":
                return {}  # the service takes names, and its answer to the start says what is wrong
            raise
        if self._client.api == "hosted":
            return {"project_id": project}
        workflow = await self._client.find_workflow(project, params.workflow)
        return {"project_id": project, "workflow_id": workflow}

    async def trigger(self, params: RunWorkflowParams, key: str, evidence: Evidence) -> Handle:
        name = _name(params, key)
        try:
            start = await self._client.start_attempt(start_body(params, name, evidence.get("workflow_id")))
        except Refused as refusal:
            raise waiting(refusal) from None
        if not start.created and not is_ours(start.attempt, params, name):
            raise _taken(start.attempt, name)
        return _handle(start.attempt, joined=name is None and not start.created)

    async def observe(self, handle: Handle) -> Observation:
        attempt = await self._client.get_attempt(handle["attempt_id"])
        outcome, word = attempt.outcome(), attempt.word()
        detail = ""
        if outcome is Outcome.FAILED:
            detail = await explain_failure(self._client, attempt.id)
        elif outcome is Outcome.CANCELED:
            detail = await explain_kill(self._client, attempt.id)
        unseen = f"the vendor said '{word}', a status not documented" if word not in STATUS else ""
        return Observation(outcome, word, detail, outputs=_outputs(attempt), warning=unseen)

    async def cancel(self, handle: Handle) -> None:
        if handle.get("joined"):
            raise Rejected(
                f"attempt {handle['attempt_id']} was joined, not started by this run: it is left running",
                "kill it in the workflow console if nobody needs it",
            )
        await self._client.kill_attempt(handle["attempt_id"])

    async def recover(self, params: RunWorkflowParams, key: str, evidence: Evidence) -> Handle | None:
        """Looks for the attempt of our name. None is safe even where the lost start is still at work: the
        next one bears the same name. Where nothing can be seen, the identical start is sent again, which
        gives that attempt, new or old.
        """
        name = _name(params, key)
        try:
            found = await find_attempt(self._client, params, name, evidence)
        except (Rejected, InDoubt) as blind:
            if is_gone(blind, evidence):
                hint = f"it, or its workflow, is gone or was made anew since; {_hint(name)}"
                raise InDoubt(f"project '{params.project}': {blind.message}", hint) from None
            return await self._start_again(params, name, evidence, blind)
        return None if found is None else _handle(found, joined=name is None)

    def link(self, params: RunWorkflowParams) -> str:
        """The console's list of workflows: a workflow's own page needs its id, which the start may lack."""
        return self._client.console

    def handle_of(self, given: Json, params: RunWorkflowParams, evidence: Evidence) -> Handle:
        attempt = {"attempt_id": str(number(given, "attempt_id"))}
        return {**attempt, "joined": True} if params.session == "shared" else attempt

    async def _start_again(
        self, params: RunWorkflowParams, name: str | None, evidence: Evidence, blind: Rejected | InDoubt
    ) -> Handle | None:
        """The vendor checks its limit before it looks for the name, so a refusal proves nothing."""
        body = start_body(params, name, evidence.get("workflow_id"))
        try:
            start = await self._client.start_attempt(body, again=True)
        except Rejected as refusal:
            told = f"{refusal.message}; looking for it failed too: {blind.message}"
            raise InDoubt(told, _hint(name)) from None
        if start.created or is_ours(start.attempt, params, name):
            return _handle(start.attempt, joined=name is None and not start.created)
        return None  # somebody else holds the name, so ours never started; the next trigger says who


_SHARED_HINT = "look at the session of this time in the workflow console"


def _name(params: RunWorkflowParams, key: str) -> str | None:
    return None if params.session == "shared" else params.retry_attempt_name or attempt_name(key)


def _hint(name: str | None) -> str:
    return f"look for an attempt named '{name}' in the workflow console" if name else _SHARED_HINT


def _taken(attempt: Attempt, name: str | None) -> Rejected:
    held = f"named '{attempt.retry_attempt_name}'" if attempt.retry_attempt_name else "without a name"
    return Rejected(
        f"the session of {attempt.session_time} is taken by attempt {attempt.id} ({held}, session "
        f"{attempt.session_id}, created {attempt.created_at}, params {sorted(attempt.params)}), "
        f"which is not ours ('{name}')",
        "choose another `session_time` or `retry_attempt_name`, or write `session: shared` to join it",
    )


def _handle(attempt: Attempt, *, joined: bool) -> Handle:
    """`joined`: it was there already and may be somebody else's, so it is not ours to kill."""
    found = {"attempt_id": attempt.id, "session_id": attempt.session_id}
    return {**found, "joined": True} if joined else found


def _outputs(attempt: Attempt) -> dict[str, Json]:
    return {
        "id": attempt.id,
        "session_id": attempt.session_id,
        "session_uuid": attempt.session_uuid or "",
        "session_time": attempt.session_time or "",
        "status": attempt.word(),
        "index": attempt.index or 1,
        "created_at": attempt.created_at or "",
        "finished_at": attempt.finished_at or "",
        "params": attempt.params,
    }


def _archive(client: TreasureClient, folder: Path) -> Any:
    return Read(projects.GET_PROJECT_ARCHIVE, client, asking_projects.ProjectArchive(folder), page=console)


def _push(client: TreasureClient, folder: Path) -> Any:
    push = changing.Push(folder)
    return Change(changes.PUSH_PROJECT, client, push, push.before, page=console)


def _change(kind: Kind, act: Any, before: Any = nothing) -> Callable[[TreasureClient], Any]:
    return lambda client: Change(kind, client, act, before, page=console)


ADAPTERS: dict[str, Callable[..., Any]] = {
    RUN_WORKFLOW.name: RunWorkflow,
    schedules.BACKFILL_SCHEDULE.name: BackfillSchedule,
    attempts.LIST_ATTEMPTS.name: read(attempts.LIST_ATTEMPTS, asking.list_attempts),
    attempts.GET_ATTEMPT.name: read(attempts.GET_ATTEMPT, asking.get_attempt),
    attempts.LIST_ATTEMPT_RETRIES.name: read(attempts.LIST_ATTEMPT_RETRIES, asking.list_attempt_retries),
    attempts.LIST_ATTEMPT_TASKS.name: read(attempts.LIST_ATTEMPT_TASKS, asking.list_attempt_tasks),
    attempts.LIST_LOG_FILES.name: read(attempts.LIST_LOG_FILES, asking.list_log_files),
    attempts.GET_LOG_FILE.name: read(attempts.GET_LOG_FILE, asking.get_log_file),
    attempts.LIST_SESSIONS.name: read(attempts.LIST_SESSIONS, asking.list_sessions),
    attempts.GET_SESSION.name: read(attempts.GET_SESSION, asking.get_session),
    attempts.LIST_SESSION_ATTEMPTS.name: read(attempts.LIST_SESSION_ATTEMPTS, asking.list_session_attempts),
    attempts.KILL_ATTEMPT.name: _change(attempts.KILL_ATTEMPT, changing.kill_attempt),
    projects.LIST_PROJECTS.name: read(projects.LIST_PROJECTS, asking_projects.list_projects),
    projects.GET_PROJECT.name: read(projects.GET_PROJECT, get_project),
    projects.GET_PROJECT_ARCHIVE.name: _archive,
    projects.LIST_PROJECT_REVISIONS.name: read(
        projects.LIST_PROJECT_REVISIONS, asking_projects.list_project_revisions
    ),
    projects.LIST_PROJECT_SCHEDULES.name: read(
        projects.LIST_PROJECT_SCHEDULES, asking_projects.list_project_schedules
    ),
    projects.LIST_PROJECT_SESSIONS.name: read(
        projects.LIST_PROJECT_SESSIONS, asking_projects.list_project_sessions
    ),
    projects.LIST_SECRETS.name: read(projects.LIST_SECRETS, asking_projects.list_secrets),
    projects.LIST_PROJECT_WORKFLOWS.name: read(
        projects.LIST_PROJECT_WORKFLOWS, asking_projects.list_project_workflows
    ),
    projects.GET_PROJECT_WORKFLOW.name: read(
        projects.GET_PROJECT_WORKFLOW, asking_projects.get_project_workflow
    ),
    projects.LIST_WORKFLOWS.name: read(projects.LIST_WORKFLOWS, asking.list_workflows),
    projects.GET_WORKFLOW.name: read(projects.GET_WORKFLOW, asking.get_workflow),
    projects.TRUNCATED_SESSION_TIME.name: read(
        projects.TRUNCATED_SESSION_TIME, asking.get_truncated_session_time
    ),
    changes.PUSH_PROJECT.name: _push,
    changes.DELETE_PROJECT.name: _change(changes.DELETE_PROJECT, changing.delete_project, changing.confirmed),
    changes.PUT_SECRET.name: _change(changes.PUT_SECRET, changing.put_secret),
    changes.DELETE_SECRET.name: _change(changes.DELETE_SECRET, changing.delete_secret),
    schedules.LIST_SCHEDULES.name: read(schedules.LIST_SCHEDULES, asking.list_schedules),
    schedules.GET_SCHEDULE.name: read(schedules.GET_SCHEDULE, asking.get_schedule),
    schedules.ENABLE_SCHEDULE.name: _change(schedules.ENABLE_SCHEDULE, changing.enable_schedule),
    schedules.DISABLE_SCHEDULE.name: _change(schedules.DISABLE_SCHEDULE, changing.disable_schedule),
    schedules.SKIP_SCHEDULE.name: _change(schedules.SKIP_SCHEDULE, changing.skip_schedule),
}
