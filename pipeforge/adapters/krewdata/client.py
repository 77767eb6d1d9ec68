"""krewData's API, one method an endpoint."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from pipeforge.adapter import Json
from pipeforge.adapters.calls import Access, Call, Refused, Reply
from pipeforge.adapters.http import Http, quoted
from pipeforge.adapters.krewdata.kinds import KrewdataConnection
from pipeforge.adapters.krewdata.sealing import Seal
from pipeforge.adapters.krewdata.wire import (
    BUSY,
    Started,
    Task,
    Token,
    code_of,
    error_words,
    hint_for,
    loosely,
    other_task,
    run_request,
    token_request,
)
from pipeforge.adapters.limiter import RequestLimiter
from pipeforge.adapters.verdicts import Verdict, decide, sort_answer
from pipeforge.errors import AdapterError, InDoubt, Transient
from pipeforge.redaction import Redactor

# judged here, because the body's own code counts, and a 409 may come as text that is no JSON
_REFUSALS = frozenset(range(400, 500))


def connect(name: str, settings: KrewdataConnection, *, app: Any = None) -> "KrewdataClient":
    """A client for one execution unit."""
    return KrewdataClient(name, settings, app=app)


class Held(Transient):
    """Nothing was asked: the unit's rate is used up."""


class Conflict(Refused):
    """The unit is running for somebody else; this request started nothing."""


class KrewdataClient:
    """One execution unit. Methods raise what Http.send raises; a refusal's `status` is krewData's code."""

    def __init__(self, name: str, settings: KrewdataConnection, *, app: Any = None) -> None:
        self.settings = settings
        self.link = settings.krewdata_app_url
        self.seal = Seal(settings.serial_number.get_secret_value())
        self.status_tokens: dict[str, str] = {}
        """By task: a token taken anew because krewData no longer took the task's own; empty: none came."""
        self.run_tokens: dict[str, str] = {}
        """By task: the token that started it, of tasks that this process started."""
        self.asking_token = ""
        """One that was taken to ask for tasks of which no token is known."""
        self.token_distrusted = False
        """krewData did not know the last token: one more is tried, once."""
        limits = settings.limits_in_force()
        # whether krewData counts tokens or runs is not documented: neither goes beyond its rate
        self._rates = {"token": RequestLimiter(limits.starts), "run": RequestLimiter(limits.starts)}
        self._name = name
        unit = quote(settings.unit_id.get_secret_value(), safe="")
        access = Access(
            name=name,
            base_url=f"{settings.base_url.rstrip('/')}/{unit}",
            secrets=settings.secrets(),
            requests=limits.requests,
            words=error_words,
        )
        self.http = Http(access, app=app)

    @property
    def redactor(self) -> Redactor:
        return self.http.redactor

    async def probe(self) -> Reply | None:
        """Nothing: its one question that needs no task takes a token, and that counts against its rate."""
        return None

    async def aclose(self) -> None:
        await self.http.aclose()

    async def token(self) -> str:
        """A new one-shot token. A lost answer costs nothing but the rate, so it is a Transient.

        Never repeated here: krewData disables a unit that asks too often. Raises Held.
        """
        request = token_request(
            self.settings.krewdata_app_url, self.settings.serial_number.get_secret_value()
        )
        try:
            reply = await self._ask("token", request, safe=True, repeat=False)
        except InDoubt as doubt:
            lost = Transient(doubt.message, "a token that was not received is harmless")
        else:
            token = self.http.read(reply, Token, safe=True).token
            self.redactor.learn(token)
            return token
        raise lost

    async def run(self, token: str, app_id: str, user: str, record: Mapping[str, Json] | None) -> Started:
        """Starts the unit. Raises Conflict when it runs for somebody else, Held when asked too often."""
        reply = await self._ask("run", run_request(token, app_id, user, record), safe=False, repeat=False)
        return self.http.read(reply, Started, safe=False)

    async def status(self, token: str, task_id: str) -> Task:
        request = {"accessToken": token, "taskId": task_id}
        reply = await self._ask("status", request, safe=True, repeat=True)
        return self.http.read(reply, Task, safe=True)

    async def _ask(self, operation: str, body: Json, *, safe: bool, repeat: bool) -> Reply:
        """The reply if both HTTP and the body's `code` say 200; which of the two counts is not documented."""
        if (rate := self._rates.get(operation)) is not None and (held := await rate.turn()) > 0:
            raise Held(
                f"{self._name}: the unit was started often enough in the last minute",
                "krewData disables a unit that is started too often",
                retry_after=held,
            )
        call = Call(
            "POST",
            f"/{operation}",
            json=body,
            safe=repeat,
            accept=_REFUSALS,
            any_body=True,
            quiet=operation == "token",
        )
        reply = await self.http.send(call)
        if reply.body is None and operation == "status":
            reply = replace(reply, body=loosely(reply.text))
        code = code_of(reply.body)
        if code == 200 and reply.status < 300:
            return reply
        raise self._refusal(call, reply, code, safe=safe)

    def _refusal(self, call: Call, reply: Reply, code: int | None, *, safe: bool) -> AdapterError:
        """The worse of HTTP status and `code` counts; without a `code` the status alone."""
        worst = max(code or 0, reply.status)
        words = error_words(reply.body) or quoted(call, reply)
        said = f"{self._name}: {call.path[1:]} answered {worst}: {words}"
        body = self.redactor.json(reply.body)
        if worst == 409 or BUSY in words:
            task = other_task(reply.text)
            said += f" (it names task {task}; whose that is, krewData does not say)" if task else ""
            return Conflict(self.http.excerpt(said), hint_for(BUSY), 409, body)
        message = self.http.excerpt(said)
        own = isinstance(body, dict) and code != 200  # a 200 in the body contradicts the HTTP status
        verdict = decide(sort_answer(worst, readable=False, own=own), safe=safe)
        # 429 to a token: the unit is now disabled, for good; of other requests no such thing is documented
        disabled = own and worst == 429 and call.path != "/status"
        if verdict is Verdict.REJECTED or disabled:
            return Refused(message, hint_for(words), worst, body)
        hint = "check `base_url`, proxies and address allow-lists"
        return InDoubt(message, hint) if verdict is Verdict.IN_DOUBT else Transient(message, hint)
