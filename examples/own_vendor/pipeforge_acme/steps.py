"""Acme's kinds as adapters: one starts and watches, one asks."""

from collections.abc import Callable
from typing import Any, ClassVar

from pipeforge.adapter import Evidence, Handle, Json, Kind, Observation, Outcome
from pipeforge.adapters.operations import Read
from pipeforge.adapters.pointing import number
from pipeforge_acme import kinds
from pipeforge_acme.client import AcmeClient

STATUS = {"done": Outcome.SUCCEEDED, "failed": Outcome.FAILED, "canceled": Outcome.CANCELED}


class RunReport:
    """acme.run_report."""

    kind: ClassVar[Kind] = kinds.RUN_REPORT

    def __init__(self, client: AcmeClient) -> None:
        self._client = client

    async def prepare(self, params: kinds.RunReportParams) -> Evidence:
        return {}

    async def trigger(self, params: kinds.RunReportParams, key: str, evidence: Evidence) -> Handle:
        return {"id": await self._client.run(params.report, key)}

    async def observe(self, handle: Handle) -> Observation:
        report = await self._client.get(handle["id"])
        outcome = STATUS.get(report.status)
        strange = outcome is None and report.status not in ("queued", "running")
        return Observation(
            outcome,
            report.status,
            detail="Acme does not say why" if outcome is Outcome.FAILED else "",
            outputs=report.model_dump() if outcome else {},
            warning=f"unknown status '{report.status}' is taken as still running" if strange else "",
        )

    async def cancel(self, handle: Handle) -> None:
        await self._client.cancel(handle["id"])

    async def recover(self, params: kinds.RunReportParams, key: str, evidence: Evidence) -> Handle | None:
        return await self._client.find(key)

    def link(self, params: kinds.RunReportParams) -> str:
        return ""

    def handle_of(self, given: Json, params: kinds.RunReportParams, evidence: Evidence) -> Handle:
        return {"id": number(given, "id")}


async def get_report(client: AcmeClient, params: kinds.GetReportParams) -> kinds.Report:
    return await client.get(params.id)


ADAPTERS: dict[str, Callable[[AcmeClient], Any]] = {
    "acme.run_report": RunReport,
    "acme.get_report": lambda client: Read(kinds.GET_REPORT, client, get_report),
}
