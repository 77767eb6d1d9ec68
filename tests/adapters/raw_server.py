"""A small raw server that does to a connection exactly what a test scripts."""

import asyncio
import contextlib
import random

HANG, RESET, CLOSE = "hang", "reset", "close"


class RawServer:
    """Answers request n with `script[n]` (the last one again): bytes to send, or HANG, RESET, CLOSE."""

    def __init__(self, script):
        self.script = script
        self.requests: list[bytes] = []
        self.connections = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._open = set()
        return self

    async def __aexit__(self, *exc):
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader, writer):
        self.connections += 1
        self._open.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._one(reader, writer):
                pass
        self._open.discard(writer)
        writer.close()

    async def _one(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        body = await reader.readexactly(int(lengths[0].split(b":")[1])) if lengths else b""
        self.requests.append(head + body)
        act = self.script[min(len(self.requests), len(self.script)) - 1]
        if act is HANG:
            await reader.read()
            return False
        if act is RESET:
            writer.transport.abort()
            return False
        if act is CLOSE:
            return False
        writer.write(act)
        await writer.drain()
        return b"\r\nConnection: close" not in act and not act.endswith(b"<torn>")


def answer(status, body=b"", *headers, kind="application/json"):
    """The bytes of one HTTP answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class NoWait(random.Random):
    """Jitter of nothing: retries follow at once."""

    def uniform(self, a, b):
        return 0.0
