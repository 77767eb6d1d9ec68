"""Opens the emulators in process on a clock that only moves when a test jumps it."""

import base64
from contextlib import asynccontextmanager

import httpx
import pytest

from pipeforge.emulators.core import Clock
from pipeforge.emulators.server import base_urls, build
from pipeforge.emulators.world import World

BEGIN = 1_764_000_000.0


class Emulators:
    """The emulators in one world, with a client for each vendor and the admin endpoints as methods."""

    def __init__(self, world=None, state=None):
        self.clock = Clock(lambda: BEGIN)
        app = build(World.read(world), self.clock, state=state, cut=httpx.RemoteProtocolError)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://emulators")
        self.urls = base_urls("http://emulators")

    def at(self, vendor, **headers):
        """A client whose paths are below the vendor's base URL."""
        return httpx.AsyncClient(
            transport=self.http._transport,
            base_url=self.urls[vendor],
            headers=headers,
            follow_redirects=False,
        )

    async def calls(self, vendor=None):
        return (await self.http.get("/_emulator/calls", params={"vendor": vendor} if vendor else {})).json()

    async def jobs(self, vendor):
        return (await self.http.get("/_emulator/jobs", params={"vendor": vendor})).json()[vendor]

    async def fault(self, **fault):
        answer = await self.http.post("/_emulator/faults", json=fault)
        assert answer.status_code == 200, answer.text

    async def act(self, vendor, action, **given):
        return await self.http.post("/_emulator/act", json={"vendor": vendor, "action": action, **given})


@pytest.fixture
def opened():
    """`async with opened(world) as emulators`."""

    @asynccontextmanager
    async def open_emulators(world=None, state=None):
        emulators = Emulators(world, state)
        async with emulators.http:
            yield emulators

    return open_emulators


@pytest.fixture
def base64_of():
    return lambda text: base64.b64encode(text.encode()).decode()
