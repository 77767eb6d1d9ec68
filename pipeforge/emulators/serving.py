"""Serves the emulators on a port; the only module that imports uvicorn."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from pipeforge.emulators.dispatch import TRANSPORT


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP protocol that lets the application reach its connection, so that it can be cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


def serve(
    app: Any, host: str = "127.0.0.1", port: int = 0, *, ready: Callable[[int], None] | None = None
) -> None:
    """Serve until SIGINT or SIGTERM. Port 0 takes a free one; `ready` is told which, once requests are taken.

    Raises OSError if the port cannot be had; after SIGINT it ends in KeyboardInterrupt, as uvicorn does.
    """
    with socket.create_server((host, port)) as bound:
        # Inherited by every connection. asyncio sees to it only for sockets that name their protocol; without
        # it the second part of an answer waits 40 ms for the first to be acknowledged.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            app,
            http=CuttableProtocol,
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            date_header=False,
        )
        server = _Telling(config, lambda: ready(bound.getsockname()[1]) if ready else None)
        server.run(sockets=[bound])


class _Telling(uvicorn.Server):
    """A server that says when it has started."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._told()
