"""The work of one step, the same for every peer: start a workflow at the stub, look until its job is over.

It talks to the stub over bare kept-alive sockets, the cheapest way there is, so that a peer is charged for
what it does itself. Nothing but the standard library: it is imported in the environments of the peers.
"""

import asyncio
import json
import socket
from typing import Any
from urllib.parse import urlsplit

WIDTH = 100
"""Steps in a layer; each needs two of the layer above."""

IN_FLIGHT = 64


def layers(steps: int) -> list[list[int]]:
    """Numbers of steps, layer after layer."""
    return [list(range(first, min(first + WIDTH, steps))) for first in range(0, steps, WIDTH)]


def _request(method: str, path: str) -> bytes:
    lines = (f"{method} {path} HTTP/1.1", "host: stub", "authorization: Token benchmark", "content-length: 0")
    return "\r\n".join((*lines, "", "")).encode()


def _start(number: int) -> bytes:
    return _request("POST", f"/api/pipeline_jobs?pipeline_definition_id={number + 1}")


def _look(job: int) -> bytes:
    return _request("GET", f"/api/pipeline_jobs/{job}")


def _length(head: bytes) -> int:
    return int(head.lower().rpartition(b"content-length:")[2].split(b"\r\n", 1)[0])


class Streams:
    """For peers that await: as many connections as there are steps at once."""

    def __init__(self, base_url: str, in_flight: int = IN_FLIGHT) -> None:
        parts = urlsplit(base_url)
        self._host, self._port = parts.hostname, parts.port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._room = asyncio.Semaphore(in_flight)

    async def step(self, number: int) -> dict[str, Any]:
        """Trigger and await; what the vendor said last."""
        async with self._room:
            job = (await self._ask(_start(number)))["id"]
            while (seen := await self._ask(_look(job)))["status"] != "succeeded":
                await asyncio.sleep(1)
            return seen

    async def _ask(self, request: bytes) -> dict[str, Any]:
        reader, writer = (
            self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
        )
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body: dict[str, Any] = json.loads(await reader.readexactly(_length(head)))
        self._idle.append((reader, writer))
        return body


class Line:
    """For peers that do one step after the other: one connection."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._socket = socket.create_connection((parts.hostname, parts.port))
        self._file = self._socket.makefile("rb")

    def step(self, number: int) -> dict[str, Any]:
        """Trigger and await; what the vendor said last."""
        job = self._ask(_start(number))["id"]
        return self._ask(_look(job))

    def _ask(self, request: bytes) -> dict[str, Any]:
        self._socket.sendall(request)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._file.readline()
        body: dict[str, Any] = json.loads(self._file.read(_length(head)))
        return body
