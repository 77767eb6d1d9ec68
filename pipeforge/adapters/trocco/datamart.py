"""trocco.run_datamart as an adapter: a start whose job nobody can look at afterwards."""

from typing import ClassVar

from pipeforge.adapter import Evidence, Handle, Json, Kind, Observation, Outcome
from pipeforge.adapters.pointing import number
from pipeforge.adapters.trocco.client import TroccoClient
from pipeforge.adapters.trocco.kinds_datamart import RUN_DATAMART, RunDatamartParams
from pipeforge.adapters.trocco.written import given_instant
from pipeforge.errors import InDoubt, Rejected


class RunDatamart:
    """trocco.run_datamart."""

    kind: ClassVar[Kind] = RUN_DATAMART

    def __init__(self, client: TroccoClient) -> None:
        self._client = client

    async def prepare(self, params: RunDatamartParams) -> Evidence:
        """Nothing can be looked up: trocco shows no data mart jobs."""
        return {}

    async def trigger(self, params: RunDatamartParams, key: str, evidence: Evidence) -> Handle:
        """The memo is what a person finds the job by, when the answer is lost."""
        definition = params.datamart_definition_id
        memo = key if params.memo is None else params.memo
        when = given_instant(params.context_time)
        job = await self._client.run_datamart(definition, when, params.custom_variables, memo)
        return {
            "datamart_job_id": job.id,
            "datamart_definition_id": definition,
            "context_time": job.context_time,
        }

    async def observe(self, handle: Handle) -> Observation:
        """Asks nobody: that trocco has taken the job is all that can be known."""
        job = int(handle["datamart_job_id"])
        page = self._client.link("datamart/jobs", job)
        outputs = {
            "id": job,
            "datamart_definition_id": handle["datamart_definition_id"],
            "link": page,
            "context_time": handle.get("context_time"),
        }
        return Observation(
            Outcome.SUCCEEDED,
            "taken",
            detail=f"trocco has taken the job; how it ends is told on {page} only",
            outputs=self._client.redactor.json(outputs),
        )

    async def cancel(self, handle: Handle) -> None:
        """trocco's API has no way to stop a job."""
        raise Rejected("trocco cannot stop a job over its API", "stop it by hand on its page in trocco")

    async def recover(self, params: RunDatamartParams, key: str, evidence: Evidence) -> Handle | None:
        memo = key if params.memo is None else params.memo
        raise InDoubt(
            f"trocco may have started data mart {params.datamart_definition_id}, and does not show its jobs",
            f"look in trocco for a job of it with the memo '{memo}' before starting it again",
        )

    def link(self, params: RunDatamartParams) -> str:
        """The list of data mart jobs. inferred: it lies above the page of each."""
        return self._client.list_link("datamart/jobs")

    def handle_of(self, given: Json, params: RunDatamartParams, evidence: Evidence) -> Handle:
        job = number(given, "datamart_job_id")
        return {"datamart_job_id": job, "datamart_definition_id": params.datamart_definition_id}
