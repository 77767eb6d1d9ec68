"""trocco's API, one method an endpoint."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel

from pipeforge.adapters.calls import PROBED, Access, Call, Pairs, Refused, Reply
from pipeforge.adapters.http import Http
from pipeforge.adapters.instants import JAPAN, plain
from pipeforge.adapters.limiter import server_now
from pipeforge.adapters.trocco.kinds import TroccoConnection
from pipeforge.adapters.trocco.wire import (
    DatamartStarted,
    Job,
    JobList,
    Page,
    PipelineJob,
    ShownJob,
    Started,
    context_pairs,
    datamart_body,
    error_words,
    variable_pairs,
)
from pipeforge.adapters.trocco.wire_definitions import DatamartDefinition, JobDefinition, PipelineDefinition
from pipeforge.adapters.turns import Turns
from pipeforge.errors import Transient
from pipeforge.redaction import Redactor

_PAGE = 100  # the longest page that every document allows
_UNDESCRIBED = "trocco's API cannot describe settings with this connector; they can be run all the same"
M = TypeVar("M", bound=BaseModel)


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
    def http(self) -> Http:
        return self._http

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

    def list_link(self, kind: str) -> str:
        """The page that lists them."""
        return f"{self._screen}/{kind}"

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

    async def run_datamart(
        self, definition: int, context_time: datetime | None, variables: Mapping[str, str], memo: str
    ) -> DatamartStarted:
        body = datamart_body(definition, context_time, variables, memo)
        return await self._http.fit(Call("POST", "/datamart_jobs", json=body), DatamartStarted)

    async def every_job(self, definition: int, since: datetime | None, most: int | None) -> list[ShownJob]:
        """The jobs of a definition that were made at or after `since`."""
        query = []
        if since is not None:
            query = [("start_time", plain(since, JAPAN)), ("time_zone", "Asia/Tokyo")]
        return await self._every(f"/job_definitions/{definition}/jobs", query, Page[ShownJob], most)

    async def get_job_definition(self, number: int) -> JobDefinition:
        """Raises Refused with a hint of its own where trocco's API cannot describe the connector (400)."""
        try:
            return await self._http.fit(Call("GET", f"/job_definitions/{number}"), JobDefinition)
        except Refused as refusal:
            if refusal.status == 400:
                raise Refused(refusal.message, _UNDESCRIBED, refusal.status, refusal.body) from None
            raise

    async def list_job_definitions(self, name: str | None, most: int | None) -> list[JobDefinition]:
        query = [("name", name)] if name else []
        return await self._every("/job_definitions", query, Page[JobDefinition], most)

    async def get_workflow_definition(self, number: int) -> PipelineDefinition:
        return await self._http.fit(Call("GET", f"/pipeline_definitions/{number}"), PipelineDefinition)

    async def list_workflow_definitions(self, most: int | None) -> list[PipelineDefinition]:
        return await self._every("/pipeline_definitions", [], Page[PipelineDefinition], most)

    async def get_datamart_definition(self, number: int) -> DatamartDefinition:
        return await self._http.fit(Call("GET", f"/datamart_definitions/{number}"), DatamartDefinition)

    async def _every(self, path: str, query: Pairs, model: type[Page[M]], most: int | None) -> list[M]:
        """All pages of a list, or so many of it."""
        found: list[M] = []
        cursor, seen = "", {""}
        while most is None or len(found) < most:
            size = _PAGE if most is None else min(_PAGE, most - len(found))
            asked = [*query, ("limit", str(size)), *([("cursor", cursor)] if cursor else [])]
            page = await self._http.fit(Call("GET", path, query=asked), model)
            found += page.items or []
            cursor = page.next_cursor or ""
            if not cursor:
                break
            if cursor in seen:
                raise Transient(f"{self._http.access.name}: the list at {path} does not end")
            seen.add(cursor)
        return found[:most]
