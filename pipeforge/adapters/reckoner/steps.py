"""Reckoner's kind as an adapter: start, look, cancel, and find a job again by the difference of two lists."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from pipeforge.adapter import Evidence, Handle, Kind, Observation, Outcome
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.reckoner import kinds
from pipeforge.adapters.reckoner.client import ReckonerClient
from pipeforge.adapters.reckoner.searching import highest_job, jobs_of_the_api
from pipeforge.adapters.reckoner.wire import STATUS, Job
from pipeforge.errors import InDoubt, Rejected, Transient

_FIRST_LOOK = 5.0  # chosen: seconds to the second look for a lost job; doubled after each
_COURTESY = 0.1  # chosen: seconds before a process first starts a workflow: what it resumes goes first
_PREPARED = 60.0  # chosen: seconds in which a prepared start must be made
_STARTING = 600.0  # chosen: longer than a request can last
_SETTLING = 600.0  # chosen: how long an unsettled start keeps others from starting the same workflow
_LOOK = "look at the workflow's job history in Reckoner before starting it again"


class RunWorkflow:
    """reckoner.run_workflow."""

    kind: ClassVar[Kind] = kinds.RUN_WORKFLOW

    def __init__(self, client: ReckonerClient) -> None:
        self._client = client
        self._turns = client.turns
        self._met: set[int] = set()

    async def prepare(self, params: kinds.RunWorkflowParams) -> Evidence:
        """The highest job number, read in this workflow's turn (see turns)."""
        workflow = params.workflow_id
        ticket = await self._turns.take(workflow, _PREPARED)
        try:
            if workflow not in self._met:
                self._met.add(workflow)
                await asyncio.sleep(_COURTESY)
            highest = await highest_job(self._client, workflow)
        except BaseException:
            self._turns.give_back(workflow, ticket)
            raise
        if not self._turns.keep(workflow, ticket, _PREPARED):
            raise Transient(f"an earlier start of workflow {workflow} must be settled first")
        return {"highest": highest, "ticket": ticket}

    async def trigger(self, params: kinds.RunWorkflowParams, key: str, evidence: Evidence) -> Handle:
        workflow, ticket = params.workflow_id, str(evidence.get("ticket"))
        if not self._turns.keep(workflow, ticket, _STARTING, starting=True):
            raise Transient(f"what was known of workflow {workflow} before the start is out of date")
        try:
            started = await self._client.run_workflow(workflow, params.parameters)
        except (Transient, Rejected):
            self._turns.give_back(workflow, ticket)
            raise
        except BaseException:
            self._turns.keep(workflow, ticket, _SETTLING)
            raise
        self._turns.give_back(workflow, ticket)
        return {"workflow_id": workflow, "job_id": started.job_id}

    async def observe(self, handle: Handle) -> Observation:
        workflow, number = int(handle["workflow_id"]), int(handle["job_id"])
        job = await self._client.get_job(workflow, number)
        word = job.status.strip().upper()
        outcome = STATUS.get(word)
        outputs = {**job.model_dump(), "errors": [], "id": number, "workflow_id": workflow, "status": word}
        outputs["errors"] = [error.model_dump() for error in job.errors or ()]
        return Observation(
            outcome=outcome,
            word=job.status,
            detail=self._client.redactor.text(_detail(word, job)) if outcome is Outcome.FAILED else "",
            outputs=self._client.redactor.json(outputs) if outcome else {},
            warning="" if word in STATUS else f"unknown status '{job.status}' is taken as still running",
        )

    async def cancel(self, handle: Handle) -> None:
        """Asks; the job may still end otherwise, and what it has written stays."""
        try:
            await self._client.cancel_job(int(handle["workflow_id"]), int(handle["job_id"]))
        except Refused as refusal:
            if refusal.status != 404:
                raise
            refused = Rejected(refusal.message, "this account's API cannot cancel: stop the job in Reckoner")
        else:
            return
        raise refused

    async def recover(self, params: kinds.RunWorkflowParams, key: str, evidence: Evidence) -> Handle | None:
        """Exactly one new job by the API is ours. None at all proves nothing: the list may lag behind."""
        workflow, highest = params.workflow_id, evidence.get("highest")
        if highest is None:
            raise InDoubt(f"Reckoner may have started workflow {workflow}, whose history is too long", _LOOK)
        ticket = await self._turns.seize(workflow, _SETTLING)
        try:
            found = await self._look_for(workflow, int(highest))
        except Transient:
            raise  # asked again soon: until then nobody else may start the workflow
        except BaseException:
            self._turns.give_back(workflow, ticket)
            raise
        self._turns.give_back(workflow, ticket)
        if len(found) == 1:
            return {"workflow_id": workflow, "job_id": found[0]}
        listed = ", ".join(map(str, found))
        shown = f"several new jobs by the API: {listed}" if found else "no new job by the API"
        hint = _LOOK if found else f"{_LOOK}; `on_ambiguous: retry` starts it again in this case"
        raise InDoubt(f"Reckoner may have started workflow {workflow}; its list shows {shown}", hint)

    async def _look_for(self, workflow: int, highest: int) -> list[int]:
        loop = asyncio.get_running_loop()
        until, wait = loop.time() + self._client.settings.recovery_window, _FIRST_LOOK
        while True:
            try:
                found = await jobs_of_the_api(self._client, workflow, highest)
            except Rejected as refusal:
                raise InDoubt(f"the job list cannot be read: {refusal.message}", refusal.hint) from None
            left = until - loop.time()
            if found is None:
                raise InDoubt(f"the history of workflow {workflow} is too long to be searched", _LOOK)
            if found or left <= 0:
                return found
            await asyncio.sleep(min(wait, left))
            wait *= 2


def _detail(word: str, job: Job) -> str:
    """The vendor's errors, one task after the other."""
    said = [
        f"{e.task_name or '?'} ({e.category or '?'}/{e.subcategory or '?'}): {e.message or ''}"
        for e in job.errors or ()
    ]
    return "; ".join(said) or (
        "a server error at Reckoner" if word == "SERVER_ERROR" else "no error was given"
    )


ADAPTERS: dict[str, Callable[[ReckonerClient], Any]] = {"reckoner.run_workflow": RunWorkflow}
