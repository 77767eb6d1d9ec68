"""Serves emulators on a port, anew for each case: `/CASE/…`, with the case's own world, memory and clock.

`POST /_open {"case", "world", "clock"}` opens a case, `POST /_close {"case"}` forgets it. Prints its port.
A request with the header of `crash_seams.HOLD` is taken at once and worked on later, by the case's clock.
"""

import asyncio
import ctypes
import json
import os
import signal
import sys
import time
from contextlib import suppress

from crash_seams import HOLD, CaseClock

from pipeforge.emulators.core import Clock
from pipeforge.emulators.dispatch import ConnectionCut
from pipeforge.emulators.server import build
from pipeforge.emulators.serving import serve
from pipeforge.emulators.world import World

PR_SET_PDEATHSIG = 1


class Cases:
    """An ASGI application of applications."""

    def __init__(self):
        self._open = {}
        self._clocks = {}
        self._held = set()

    async def __call__(self, scope, receive, send):
        case = scope["path"].split("/")[1]
        if case.startswith("_"):
            await self._manage(case, json.loads(await _body(receive) or "{}"), send)
            return
        inner = {**scope, "root_path": f"/{case}"}
        headers = dict(scope["headers"])
        wait = headers.get(HOLD.encode())
        if wait is None:
            await self._open[case](inner, receive, send)
        else:
            await self._hold(case, float(wait), inner, receive)

    async def _manage(self, asked, given, send):
        if asked == "_open":
            clock = CaseClock(given["clock"])
            self._clocks[given["case"]] = clock
            world = World.read(_numbered(given["world"]))
            self._open[given["case"]] = build(world, Clock(lambda: time.time() + clock.ahead))
        else:
            del self._open[given["case"]], self._clocks[given["case"]]
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _hold(self, case, seconds, scope, receive):
        body, clock, app = await _body(receive), self._clocks[case], self._open[case]

        async def read():
            return {"type": "http.request", "body": body, "more_body": False}

        async def nowhere(_):
            return None

        async def work():
            until = clock.ahead + seconds
            while clock.ahead < until:
                await asyncio.sleep(0.001)
            with suppress(ConnectionCut):
                await app({**scope, "state": {}}, read, nowhere)
            clock.let_go()

        task = asyncio.ensure_future(work())
        self._held.add(task)
        task.add_done_callback(self._held.discard)
        clock.hold()
        await task


def _numbered(value):
    """JSON has no numbers as keys, and no `.inf`."""
    if isinstance(value, dict):
        return {int(key) if key.isdecimal() else key: _numbered(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_numbered(inner) for inner in value]
    return float("inf") if value == ".inf" else value


async def _body(receive):
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
    serve(Cases(), ready=lambda port: print(port, flush=True))
