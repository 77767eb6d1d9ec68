"""trocco's API, one method an endpoint."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pipeforge.adapters.calls import PROBED, Access, Call, Reply
from pipeforge.adapters.http import Http
from pipeforge.adapters.instants import JAPAN, plain
from pipeforge.adapters.limiter import server_now
from pipeforge.adapters.trocco.kinds import TroccoConnection
from pipeforge.adapters.trocco.wire import (
    Job,
    JobList,
    PipelineDefinition,
    PipelineJob,
    Started,
    context_pairs,
    error_words,
    variable_pairs,
)
from pipeforge.adapters.turns import Turns
from pipeforge.redaction import Redactor


def connect(name: str, settings: TroccoConnection, *, app: Any = None) -> "TroccoClient":
    """A client for one trocco account."""
    return TroccoClient(name, settings, app=app)


class TroccoClient:
    """One trocco account. Every method may raise what Http.send raises."""

    def __init__(self, name: str, settings: TroccoConnection, *, app: Any = None) -> None:
        self.settings = settings
        self.turns = Turns("job definition")
        # clients disagree whether a base address ends in /api: both are taken
        self._screen = settings.base_url.rstrip("/").removesuffix("/api")
        access = Access(
            name=name,
            base_url=f"{self._screen}/api",
            headers={"Authorization": f"Token {settings.api_key.get_secret_value()}"},
            secrets=settings.secrets(),
            requests=settings.limits_in_force().requests,
            words=error_words,
        )
        self._http = Http(access, app=app)

    @property
    def redactor(self) -> Redactor:
        return self._http.redactor

    async def probe(self) -> Reply | None:
        """One of the job definitions; the list has no effect (get-job-definitions in the reference)."""
        return await self._http.send(Call("GET", "/job_definitions", [("limit", "1")], accept=PROBED))

    async def aclose(self) -> None:
        await self._http.aclose()

    def link(self, kind: str, number: int) -> str:
        """The page of a job or of a definition; `kind` is `jobs`, `pipeline_jobs`, `job_definitions`, …"""
        return f"{self._screen}/{kind}/{number}"

    async def run_job(
        self, definition: int, context_time: datetime | None, variables: Mapping[str, str]
    ) -> Started:
        form = [*context_pairs(context_time), *variable_pairs(variables)]
        query = [("job_definition_id", str(definition))]
        return await self._http.fit(Call("POST", "/jobs", query=query, form=form), Started)

    async def get_job(self, number: int) -> Job:
        return await self._http.fit(Call("GET", f"/jobs/{number}"), Job)

    async def list_jobs(
        self, definition: int, since: datetime | None, cursor: str | None
    ) -> tuple[JobList, datetime]:
        """One page of the jobs of a definition that were created at or after `since`; and trocco's time."""
        query = [("limit", "100")]
        if since is not None:
            # a minute earlier: the vendor's times may be cut to something coarser
            query.append(("start_time", plain(since - timedelta(seconds=60), JAPAN)))
            query.append(("time_zone", "Asia/Tokyo"))
        if cursor is not None:
            query.append(("cursor", cursor))
        reply = await self._http.send(Call("GET", f"/job_definitions/{definition}/jobs", query=query))
        return self._http.read(reply, JobList, safe=True), server_now(reply.headers)

    async def run_workflow(self, definition: int, context_time: datetime | None) -> Started:
        query = [("pipeline_definition_id", str(definition))]
        call = Call("POST", "/pipeline_jobs", query=query, form=context_pairs(context_time))
        return await self._http.fit(call, Started)

    async def get_workflow_job(self, number: int) -> PipelineJob:
        return await self._http.fit(Call("GET", f"/pipeline_jobs/{number}"), PipelineJob)

    async def get_workflow_definition(self, number: int) -> PipelineDefinition:
        return await self._http.fit(Call("GET", f"/pipeline_definitions/{number}"), PipelineDefinition)
