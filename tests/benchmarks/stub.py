"""A small fast vendor for benchmarks: trocco's job routes on a raw asyncio protocol, in a process of its own.

Run as `python stub.py [SECONDS]`: jobs take that long. Prints its port, serves until it is killed.
"""

import asyncio
import json
import sys

_CREATED = "2026-01-31T02:00:00+09:00"


class Jobs:
    """Every job there is: its number is its place, its value when it ends (the loop's time)."""

    def __init__(self, duration: float) -> None:
        self._duration = duration
        self._ends: list[float] = []

    def start(self, now: float) -> int:
        self._ends.append(now + self._duration)
        return len(self._ends)

    def status(self, number: int, now: float) -> str:
        return "succeeded" if now >= self._ends[number - 1] else "executing"


class Connection(asyncio.Protocol):
    """One kept-alive connection."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._loop = asyncio.get_running_loop()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            length = end + 4 + _content_length(head)
            if len(self._buffer) < length:
                return
            method, target, _ = self._buffer[: self._buffer.index(b"\r\n")].split(b" ")
            self._buffer = self._buffer[length:]
            self._transport.write(_answer(self._body(method, target)))

    def _body(self, method: bytes, target: bytes) -> bytes:
        path, _, query = target.partition(b"?")
        now = self._loop.time()
        if method == b"POST":
            made = {"id": self._jobs.start(now), "status": "queued", "created_at": _CREATED}
            name, _, number = query.partition(b"&")[0].partition(b"=")
            return json.dumps(made | {name.decode(): int(number)}).encode()
        if path.endswith(b"/jobs"):
            return b'{"items": [], "next_cursor": null}'
        number_ = int(path.rpartition(b"/")[2])
        status = self._jobs.status(number_, now)
        return json.dumps({"id": number_, "status": status, "created_at": _CREATED}).encode()


def _content_length(head: bytes) -> int:
    at = head.find(b"\r\ncontent-length:")
    return 0 if at < 0 else int(head[at + 17 :].split(b"\r\n", 1)[0])


def _answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
        len(body),
        body,
    )


async def _serve(duration: float) -> None:
    jobs, loop = Jobs(duration), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(jobs), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
