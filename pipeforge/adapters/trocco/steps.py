"""trocco's kinds as adapters: start, look, and find a job again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from pipeforge.adapter import Evidence, Handle, Json, Kind, Observation, Outcome
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.claims import Claims, Newer, search, settle, taken
from pipeforge.adapters.operations import Read
from pipeforge.adapters.pointing import number
from pipeforge.adapters.trocco import asking, kinds
from pipeforge.adapters.trocco import kinds_jobs as jobs
from pipeforge.adapters.trocco import kinds_setup as definitions
from pipeforge.adapters.trocco.client import TroccoClient
from pipeforge.adapters.trocco.datamart import RunDatamart
from pipeforge.adapters.trocco.searching import Mark, newer_jobs, newest_mark
from pipeforge.adapters.trocco.wire import STATUS, Job, PipelineJob, normalise
from pipeforge.adapters.trocco.written import given_instant
from pipeforge.errors import InDoubt, Rejected, Transient

_UNSEEN_INTERVAL = 60.0  # chosen: seconds between two looks at a job that the key may not view
_LOOK = "look at the definition's job list in trocco before starting it again"
_BY = "of the definition"


class _Watching:
    """What both kinds share: reading a job's word."""

    def __init__(self, client: TroccoClient) -> None:
        self._client = client

    async def cancel(self, handle: Handle) -> None:
        """trocco's API has no way to stop a job."""
        raise Rejected("trocco cannot stop a job over its API", "stop it by hand on its page in trocco")

    def _unseen(self, refusal: Refused, page: str) -> Observation:
        """The job was started by us, but this key may not look at it: not the job's failure."""
        if refusal.status not in (401, 403):
            raise refusal
        return Observation(
            outcome=None,
            word="not viewable",
            detail=f"started, see {page}",
            look_again=_UNSEEN_INTERVAL,
            warning=f"started, but the API key may not view the job: {refusal.message}; see {page}",
        )

    def _seen(self, job: Job | PipelineJob, page: str) -> Observation:
        word = normalise(job.status)
        outcome = STATUS.get(word)
        known = word in STATUS
        if known and outcome is None:
            return Observation(outcome=None, word=job.status)
        outputs = {**job.model_dump(), "status": word, "link": page} if outcome else {}
        return Observation(
            outcome=outcome,
            word=job.status,
            detail=_DETAILS.get(outcome, "").format(page=page),
            outputs=self._client.redactor.json(outputs),
            warning="" if known else f"unknown status '{job.status}' is taken as still running; see {page}",
        )


_DETAILS: dict[Outcome | None, str] = {
    Outcome.FAILED: "the reason is in the log at {page}",
    Outcome.CANCELED: "somebody stopped it; see {page}",
    Outcome.SKIPPED: "trocco did not run it: another job of this definition was in progress; see {page}",
}


class RunJob(_Watching):
    """trocco.run_job."""

    kind: ClassVar[Kind] = kinds.RUN_JOB

    async def prepare(self, params: kinds.RunJobParams) -> Evidence:
        """The newest job of the definition, read in the definition's turn, so that ours can be told apart."""
        definition = params.job_definition_id

        async def look() -> Mark | None:
            try:
                return await newest_mark(self._client, definition)
            except Refused as refusal:
                if refusal.status == 404:
                    raise
                return None  # a key may run what it may not view, and trocco what it cannot describe

        ticket, mark = await self._client.turns.prepare(definition, look)
        listable = {"listable": False} if mark is None else {"listable": True, **mark.to_json()}
        return {**listable, "ticket": ticket}

    async def trigger(self, params: kinds.RunJobParams, key: str, evidence: Evidence) -> Handle:
        when, definition = given_instant(params.context_time), params.job_definition_id

        async def begin() -> Handle:
            job = await self._client.run_job(definition, when, params.custom_variables)
            return {"job_id": job.id}

        return await self._client.turns.start(definition, str(evidence["ticket"]), begin)

    async def observe(self, handle: Handle) -> Observation:
        number = int(handle["job_id"])
        page = self._client.link("jobs", number)
        try:
            seen = self._seen(await self._client.get_job(number), page)
        except Refused as refusal:
            return self._unseen(refusal, page)
        if handle.get("by_exclusion") and not seen.warning:
            return replace(seen, warning=f"{taken(f'job {number}', _BY)}; see {page}")
        return seen

    async def recover(self, params: kinds.RunJobParams, key: str, evidence: Evidence) -> Handle | None:
        """The one newer job of that time is ours. None at all proves nothing: the list may lag behind."""
        definition = params.job_definition_id
        if not evidence.get("listable"):
            self._client.turns.give_back(definition, str(evidence["ticket"]))
            raise InDoubt(
                f"trocco may have started a job of definition {definition}, whose jobs this key may not list",
                "look at the definition's job list in trocco; give the key the right to view it",
            )
        mark, window = Mark.from_json(evidence), self._client.settings.recovery_window

        async def find() -> Claims:
            return await search(lambda: self._newer(definition, mark), mark.at, window)

        claims = await self._client.turns.settle(definition, window, find)
        said = f"trocco may have started a job of definition {definition}"
        return {"job_id": settle(claims, said, _BY, _LOOK), "by_exclusion": True}

    async def _newer(self, definition: int, mark: Mark) -> tuple[Sequence[Newer], datetime]:
        try:
            return await newer_jobs(self._client, definition, mark)
        except Rejected as refusal:
            said = f"trocco's job list cannot be read: {refusal.message}"
            raise InDoubt(said, "; ".join(filter(None, (_LOOK, refusal.hint)))) from None

    def link(self, params: kinds.RunJobParams) -> str:
        """The transfer setting's page, which lists its jobs."""
        return self._client.link("job_definitions", params.job_definition_id)

    def handle_of(self, given: Json, params: kinds.RunJobParams, evidence: Evidence) -> Handle:
        return {"job_id": number(given, "job_id")}


