"""Workato over HTTP: a method an endpoint, for both families of its API."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from pipeforge.adapter import Json
from pipeforge.adapters.calls import PROBED, Access, Call, Reply
from pipeforge.adapters.http import Http
from pipeforge.adapters.limiter import asked_wait
from pipeforge.adapters.workato.choices import (
    BACK_OFF_WAIT,
    BACK_OFF_WORDS,
    CONNECT_TIMEOUT,
    QUOTA_WORDS,
    READ_TIMEOUT,
    REFUSAL_LENGTH,
)
from pipeforge.adapters.workato.kinds import WorkatoConnection
from pipeforge.adapters.workato.wire import JobPage, Recipe, decode_loosely, refusal_words
from pipeforge.errors import InDoubt, Rejected, Transient
from pipeforge.redaction import Redactor

M = TypeVar("M", bound=BaseModel)
V = TypeVar("V")

_DATE = re.compile(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT")


@dataclass(frozen=True, slots=True)
class Seen(Generic[V]):
    """What was read, and the server's own time when it was."""

    value: V
    at: datetime


class WorkatoClient:
    """One workspace. Every method may raise the errors of `Http.send`."""

    def __init__(self, http: Http, prefix: str) -> None:
        self.http = http
        self._recipes = f"{prefix}/recipes"

    @property
    def redactor(self) -> Redactor:
        return self.http.redactor

    def page(self, recipe: int) -> str:
        """A recipe's page, with its jobs; of a customer's workspace it opens for those who are in it."""
        return f"{self.http.access.base_url.rstrip('/').removesuffix('/api')}/recipes/{recipe}"

    async def probe(self) -> Reply | None:
        """GET …/recipes: one of them."""
        return await self.http.send(Call("GET", self._recipes, [("per_page", "1")], accept=PROBED))

    async def aclose(self) -> None:
        """Gives the sockets back."""
        await self.http.aclose()

    async def get_recipe(self, recipe: int) -> Seen[Recipe]:
        """GET …/recipes/:id."""
        return await self._read(Call("GET", f"{self._recipes}/{recipe}"), Recipe)

    async def list_jobs(
        self, recipe: int, *, before: str | None = None, status: str | None = None
    ) -> Seen[JobPage]:
        """GET …/recipes/:id/jobs: the newest page, or the one older than the job `before`."""
        query = [("status", status)] if status else []
        if before is not None:
            query += [("offset_job_id", before), ("prev", "false")]
        return await self._read(Call("GET", f"{self._recipes}/{recipe}/jobs", query), JobPage)

    async def start_recipe(self, recipe: int) -> datetime:
        """PUT …/start: the server's time of its answer. Accepted is not yet active.

        Raises Rejected with the recipe's errors.
        """
        return await self._ask(Call("PUT", f"{self._recipes}/{recipe}/start", any_body=True), "start")

    async def stop_recipe(self, recipe: int) -> datetime:
        """PUT …/stop: the server's time of its answer. Repeating it is safe."""
        return await self._ask(
            Call("PUT", f"{self._recipes}/{recipe}/stop", any_body=True, safe=True), "stop"
        )

    async def poll_now(self, recipe: int) -> datetime:
        """POST …/poll_now: the server's time of its answer. Raises Transient while the trigger backs off."""
        call = Call("POST", f"{self._recipes}/{recipe}/poll_now", any_body=True, accept=frozenset([429]))
        return await self._ask(call, "poll")

    async def _read(self, call: Call, model: type[M]) -> Seen[M]:
        reply = await self.http.send(call)
        return Seen(self.http.read(reply, model, safe=True), server_time(reply))

    async def _ask(self, call: Call, what: str) -> datetime:
        """Only `success: true` is a yes, whatever the status says."""
        reply = await self.http.send(call)
        body = reply.body if reply.body is not None else decode_loosely(reply.content)
        if reply.status < 300 and isinstance(body, dict) and body.get("success") is True:
            return server_time(reply)
        said = self.redactor.text(refusal_words(body))[:REFUSAL_LENGTH]
        told = f"{self.http.access.name}: the recipe's {what} was not accepted: {said or 'no reason given'}"
        if BACK_OFF_WORDS in said.lower() or (reply.status == 429 and not _quota(said)):
            wait = asked_wait(reply.headers, throttled=True)
            raise Transient(told, retry_after=BACK_OFF_WAIT if wait is None and said else wait)
        if said or (isinstance(body, dict) and body.get("success") is False):
            raise Rejected(told, _hint(what, body))
        raise InDoubt(told, "look at the recipe's jobs before starting anything again")


def _quota(said: str) -> bool:
    return any(words in said.lower() for words in QUOTA_WORDS)


def _hint(what: str, body: Json) -> str:
    if isinstance(body, dict) and (body.get("code_errors") or body.get("config_errors")):
        return "mend the recipe in Workato: its steps and connections are checked when it starts"
    return (
        "see the recipe in Workato" if what != "poll" else "see the recipe and the account's plan in Workato"
    )


def server_time(reply: Reply) -> datetime:
    """The answer's `Date`, so that all times compared are the vendor's; ours where it tells none."""
    found = _DATE.search(reply.headers.get("date", ""))
    return parsedate_to_datetime(found[0]) if found else datetime.now(UTC)


def path_prefix(settings: WorkatoConnection) -> str:
    """Below the base URL: empty for the token's own workspace, else the customer's segment."""
    user = settings.managed_user
    if user is None:
        return ""
    segment = str(user.id) if user.external_id is None else quote(f"E{user.external_id}", safe="")
    return f"/managed_users/{segment}"


def connect(name: str, settings: WorkatoConnection, *, app: Any = None) -> WorkatoClient:
    """A client for the connection called `name`; `app` stands in for the vendor."""
    token = settings.api_token.get_secret_value()
    headers = {"authorization": f"Bearer {token}"}
    if settings.auth == "legacy":
        headers = {"x-user-email": settings.user_email or "", "x-user-token": token}
    access = Access(
        name=name,
        base_url=settings.address(),
        headers=headers,
        secrets=settings.secrets(),
        requests=settings.limits_in_force().requests,
        words=refusal_words,
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
    )
    return WorkatoClient(Http(access, app=app), path_prefix(settings))
