"""Reckoner's kind as an adapter: start, look, cancel, and find a job again by the difference of two lists."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pipeforge.adapter import Evidence, Handle, Json, Kind, Observation, Outcome
from pipeforge.adapters.claims import Claims, Newer, search, settle, taken
from pipeforge.adapters.operations import Change, Read
from pipeforge.adapters.pointing import number
from pipeforge.adapters.reckoner import (
    asking,
    changing,
    kinds,
    kinds_integrations,
    kinds_jobs,
    kinds_workflows,
)
from pipeforge.adapters.reckoner.client import ReckonerClient
from pipeforge.adapters.reckoner.searching import highest_job, jobs_of_the_api
from pipeforge.adapters.reckoner.wire import STATUS, Job
from pipeforge.errors import InDoubt, Rejected

_LOOK = "look at the workflow's job history in Reckoner before starting it again"
_BY = "by the API"


class RunWorkflow:
    """reckoner.run_workflow."""

    kind: ClassVar[Kind] = kinds.RUN_WORKFLOW

    def __init__(self, client: ReckonerClient) -> None:
        self._client = client

    async def prepare(self, params: kinds.RunWorkflowParams) -> Evidence:
        """The highest job number, read in this workflow's turn (see turns), and Reckoner's time."""
        workflow = params.workflow_id
        ticket, (highest, now) = await self._client.turns.prepare(
            workflow, lambda: highest_job(self._client, workflow)
        )
        return {"highest": highest, "at": now.isoformat(), "ticket": ticket}

    async def trigger(self, params: kinds.RunWorkflowParams, key: str, evidence: Evidence) -> Handle:
        workflow = params.workflow_id

        async def begin() -> Handle:
            started = await self._client.run_workflow(workflow, params.parameters)
            return {"workflow_id": workflow, "job_id": started.job_id}

        return await self._client.turns.start(workflow, str(evidence["ticket"]), begin)

    async def observe(self, handle: Handle) -> Observation:
        workflow, number = int(handle["workflow_id"]), int(handle["job_id"])
        job = await self._client.get_job(workflow, number)
        word = job.status.strip().upper()
        outcome = STATUS.get(word)
        outputs = job.model_dump(exclude={"trigger"})
        outputs |= {"id": number, "workflow_id": workflow, "status": word}
        outputs["errors"] = [error.model_dump() for error in job.errors]
        warning = "" if word in STATUS else f"unknown status '{job.status}' is taken as still running"
        if not warning and handle.get("by_exclusion"):
            warning = taken(f"job {number}", _BY)
        return Observation(
            outcome=outcome,
            word=job.status,
            detail=self._client.redactor.text(_detail(word, job)) if outcome is Outcome.FAILED else "",
            outputs=self._client.redactor.json(outputs) if outcome else {},
            warning=warning,
        )

    async def cancel(self, handle: Handle) -> None:
        """Asks; the job may still end otherwise, and what it has written stays."""
        await self._client.cancel_job(int(handle["workflow_id"]), int(handle["job_id"]))

    async def recover(self, params: kinds.RunWorkflowParams, key: str, evidence: Evidence) -> Handle | None:
        """The one new job by the API of that time is ours. None at all proves nothing: the list may lag."""
        workflow, highest = params.workflow_id, evidence["highest"]
        said = f"Reckoner may have started workflow {workflow}"
        if highest is None:
            self._client.turns.give_back(workflow, str(evidence["ticket"]))
            raise InDoubt(f"{said}, whose history is too long", _LOOK)
        at, window = datetime.fromisoformat(evidence["at"]), self._client.settings.recovery_window

        async def find() -> Claims:
            return await search(lambda: self._newer(workflow, int(highest)), at, window)

        claims = await self._client.turns.settle(workflow, window, find)
        job = settle(claims, said, _BY, _LOOK)
        return {"workflow_id": workflow, "job_id": job, "by_exclusion": True}

    def link(self, params: kinds.RunWorkflowParams) -> str:
        """Empty: no document tells the addresses of Reckoner's screens."""
        return ""

    def handle_of(self, given: Json, params: kinds.RunWorkflowParams, evidence: Evidence) -> Handle:
        return {"workflow_id": params.workflow_id, "job_id": number(given, "job_id")}

    async def _newer(self, workflow: int, highest: int) -> tuple[Sequence[Newer], datetime]:
        try:
            return await jobs_of_the_api(self._client, workflow, highest)
        except Rejected as refusal:
            said = f"Reckoner's job list cannot be read: {refusal.message}"
            raise InDoubt(said, "; ".join(filter(None, (_LOOK, refusal.hint)))) from None


def _detail(word: str, job: Job) -> str:
    """The vendor's errors, one task after the other."""
    said = [
        f"{e.task_name or '?'} ({e.category or '?'}/{e.subcategory or '?'}): {e.message or ''}"
        for e in job.errors
    ]
    return "; ".join(said) or (
        "a server error at Reckoner" if word == "SERVER_ERROR" else "no error was given"
    )


ADAPTERS: dict[str, Callable[[ReckonerClient], Any]] = {
    "reckoner.run_workflow": RunWorkflow,
    "reckoner.cancel_job": lambda client: Change(
        kinds_jobs.CANCEL_JOB, client, changing.cancel_job, changing.job_before
    ),
    "reckoner.delete_integration": lambda client: Change(
        kinds_integrations.DELETE_INTEGRATION,
        client,
        changing.delete_integration,
        changing.integration_before,
    ),
    "reckoner.get_job": lambda client: Read(kinds_jobs.GET_JOB, client, asking.get_job),
    "reckoner.list_jobs": lambda client: Read(kinds_jobs.LIST_JOBS, client, asking.list_jobs),
    "reckoner.get_workflow": lambda client: Read(kinds_workflows.GET_WORKFLOW, client, asking.get_workflow),
    "reckoner.list_workflows": lambda client: Read(
        kinds_workflows.LIST_WORKFLOWS, client, asking.list_workflows
    ),
    "reckoner.export_workflow": lambda client: Read(
        kinds_workflows.EXPORT_WORKFLOW, client, asking.export_workflow
    ),
    "reckoner.list_integrations": lambda client: Read(
        kinds_integrations.LIST_INTEGRATIONS, client, asking.list_integrations
    ),
}