class RunWorkflow(_Watching):
    """trocco.run_workflow."""

    kind: ClassVar[Kind] = kinds.RUN_WORKFLOW

    async def prepare(self, params: kinds.RunWorkflowParams) -> Evidence:
        """Nothing can be looked up: trocco has no list of workflow jobs."""
        return {}

    async def trigger(self, params: kinds.RunWorkflowParams, key: str, evidence: Evidence) -> Handle:
        definition = params.pipeline_definition_id
        job = await self._client.run_workflow(definition, given_instant(params.context_time))
        return {"pipeline_job_id": job.id, "pipeline_definition_id": definition}

    async def observe(self, handle: Handle) -> Observation:
        number = int(handle["pipeline_job_id"])
        page = self._client.link("pipeline_jobs", number)
        try:
            job = await self._client.get_workflow_job(number)
            if normalise(job.status) == "error" and await self._may_retry(handle):
                await asyncio.sleep(self._client.settings.retry_grace)
                job = await self._client.get_workflow_job(number)
        except Refused as refusal:
            return self._unseen(refusal, page)
        return self._seen(job, page)

    async def recover(self, params: kinds.RunWorkflowParams, key: str, evidence: Evidence) -> Handle | None:
        number = params.pipeline_definition_id
        raise InDoubt(
            f"trocco may have started workflow {number}, and has no list in which to look",
            "look at the workflow's jobs in trocco before starting it again",
        )

    def link(self, params: kinds.RunWorkflowParams) -> str:
        """The workflow's page. inferred: addressed as a transfer setting's is."""
        return self._client.link("pipeline_definitions", params.pipeline_definition_id)

    def handle_of(self, given: Json, params: kinds.RunWorkflowParams, evidence: Evidence) -> Handle:
        job = number(given, "pipeline_job_id")
        return {"pipeline_job_id": job, "pipeline_definition_id": params.pipeline_definition_id}

    async def _may_retry(self, handle: Handle) -> bool:
        """Whether trocco may go on by itself after `error`; so if its definition cannot be read."""
        definition: Json = handle.get("pipeline_definition_id")
        try:
            found = await self._client.get_workflow_definition(int(definition))
        except (Rejected, Transient, TypeError):
            return True
        return found.max_retries is None or found.max_retries > 0


ADAPTERS: dict[str, Callable[[TroccoClient], Any]] = {
    "trocco.run_job": RunJob,
    "trocco.run_workflow": RunWorkflow,
    "trocco.run_datamart": RunDatamart,
    "trocco.get_job": partial(Read, jobs.GET_JOB, ask=asking.get_job),
    "trocco.get_workflow_job": partial(Read, jobs.GET_WORKFLOW_JOB, ask=asking.get_workflow_job),
    "trocco.list_jobs": partial(Read, jobs.LIST_JOBS, ask=asking.list_jobs),
    "trocco.get_job_definition": partial(Read, definitions.GET_JOB_DEFINITION, ask=asking.get_job_definition),
    "trocco.list_job_definitions": partial(
        Read, definitions.LIST_JOB_DEFINITIONS, ask=asking.list_job_definitions
    ),
    "trocco.get_workflow_definition": partial(
        Read, definitions.GET_WORKFLOW_DEFINITION, ask=asking.get_workflow_definition
    ),
    "trocco.list_workflow_definitions": partial(
        Read, definitions.LIST_WORKFLOW_DEFINITIONS, ask=asking.list_workflow_definitions
    ),
}
