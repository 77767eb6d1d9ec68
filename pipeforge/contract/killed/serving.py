"""Serves emulators on a port, anew for each case: `/CASE/…`, with the case's own world, memory and clock.

`POST /_open/CASE/CLOCK` with a world opens a case whose clock is that file of the folder, `POST /_close/CASE`
forgets it. Prints its port. A request with the header HOLD is taken at once and worked on later, by the
case's clock.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipeforge.contract.killed.belonging import answers, die_with
from pipeforge.contract.killed.clock import HOLD, CaseClock
from pipeforge.contract.killed.worlds import unpacked, vendors
from pipeforge.contract.known import packages
from pipeforge.emulators.core import Clock
from pipeforge.emulators.dispatch import ConnectionCut
from pipeforge.emulators.server import build
from pipeforge.emulators.serving import serve
from pipeforge.emulators.world import World
from pipeforge.errors import UsageError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Cases:
    """An ASGI application of applications."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, Any] = {}
        self._clocks: dict[str, CaseClock] = {}
        self._held: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        case, _, rest = scope["path"].removeprefix("/").partition("/")
        if case == "_open":
            await _tell(send, self._opened(rest, await _body(receive)))
        elif case == "_close":
            del self._open[rest], self._clocks[rest]
            await _tell(send, "")
        else:
            await self._passed_on(case, {**scope, "root_path": f"/{case}"}, receive, send)

    def _opened(self, case: str, body: bytes) -> str:
        """What is wrong with the world; empty if nothing is."""
        self._clocks[case] = clock = CaseClock(self._folder / f"{case}.clock")
        world = unpacked(body)
        try:
            there = World.read(world, packages(*vendors(world)))
            self._open[case] = build(there, Clock(lambda: time.time() + clock.ahead))
        except (ValueError, UsageError) as error:
            return str(error)
        return ""

    async def _passed_on(self, case: str, scope: Scope, receive: Receive, send: Send) -> None:
        wait = dict(scope["headers"]).get(HOLD.encode())
        if wait is None:
            await self._open[case](scope, receive, send)
        else:
            await self._hold(case, float(wait), scope, await _body(receive))

    async def _hold(self, case: str, seconds: float, scope: Scope, body: bytes) -> None:
        clock, app = self._clocks[case], self._open[case]

        async def read() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def nowhere(_: Any) -> None:
            return None

        async def work() -> None:
            until = clock.ahead + seconds
            while clock.ahead < until:  # noqa: ASYNC110 (it is another process that moves the clock)
                await asyncio.sleep(0.001)
            with suppress(ConnectionCut):
                await app({**scope, "state": {}}, read, nowhere)
            clock.let_go()

        task = asyncio.ensure_future(work())
        self._held.add(task)
        task.add_done_callback(self._held.discard)
        clock.hold()
        await task


async def _tell(send: Send, wrong: str) -> None:
    await send({"type": "http.response.start", "status": 400 if wrong else 204, "headers": []})
    await send({"type": "http.response.body", "body": wrong.encode()})


async def _body(receive: Receive) -> bytes:
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def main(folder: str, parent: str) -> None:
    """Serves until its parent ends."""
    out = answers()
    die_with(int(parent))
    serve(Cases(Path(folder)), ready=lambda port: print(port, file=out))


if __name__ == "__main__":
    main(*sys.argv[1:])
