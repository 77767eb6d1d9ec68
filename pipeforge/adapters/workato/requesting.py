"""What every question and request to Workato has in common: its wrappers, its clock, its ways to refuse."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

from pydantic import BaseModel

from pipeforge.adapter import Json
from pipeforge.adapters.calls import Call, Reply
from pipeforge.adapters.http import Http
from pipeforge.adapters.limiter import asked_wait
from pipeforge.adapters.workato.choices import BACK_OFF_WAIT, BACK_OFF_WORDS, QUOTA_WORDS, REFUSAL_LENGTH
from pipeforge.adapters.workato.wire import decode_loosely, refusal_words
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


@dataclass(frozen=True, slots=True)
class Accepted:
    """A yes: the server's time of it, and what it says beside."""

    at: datetime
    body: dict[str, Json]


_LOOK = dict.fromkeys(("start", "poll"), "look at the recipe's jobs before starting anything again")


class Asking:
    """One workspace, as far as requests are concerned."""

    def __init__(self, http: Http, prefix: str) -> None:
        self.http = http
        self._prefix = prefix
        self._recipes = f"{prefix}/recipes"

    @property
    def redactor(self) -> Redactor:
        return self.http.redactor

    async def aclose(self) -> None:
        """Gives the sockets back."""
        await self.http.aclose()

    async def _read(self, call: Call, model: type[M]) -> Seen[M]:
        reply = await self.http.send(call)
        return Seen(self.http.read(reply, model, safe=True), server_time(reply))

    async def _ask(self, call: Call, what: str, *, empty: bool = False) -> Accepted:
        """Only `success: true` is a yes, whatever the status says. `empty`: and so is no body at all."""
        reply = await self.http.send(call)
        if empty and reply.status < 300 and not reply.content.strip():
            return Accepted(server_time(reply), {})
        body = reply.body if reply.body is not None else decode_loosely(reply.content)
        if reply.status < 300 and isinstance(body, dict) and body.get("success") is True:
            return Accepted(server_time(reply), body)
        said = self.redactor.text(refusal_words(body))[:REFUSAL_LENGTH]
        told = f"{self.http.access.name}: the recipe's {what} was not accepted: {said or 'no reason given'}"
        if BACK_OFF_WORDS in said.lower() or (reply.status == 429 and not _quota(said)):
            wait = asked_wait(reply.headers, throttled=True)
            raise Transient(told, retry_after=BACK_OFF_WAIT if wait is None and said else wait)
        if said or (isinstance(body, dict) and body.get("success") is False):
            raise Rejected(told, _hint(what, body))
        raise InDoubt(told, _LOOK.get(what, "look at the recipe in Workato before it is asked for again"))


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
