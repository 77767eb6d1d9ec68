"""One vendor connection over HTTP: time limits, limits, retries of safe requests, and errors in our tree."""

import asyncio
import json
import random
from typing import Any, TypeVar
from urllib.parse import unquote, urlencode, urlsplit

from pydantic import BaseModel, ValidationError

import pipeforge
from pipeforge.adapters.calls import Access, Call, Refused, Reply, Witness, decode
from pipeforge.adapters.limiter import PATIENCE, RequestLimiter, asked_wait
from pipeforge.adapters.proxies import proxy_of
from pipeforge.adapters.sockets import Request, Sockets, headers_of, into, unsent, whole, words
from pipeforge.adapters.verdicts import Happened, Verdict, decide, sort_answer
from pipeforge.alarms import Alarms
from pipeforge.errors import AdapterError, InDoubt, Transient
from pipeforge.freshness import is_stale
from pipeforge.redaction import Redactor

M = TypeVar("M", bound=BaseModel)

_TRIES = 4  # chosen: of a safe request, before the caller is told
_BACKOFF = (0.5, PATIENCE)  # chosen: seconds, the first and the longest, with full jitter
_EXCERPT = 400
_STALLED = "nothing was started; if the run is still ours, it is tried again"
_LATER = "it goes on by itself; `limits.requests` of the connection says how many requests there may be"


class Http:
    """Sends calls over one connection. Close it with `aclose`; usable as an async context manager."""

    def __init__(self, access: Access, *, app: Any = None, rng: random.Random | None = None) -> None:
        self.access = access
        self.redactor = Redactor(access.secrets)
        self.witness: Witness | None = None
        self._base = access.base_url.rstrip("/")
        self._limiter = RequestLimiter(access.requests)
        self._alarms = Alarms()
        self._rng = rng or random.Random()  # noqa: S311 (spreads retries, keeps no secret)
        self._headers = {"user-agent": f"pipeforge/{pipeforge.__version__}", "accept": "application/json"}
        self._headers |= {name.lower(): value for name, value in access.headers.items()}
        proxy = proxy_of(self._base) if app is None else None
        self.redactor.learn(unquote(urlsplit(proxy or "").password or ""))
        self._transport = _transport(access, proxy) if app is None else into(app)
        # Over a socket the read timeout is between two reads; the whole answer may take a few of them.
        self._patience = access.read_timeout * (1 if app is not None else 5) + access.connect_timeout

    def __repr__(self) -> str:
        return self.redactor.text(f"Http({self.access.name!r}, {self._base!r})")

    async def __aenter__(self) -> "Http":
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Gives the sockets back."""
        await self._transport.aclose()

    async def send(self, call: Call) -> Reply:
        """The answer. Raises Transient, Refused (a Rejected) or InDoubt, by the table in verdicts."""
        safe = call.method in ("GET", "HEAD") if call.safe is None else call.safe
        for tried in range(1, _TRIES + 1):
            if (held := await self._limiter.turn()) > 0:
                raise Transient(f"{self.access.name}: the request limit is used up", _LATER, retry_after=held)
            if call.method not in ("GET", "HEAD") and is_stale():
                raise Transient(f"{self.access.name}: stalled before the request left", _STALLED)
            happened, answer = await self._once(call)
            if self.witness is not None:
                self.witness(call, happened, None if isinstance(answer, str) else answer)
            wait = self._heed(call, answer)
            verdict = decide(happened, safe=safe)
            if verdict is Verdict.DONE and isinstance(answer, Reply):
                return answer
            if verdict is not Verdict.RETRY or tried == _TRIES or (wait or 0.0) > PATIENCE:
                break
            await asyncio.sleep(wait if wait is not None else self._backoff(tried))
        raise self._error(call, happened, answer, verdict)

    async def fit(self, call: Call, model: type[M]) -> M:
        """Sends and reads the body as `model`. One that does not fit is a Transient if safe, else InDoubt."""
        reply = await self.send(call)
        return self.read(
            reply, model, safe=call.method in ("GET", "HEAD") if call.safe is None else call.safe
        )

    def read(self, reply: Reply, model: type[M], *, safe: bool) -> M:
        """The body as `model`, leniently. Raises Transient (safe) or InDoubt when it does not fit."""
        try:
            return model.model_validate(reply.body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"])) or "the body"
            what = "it is no JSON object" if first["type"] == "model_type" else first["msg"].lower()
            trouble = f"{self.access.name} gave an unexpected answer: {place}: {what}"
        raise (Transient if safe else InDoubt)(self.redactor.text(trouble), _HINTS[Happened.GARBLED])

    def excerpt(self, text: str) -> str:
        """What of a vendor's words goes into a message: masked first, because half a secret is not known."""
        masked = self.redactor.text(text)
        return masked if len(masked) <= _EXCERPT else f"{masked[:_EXCERPT]}…"

    async def _once(self, call: Call) -> tuple[Happened, Reply | str]:
        """What happened, and the answer or the transport's words for why there is none."""
        request = self._request(call)
        try:
            with self._alarms.until(asyncio.get_running_loop().time() + self._patience):
                response = await self._transport.handle_async_request(request)
                content = await whole(response)
        except (
            Exception
        ) as error:  # whatever a transport raises, the request is in doubt unless the table knows better
            return (Happened.UNSENT if unsent(error) else Happened.CUT), words(error)
        body = decode(content)
        reply = Reply(response.status_code, headers_of(response), content, body)
        if reply.status in call.accept:
            return Happened.ANSWERED, reply
        readable = call.any_body or body is not None
        return sort_answer(reply.status, readable=readable, own=isinstance(body, dict)), reply

    def _request(self, call: Call) -> Request:
        headers = self._headers
        if call.headers:
            headers = headers | {name.lower(): value for name, value in call.headers.items()}
        content = call.content or b""
        if call.json is not None:
            content = json.dumps(
                call.json, ensure_ascii=False, separators=(",", ":"), allow_nan=False
            ).encode()
            headers = headers | {"content-type": "application/json;charset=UTF-8"}
        elif call.form is not None:
            content = urlencode(call.form).encode()
            headers = headers | {"content-type": "application/x-www-form-urlencoded"}
        address = f"{self._base}{call.path}" + (f"?{urlencode(call.query)}" if call.query else "")
        return Request(call.method, address, headers, content)

    def _heed(self, call: Call, answer: Reply | str) -> float | None:
        """What the vendor asks of the whole connection; an accepted status is about the call alone."""
        if isinstance(answer, str) or answer.status in call.accept:
            return None
        wait = asked_wait(answer.headers, throttled=answer.status == 429)
        if wait is not None and (answer.status in (429, 503) or answer.status < 400):
            self._limiter.hold(wait)
        return wait

    def _backoff(self, tried: int) -> float:
        first, longest = _BACKOFF
        return self._rng.uniform(0, min(longest, first * 2**tried))

    def _error(self, call: Call, happened: Happened, answer: Reply | str, verdict: Verdict) -> AdapterError:
        message, hint = self._describe(call, happened, answer), _HINTS[happened]
        if happened is Happened.REFUSED and isinstance(answer, Reply):
            hint = _REFUSALS.get(answer.status, hint)
        elif call.method in ("GET", "HEAD"):
            hint = _OF_QUESTIONS.get(happened, hint)
        if verdict is Verdict.REJECTED and isinstance(answer, Reply):
            return Refused(message, hint, answer.status, self.redactor.json(answer.body))
        if verdict is Verdict.IN_DOUBT:
            return InDoubt(message, hint)
        wait = None if isinstance(answer, str) else asked_wait(answer.headers, throttled=answer.status == 429)
        return Transient(message, hint, retry_after=wait)

    def _describe(self, call: Call, happened: Happened, answer: Reply | str) -> str:
        asked = f"{self.access.name}: {call.method} {call.path}"
        if isinstance(answer, str):
            said = f"{asked} {_NO_ANSWER[happened]}: {answer}"
        else:
            words = self.access.words(answer.body) or quoted(call, answer)
            torn = ", which is not JSON" if happened is Happened.GARBLED and answer.content else ""
            said = f"{asked} answered {answer.status}{torn}: {words}"
        return self.excerpt(said)


