"""What the engine drives: treasure.run_workflow over a client."""

from collections.abc import Callable
from typing import Any, ClassVar

from pipeforge.adapter import Adapter, Evidence, Handle, Json, Kind, Observation, Outcome
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.treasure.choices import LIMIT_WAIT, LIMIT_WORDS
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.failure import explain_failure
from pipeforge.adapters.treasure.kinds import RUN_WORKFLOW, RunWorkflowParams
from pipeforge.adapters.treasure.wire import STATUS, Attempt, attempt_name, start_body
from pipeforge.errors import InDoubt, Rejected, Transient


class RunWorkflow:
    """Starts an attempt under a name of ours, which makes every repeat of the start harmless."""

    kind: ClassVar[Kind] = RUN_WORKFLOW

    def __init__(self, client: TreasureClient) -> None:
        self._client = client

    async def prepare(self, params: RunWorkflowParams) -> Evidence:
        """The workflow's id, which only digdag needs; the hosted service takes names."""
        if self._client.api == "hosted":
            return {}
        project = await self._client.find_project(params.project)
        return {
            "project_id": project,
            "workflow_id": await self._client.find_workflow(project, params.workflow),
        }

    async def trigger(self, params: RunWorkflowParams, key: str, evidence: Evidence) -> Handle:
        name = _name(params, key)
        try:
            start = await self._client.start_attempt(start_body(params, name, evidence.get("workflow_id")))
        except Refused as refusal:
            if _no_room(refusal):
                raise Transient(refusal.message, _NO_ROOM_HINT, retry_after=LIMIT_WAIT) from None
            raise
        if not start.created and not _is_ours(start.attempt, params, name):
            raise _taken(start.attempt, name)
        return _handle(start.attempt)

    async def observe(self, handle: Handle) -> Observation:
        attempt = await self._client.get_attempt(handle["attempt_id"])
        outcome, word = attempt.outcome(), attempt.word()
        detail = ""
        if outcome is Outcome.FAILED:
            detail = await explain_failure(self._client, attempt.id)
        elif outcome is Outcome.CANCELED:
            detail = _KILLED
        unseen = f"the vendor said '{word}', a status not documented" if word not in STATUS else ""
        return Observation(outcome, word, detail, outputs=_outputs(attempt), warning=unseen)

    async def cancel(self, handle: Handle) -> None:
        await self._client.kill_attempt(handle["attempt_id"])

    async def recover(self, params: RunWorkflowParams, key: str, evidence: Evidence) -> Handle | None:
        """Sends the identical start again: it gives the attempt of our name, new or old.

        The vendor checks its limit before it looks for the name, so a refusal proves nothing: then we look.
        """
        name = _name(params, key)
        body = start_body(params, name, evidence.get("workflow_id"))
        try:
            start = await self._client.start_attempt(body, again=True)
        except Rejected as refusal:
            return await self._find(params, name, refusal)
        if start.created or _is_ours(start.attempt, params, name):
            return _handle(start.attempt)
        return None  # somebody else holds the name, so ours never started; the next trigger says who

    async def _find(self, params: RunWorkflowParams, name: str | None, refusal: Rejected) -> Handle | None:
        try:
            project = await self._client.find_project(params.project)
            async for page in self._client.project_sessions(project, params.workflow):
                for session in page:
                    if session.is_at(params.session_time):
                        return await self._find_attempt(session.id, params, name)
        except Rejected as blind:
            hint = f"look for an attempt named '{name}' in the workflow console" if name else _SHARED_HINT
            raise InDoubt(f"{refusal.message}; looking for it failed too: {blind.message}", hint) from None
        return None

    async def _find_attempt(self, session: str, params: RunWorkflowParams, name: str | None) -> Handle | None:
        async for page in self._client.session_attempts(session):
            for attempt in page:
                if _is_ours(attempt, params, name):
                    return _handle(attempt)
        return None


_NO_ROOM_HINT = "the account runs as many attempts as it may: the start waits for room"
_SHARED_HINT = "look at the session of this time in the workflow console"
_KILLED = "killed by a person, or by the server: attempts may take 7 days, their tasks 24 hours"


def _name(params: RunWorkflowParams, key: str) -> str | None:
    return None if params.session == "shared" else params.retry_attempt_name or attempt_name(key)


def _is_ours(attempt: Attempt, params: RunWorkflowParams, name: str | None) -> bool:
    """Whether an attempt that is already there is the one we mean.

    A shared session takes any. A name made from our key can be nobody else's; a name the author wrote can,
    and then the session parameters tell: the vendor hands back the attempt's, not those of the refused start.
    """
    if name is None:
        return True
    if attempt.retry_attempt_name != name:
        return False
    if params.retry_attempt_name is None:
        return True
    return all(key in attempt.params and attempt.params[key] == value for key, value in params.params.items())


def _taken(attempt: Attempt, name: str | None) -> Rejected:
    held = f"named '{attempt.retry_attempt_name}'" if attempt.retry_attempt_name else "without a name"
    return Rejected(
        f"the session of {attempt.session_time} is taken by attempt {attempt.id} ({held}, session "
        f"{attempt.session_id}, created {attempt.created_at}, params {sorted(attempt.params)}), "
        f"which is not ours ('{name}')",
        "choose another `session_time` or `retry_attempt_name`, or write `session: shared` to join it",
    )


def _no_room(refusal: Refused) -> bool:
    said = refusal.body.get("message") if isinstance(refusal.body, dict) else None
    return refusal.status == 400 and isinstance(said, str) and any(w in said.lower() for w in LIMIT_WORDS)


def _handle(attempt: Attempt) -> Handle:
    return {"attempt_id": attempt.id, "session_id": attempt.session_id}


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


ADAPTERS: dict[str, Callable[[TreasureClient], Adapter[Any]]] = {RUN_WORKFLOW.name: RunWorkflow}
