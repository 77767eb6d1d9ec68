"""The one way in to every vendor: read a request, let a fault strike or the vendor work, record, answer."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, quote

from pipeforge.emulators.calls import Calls, answered, describe
from pipeforge.emulators.core import Asked, Clock, Refused, Reply, Route, Vendor
from pipeforge.emulators.faults import Fault, Script
from pipeforge.emulators.spoiling import spoil

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TRANSPORT = "emulator_transport"
"""Where a server puts a connection's transport in the scope's state, so that the connection can be cut."""


class ConnectionCut(ConnectionResetError):
    """Raised through an in-process ASGI transport where a real server would close the socket."""


class Counter:
    """One vendor's ASGI application."""

    def __init__(self, name: str, vendor: Vendor, floor: "Floor") -> None:
        self._name = name
        self._vendor = vendor
        self._floor = floor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await _read(scope, receive, self._floor.clock)
        route, asked = self._find(asked)
        fault = self._floor.script.due(self._name, asked)
        row = self._floor.calls.add(self._name, describe(self._vendor, route, asked))
        row["fault"] = fault.do if fault else None
        reply = await self._answer(route, asked, fault, row)
        if reply is None:
            refused = fault is not None and fault.do == "unreachable"
            await _cut(scope, receive, ConnectionRefusedError if refused else self._floor.cut)
        else:
            await _send(reply, asked.now, send)

    def _find(self, asked: Asked) -> tuple[Route | None, Asked]:
        for route in self._vendor.routes:
            params = route.match(asked.method, asked.path)
            if params is not None:
                return route, replace(asked, params=params)
        return None, asked

    async def _answer(
        self, route: Route | None, asked: Asked, fault: Fault | None, row: dict[str, Any]
    ) -> Reply | None:
        """What goes out, None for a cut connection. The work is on disk before anything is sent or cut."""
        wait = fault.seconds if fault is not None and fault.do == "slow" else 0.0
        works = fault is None or fault.work_first
        if wait and not works:
            await asyncio.sleep(wait)
        worked = self._work(route, asked) if works or wait else None
        sent = worked if fault is None else spoil(fault, self._vendor, asked, worked)
        row.update(answered(worked, sent))
        self._floor.save()
        if wait and works:
            await asyncio.sleep(wait)
        return sent

    def _work(self, route: Route | None, asked: Asked) -> Reply:
        try:
            if route is None:
                reply = self._vendor.unmatched(asked)
            else:
                self._vendor.authorise(asked)
                reply = route.handler(asked)
        except Refused as refused:
            reply = refused.reply
        return self._vendor.finish(asked, reply)


class Floor:
    """What all counters share: time, the script of faults, the record of calls, how to cut, how to save."""

    def __init__(self, clock: Clock, script: Script, calls: Calls, cut: Callable[[str], Exception]) -> None:
        self.clock = clock
        self.script = script
        self.calls = calls
        self.cut = cut
        self.save: Callable[[], None] = lambda: None


async def _read_body(receive: Receive) -> bytes:
    """The whole body of a request."""
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


async def _send(reply: Reply, now: float, send: Send) -> None:
    """The answer, dated by the emulators' clock."""
    payload = reply.payload()
    headers = {"date": formatdate(now, usegmt=True)}
    headers |= {name.lower(): value for name, value in reply.headers.items()}
    if reply.body is not None:
        headers.setdefault("content-type", "application/json")
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    raw.append((b"content-length", str(len(payload)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": payload})


async def _read(scope: Scope, receive: Receive, clock: Clock) -> Asked:
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path = raw.decode("latin-1")[len(scope.get("root_path", "")) :]
    query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    body = await _read_body(receive)
    return Asked(scope["method"], path, {}, tuple(query), headers, body, clock.now())


async def _cut(scope: Scope, receive: Receive, cut: Callable[[str], Exception]) -> None:
    """Close the socket without an answer; in process, raise what the client would have seen.

    Over a socket it is too late to refuse a connection: there `unreachable` is a cut before the work.
    """
    transport = scope.get("state", {}).get(TRANSPORT)
    if transport is None:
        raise cut("the emulator cut the connection")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