def quoted(call: Call, answer: Reply) -> str:
    """An answer that has no words of the vendor's, on one line."""
    if call.quiet and answer.content:
        return "something unexpected, which may hold a secret"
    return " ".join(answer.text.split()) or "no body"


_NO_ANSWER = {
    Happened.UNSENT: "could not be sent",
    Happened.CUT: "got no answer",
}

_REFUSALS = {
    401: "the credential is not accepted: check the connection's secret, and whether it has expired",
    403: "the credential may not do this: give it the right in the vendor's settings",
}
"""By status, the mend of a refusal in the vendor's own words."""

_HINTS: dict[Happened, str] = {
    Happened.ANSWERED: "",
    Happened.GARBLED: "something on the way may have answered in the vendor's place: check `base_url`",
    Happened.UNSENT: "check the network, the proxy settings and `base_url`",
    Happened.CUT: "the request may have reached the vendor: look there before starting anything again",
    Happened.MOVED: "redirects are not followed with credentials: write the final address into `base_url`",
    Happened.THROTTLED: "too many requests with this credential: lower `limits.requests` or the poll pace",
    Happened.REFUSED: "",
    Happened.BARRED: "not the vendor's own answer: check `base_url`, proxies and address allow-lists",
    Happened.UNAVAILABLE: "the vendor is not available now; look at its status page if this lasts",
    Happened.BROKEN: "the vendor failed to answer properly: look there before starting anything again",
}

_OF_QUESTIONS: dict[Happened, str] = {
    Happened.CUT: "ask again; look at the network and at the vendor's status page if this lasts",
    Happened.BROKEN: "ask again; look at the vendor's status page if this lasts",
}
"""The same of requests that change nothing, whatever became of them."""


def _transport(access: Access, proxy: str | None) -> Sockets:
    return Sockets(access.base_url, proxy, access.connect_timeout, access.read_timeout)
