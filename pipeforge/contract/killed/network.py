"""A place to die at each side of every request that leaves by the door of `pipeforge.adapters.http`.

Before it leaves; gone, with the vendor at work only later; work done and no answer; half of the answer;
all of it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import httpx

from pipeforge.adapters import http
from pipeforge.contract.killed.clock import HOLD, LATE, CaseClock
from pipeforge.contract.killed.points import Points, Watch


class Halves(httpx.AsyncByteStream):
    """An answer's body in two halves, with a place to die between them."""

    def __init__(self, content: bytes, points: Points, what: str, ended: Callable[[], None]) -> None:
        self._content, self._points, self._what, self._ended = content, points, what, ended

    async def __aiter__(self) -> AsyncIterator[bytes]:
        middle = len(self._content) // 2
        yield self._content[:middle]
        self._points.pass_by(f"half an answer to {self._what}")
        yield self._content[middle:]
        if not self._what.startswith("GET "):
            self._points.pass_by(f"answered {self._what}")

    async def aclose(self) -> None:
        self._ended()


class Transport(httpx.AsyncBaseTransport):
    """The door to the network."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, points: Points, watch: Watch, clock: CaseClock
    ) -> None:
        self._inner, self._points, self._watch, self._clock = inner, points, watch, clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        what = f"{request.method} {request.url.path.partition('/')[2].partition('/')[2]}"
        self._points.pass_by(f"before {what}")
        writes = request.method not in ("GET", "HEAD")
        if writes and self._points.come(f"gone {what}"):
            await self._leave_it_on_its_way(request)
        self._watch.requests += 1
        try:
            response = await self._inner.handle_async_request(request)
            stream: Any = response.stream
            content = b"".join([chunk async for chunk in stream])
            await response.aclose()
        except BaseException:
            self._ended()
            raise
        if writes:
            self._points.pass_by(f"unanswered {what}")
        body = Halves(content, self._points, what, self._ended)
        return httpx.Response(response.status_code, headers=response.headers, stream=body)

    async def _leave_it_on_its_way(self, request: httpx.Request) -> None:
        request.headers[HOLD] = str(LATE)
        before = self._clock.held
        sending = asyncio.ensure_future(self._inner.handle_async_request(request))
        self._watch.requests += 1
        while self._clock.held == before and not sending.done():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.001)
        self._points.die()

    def _ended(self) -> None:
        self._watch.requests -= 1

    async def aclose(self) -> None:
        await self._inner.aclose()


def tell_of_requests(points: Points, watch: Watch, clock: CaseClock) -> None:
    """From now on every connection of this process does."""
    real: Any = http._transport

    def telling(*given: Any) -> Transport:
        return Transport(real(*given), points, watch, clock)

    setattr(http, "_transport", telling)  # noqa: B010 (the seam of one process that is to die)
