"""Reckoner's external API, one method an endpoint."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from pipeforge.adapter import Json
from pipeforge.adapters.calls import PROBED, Access, Call, Pairs, Refused, Reply
from pipeforge.adapters.http import Http
from pipeforge.adapters.limiter import server_now
from pipeforge.adapters.reckoner.kinds import ReckonerConnection
from pipeforge.adapters.reckoner.wire import (
    PATHS,
    Job,
    JobPage,
    Refreshed,
    Started,
    error_code,
    error_words,
    run_request,
)
from pipeforge.adapters.turns import Turns
from pipeforge.errors import Rejected
from pipeforge.redaction import Redactor

M = TypeVar("M", bound=BaseModel)

PAGE = 100
"""What is listed on one page, the vendor's most."""

_EMPTY = frozenset({"cancelWorkflowJobs", "deleteIntegration"})
"""Operations whose answer has no body."""


def connect(name: str, settings: ReckonerConnection, *, app: Any = None) -> "ReckonerClient":
    """A client for one Reckoner account."""
    return ReckonerClient(name, settings, app=app)


class ReckonerClient:
    """One Reckoner account. Every method may raise what Http.send raises."""

    def __init__(self, name: str, settings: ReckonerConnection, *, app: Any = None) -> None:
        self.settings = settings
        self.turns = Turns("workflow")
        self._token = settings.access_token.get_secret_value()
        self._refreshing = asyncio.Lock()
        self._paths: dict[str, str] = {**PATHS}
        self._paths.update({str(name): path for name, path in settings.paths.items()})
        access = Access(
            name=name,
            base_url=settings.base_url,
            secrets=settings.secrets(),
            requests=settings.limits_in_force().requests,
            words=error_words,
        )
        self.http = Http(access, app=app)

    @property
    def redactor(self) -> Redactor:
        return self.http.redactor

    async def probe(self) -> Reply | None:
        """The jobs of a workflow that need not exist: its absence is told only to who may ask."""
        query = [("limit", "1")]
        try:
            return await self.ask("listWorkflowJobs", {"workflow_id": 1}, query=query)
        except Refused as refusal:
            if refusal.status not in PROBED:
                raise
            return Reply(refusal.status, {}, b"", refusal.body)

    async def aclose(self) -> None:
        await self.http.aclose()

    async def run_workflow(self, workflow: int, parameters: Mapping[str, str]) -> Started:
        path = {"workflow_id": workflow}
        reply = await self.ask("runWorkflow", path, body=run_request(parameters), safe=False)
        return self.http.read(reply, Started, safe=False)

    async def get_job(self, workflow: int, job: int) -> Job:
        reply = await self.ask("getWorkflowJob", {"workflow_id": workflow, "job_id": job})
        return self.http.read(reply, Job, safe=True)

    async def list_jobs(self, workflow: int, page: int, filters: Pairs = ()) -> tuple[JobPage, datetime]:
        """One page of a workflow's jobs, and Reckoner's time."""
        query = [("limit", str(PAGE)), ("page", str(page)), *filters]
        reply = await self.ask("listWorkflowJobs", {"workflow_id": workflow}, query=query)
        return self.http.read(reply, JobPage, safe=True), server_now(reply.headers)

    async def cancel_job(self, workflow: int, job: int) -> None:
        """Of a job that exists: a finished one is no error, so it is safe to repeat. The answer is empty."""
        try:
            await self.ask("cancelWorkflowJobs", {"workflow_id": workflow, "job_id": job})
        except Refused as refusal:
            if refusal.status != 404:
                raise
            refused = Rejected(refusal.message, "this account's API cannot cancel: stop the job in Reckoner")
        else:
            return
        raise refused

    async def fit(self, operation: str, path: Mapping[str, int], model: type[M], query: Pairs = ()) -> M:
        """The answer to a question, by the vendor's name of the operation."""
        return self.read(await self.ask(operation, path, query=query), model)

    def read(self, reply: Reply, model: type[M]) -> M:
        """The answer to a question as `model`. Raises Transient when it does not fit."""
        return self.http.read(reply, model, safe=True)

    async def ask(
        self,
        operation: str,
        path: Mapping[str, int | str],
        *,
        query: Pairs = (),
        body: Json = None,
        safe: bool = True,
    ) -> Reply:
        """Asks with the access token, and once more with a new one if it has expired."""
        token = self._token
        try:
            return await self.http.send(self._call(operation, path, token, query=query, body=body, safe=safe))
        except Refused as refusal:
            expired = refusal.status == 401 and error_code(refusal.body) == "TOKEN_EXPIRED"
            if not expired or self.settings.refresh_token is None:
                raise
        await self._refresh(token)
        return await self.http.send(
            self._call(operation, path, self._token, query=query, body=body, safe=safe)
        )

    def _call(
        self,
        operation: str,
        path: Mapping[str, int | str],
        token: str,
        *,
        query: Pairs = (),
        body: Json = None,
        safe: bool = True,
    ) -> Call:
        method, _, template = self._paths[operation].partition(" ")
        return Call(
            method,
            template.format(**{name: quote(str(value), safe="") for name, value in path.items()}),
            query=query,
            json=body,
            headers={self.settings.auth_header: f"Bearer {token}"},
            safe=safe,
            any_body=operation in _EMPTY,
            quiet=operation == "authTokenRefresh",
        )

    async def _refresh(self, expired: str) -> None:
        """A new access token, fetched once however many requests found the old one expired."""
        async with self._refreshing:
            if self._token != expired or self.settings.refresh_token is None:
                return
            refresh = self.settings.refresh_token.get_secret_value()
            reply = await self.http.send(self._call("authTokenRefresh", {}, refresh))
            self._token = self.http.read(reply, Refreshed, safe=True).access_token
            self.redactor.learn(self._token)
