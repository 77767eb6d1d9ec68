"""What the engine drives: treasure.run_workflow over a client."""

from collections.abc import Callable
from typing import Any, ClassVar

from pipeforge.adapter import Adapter, Evidence, Handle, Json, Kind, Observation, Outcome
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.pointing import number
from pipeforge.adapters.treasure.choices import LIMIT_WAIT, LIMIT_WORDS
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.failure import explain_failure
from pipeforge.adapters.treasure.kinds import RUN_WORKFLOW, RunWorkflowParams
from pipeforge.adapters.treasure.searching import find_attempt, is_gone, is_ours
from pipeforge.adapters.treasure.wire import STATUS, Attempt, attempt_name, start_body
from pipeforge.errors import InDoubt, Rejected, Transient


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
            if _no_room(refusal):
                raise Transient(refusal.message, _NO_ROOM_HINT, retry_after=LIMIT_WAIT) from None
            raise
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
            detail = _KILLED
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


_NO_ROOM_HINT = "the account runs as many attempts as it may: the start waits for room"
_SHARED_HINT = "look at the session of this time in the workflow console"
_KILLED = "killed by a person, or by the server: attempts may take 7 days, their tasks 24 hours"


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


def _no_room(refusal: Refused) -> bool:
    said = refusal.body.get("message") if isinstance(refusal.body, dict) else None
    return refusal.status == 400 and isinstance(said, str) and any(w in said.lower() for w in LIMIT_WORDS)


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


ADAPTERS: dict[str, Callable[[TreasureClient], Adapter[Any]]] = {RUN_WORKFLOW.name: RunWorkflow}
