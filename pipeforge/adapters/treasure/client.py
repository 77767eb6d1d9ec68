"""Treasure Workflow over HTTP: a method an endpoint."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr, ValidationError

from pipeforge.adapter import Json
from pipeforge.adapters.calls import PROBED, Access, Call, Pairs, Reply
from pipeforge.adapters.http import Http
from pipeforge.adapters.treasure.choices import RECOVERY_PAGES
from pipeforge.adapters.treasure.downloading import download
from pipeforge.adapters.treasure.kinds import TreasureConnection
from pipeforge.adapters.treasure.wire import (
    Attempt,
    Attempts,
    LogFile,
    LogFiles,
    Projects,
    Session,
    Sessions,
    Task,
    Tasks,
    Workflows,
)
from pipeforge.errors import InDoubt, Rejected, Transient
from pipeforge.redaction import Redactor


@dataclass(frozen=True, slots=True)
class Start:
    """The answer to a start: the attempt, and whether this request created it."""

    attempt: Attempt
    created: bool


class TreasureClient:
    """One account. Every method may raise the errors of `Http.send`."""

    def __init__(
        self, http: Http, api: str, values: Mapping[str, SecretStr], elsewhere: Callable[[Access], Http]
    ) -> None:
        """`values`: what may be put into projects. `elsewhere`: opens where the vendor keeps large files."""
        self.http = http
        self.api = api
        self.values = values
        self._elsewhere = elsewhere

    @property
    def redactor(self) -> Redactor:
        return self.http.redactor

    @property
    def console(self) -> str:
        """Where a person sees the account's workflows; empty where the address does not tell.

        The console stands beside the API on each site (tdworkflow's documents); an open-source server has its
        own at its root.
        """
        base = self.http.access.base_url
        if self.api == "oss":
            return base
        found = re.fullmatch(r"https://api-workflow\.([a-z0-9.]*treasuredata\.[a-z.]+)", base)
        return f"https://console.{found[1]}/app/workflows" if found else ""

    async def probe(self) -> Reply | None:
        """GET /api/attempts: the newest one."""
        return await self.http.send(Call("GET", "/api/attempts", [("page_size", "1")], accept=PROBED))

    async def aclose(self) -> None:
        """Gives the sockets back."""
        await self.http.aclose()

    async def start_attempt(self, body: Mapping[str, Json], *, again: bool = False) -> Start:
        """PUT /api/attempts: 200 is a new attempt, 409 with an attempt the one that holds its place.

        `again`: this very request was sent before, so that repeating it is safe.
        Raises Rejected for a 409 without an attempt.
        """
        call = Call("PUT", "/api/attempts", json=dict(body), safe=again, accept=frozenset([409]))
        reply = await self.http.send(call)
        if reply.status != 409:
            return Start(self.http.read(reply, Attempt, safe=again), True)
        return Start(self._holder(reply, again=again), False)

    def _holder(self, reply: Reply, *, again: bool) -> Attempt:
        """The attempt of a 409: told apart from the error shape by its `id`."""
        body = reply.body
        try:
            return Attempt.model_validate(body)
        except ValidationError:
            said = body.get("message") if isinstance(body, dict) else None
        words = self.redactor.text(
            f"{self.http.access.name}: the start was refused with 409: {said or 'no words'}"
        )
        if isinstance(said, str):
            raise Rejected(words)
        hint = "look in the workflow console for an attempt of this session"
        raise (Transient if again else InDoubt)(words, hint)

    async def get_attempt(self, attempt: str) -> Attempt:
        """GET /api/attempts/{id}."""
        return await self.http.fit(Call("GET", f"/api/attempts/{attempt}"), Attempt)

    async def kill_attempt(self, attempt: str) -> bool:
        """POST /api/attempts/{id}/kill. False when it was over already (409); repeating it is safe."""
        call = Call(
            "POST", f"/api/attempts/{attempt}/kill", safe=True, accept=frozenset([409]), any_body=True
        )
        return (await self.http.send(call)).status != 409

    async def list_attempt_tasks(self, attempt: str) -> list[Task]:
        """GET /api/attempts/{id}/tasks."""
        return (await self.http.fit(Call("GET", f"/api/attempts/{attempt}/tasks"), Tasks)).tasks

    async def list_log_files(self, attempt: str, task: str) -> list[LogFile]:
        """GET /api/logs/{attempt}/files of the tasks whose full name begins with `task`."""
        query = [("task", task), ("direct_download", "false")]
        return (await self.http.fit(Call("GET", f"/api/logs/{attempt}/files", query), LogFiles)).files

    async def get_log_file(self, attempt: str, name: str) -> bytes:
        """GET /api/logs/{attempt}/files/{name}: gzip, possibly cut off."""
        return await download(self.http, self._elsewhere, f"/api/logs/{attempt}/files/{quote(name, safe='')}")

    async def get_archive(self, project_id: str, revision: str | None) -> bytes:
        """GET /api/projects/{id}/archive: tar.gz of one revision, the latest by default."""
        query = [("direct_download", "false"), *([("revision", revision)] if revision else [])]
        return await download(self.http, self._elsewhere, f"/api/projects/{project_id}/archive", query)

    async def find_project(self, name: str) -> str:
        """The id of a project by its exact name. Raises Rejected if there is none."""
        found = await self.http.fit(Call("GET", "/api/projects", [("name", name)]), Projects)
        for project in found.projects:
            if project.name == name and project.id:
                return project.id
        raise self.no_project(name)

    def no_project(self, name: str) -> Rejected:
        """Of a name that no project has."""
        return Rejected(
            f"{self.http.access.name}: no project '{name}'",
            "check the spelling, and that the API key may see the project",
        )

    async def find_workflow(self, project_id: str, name: str) -> str:
        """The id of a workflow's latest revision by its exact name. Raises Rejected if there is none."""
        call = Call("GET", f"/api/projects/{project_id}/workflows", [("name", name)])
        for workflow in (await self.http.fit(call, Workflows)).workflows:
            if workflow.name == name and workflow.id:
                return workflow.id
        raise Rejected(f"{self.http.access.name}: no workflow '{name}'", "check the spelling")

    async def project_sessions(self, project_id: str, workflow: str) -> AsyncIterator[list[Session]]:
        """GET /api/projects/{id}/sessions, newest first. Raises InDoubt after RECOVERY_PAGES."""
        path, query = f"/api/projects/{project_id}/sessions", [("workflow", workflow)]
        last: Pairs = ()
        for _ in range(RECOVERY_PAGES):
            page = (await self.http.fit(Call("GET", path, [*query, *last]), Sessions)).sessions
            if not page:
                return
            yield page
            last = [("last_id", page[-1].id)]
        raise self._endless("sessions")

    async def session_attempts(self, session_id: str) -> AsyncIterator[list[Attempt]]:
        """GET /api/sessions/{id}/attempts, newest first. Raises InDoubt after RECOVERY_PAGES."""
        last: Pairs = ()
        for _ in range(RECOVERY_PAGES):
            call = Call("GET", f"/api/sessions/{session_id}/attempts", last)
            page = (await self.http.fit(call, Attempts)).attempts
            if not page:
                return
            yield page
            last = [("last_id", page[-1].id)]
        raise self._endless("attempts")

    def _endless(self, what: str) -> InDoubt:
        return InDoubt(
            f"{self.http.access.name}: more {what} than are looked through",
            "look in the workflow console for an attempt of this session",
        )


def connect(name: str, settings: TreasureConnection, *, app: Any = None) -> TreasureClient:
    """A client for the connection called `name`; `app` stands in for the vendor."""
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    access = Access(
        name=name,
        base_url=settings.address(),
        headers={"authorization": f"TD1 {key}"} if key else {},
        secrets=settings.secrets(),
        requests=settings.limits_in_force().requests,
    )
    values = settings.secret_values
    return TreasureClient(Http(access, app=app), settings.api, values, lambda other: Http(other, app=app))
