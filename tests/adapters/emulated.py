"""The emulators in process on the loop's own clock, our client, and a way to drive an adapter."""

from contextlib import asynccontextmanager

import anyio
import httpx

from pipeforge.adapters import connection_model, connections, kinds
from pipeforge.emulators.core import Clock
from pipeforge.emulators.server import base_urls, build
from pipeforge.emulators.world import World
from pipeforge.errors import InDoubt, Transient

BEGIN = 1_764_000_000.0
ROOT = "http://emulators"


class Emulated:
    """One vendor's emulator and our client for it. `await` sleeps jump the emulator's time too."""

    def __init__(self, vendor, world, settings):
        zero = anyio.current_time()
        self.vendor = vendor
        self.clock = Clock(lambda: BEGIN + anyio.current_time() - zero)
        self.app = build(World.read({vendor: world or {}}), self.clock, cut=httpx.RemoteProtocolError)
        self.admin = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=ROOT)
        given = {"vendor": vendor, "base_url": base_urls(ROOT)[vendor], **settings}
        self.settings = connection_model(vendor).model_validate(given)
        self.client = connections.connect("conn", self.settings, app=self.app)

    def adapter(self, kind):
        return connections.adapter(kinds()[kind], self.client)

    async def calls(self, method, ending):
        """The calls of a method whose path ends so."""
        rows = (await self.admin.get("/_emulator/calls", params={"vendor": self.vendor})).json()
        return [row for row in rows if row["method"] == method and row["path"].endswith(ending)]

    async def jobs(self):
        return (await self.admin.get("/_emulator/jobs", params={"vendor": self.vendor})).json()[self.vendor]

    async def fault(self, **fault):
        answer = await self.admin.post("/_emulator/faults", json={"vendor": self.vendor, **fault})
        assert answer.status_code == 200, answer.text

    async def clear_faults(self):
        await self.admin.delete("/_emulator/faults")

    async def act(self, action, **given):
        asked = {"vendor": self.vendor, "action": action, **given}
        answer = await self.admin.post("/_emulator/act", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def emulated(vendor, world=None, **settings):
    there = Emulated(vendor, world, settings)
    async with there.admin:
        yield there
        await there.client.aclose()


async def settle(adapter, params, key):
    """What an engine does to get a handle: prepare, trigger, and recover where in doubt. Counts its ways."""
    evidence, ways = await prepared(adapter, params), []
    for _ in range(20):
        try:
            handle = await adapter.trigger(params, key, evidence)
            return handle, [*ways, "triggered"]
        except Transient as error:
            ways.append("transient")
            await anyio.sleep(error.retry_after or 1.0)
            evidence = await prepared(adapter, params)
            continue
        except InDoubt:
            ways.append("in doubt")
        handle = await recovered(adapter, params, key, evidence)
        if handle is not None:
            return handle, [*ways, "recovered"]
        ways.append("not started")
    raise AssertionError(f"never started: {ways}")


async def prepared(adapter, params):
    """Prepares as an engine does: again while somebody else's start is under way."""
    for _ in range(40):
        try:
            return await adapter.prepare(params)
        except Transient as error:
            if error.retry_after is None:
                raise
            await anyio.sleep(error.retry_after)
    raise AssertionError("never prepared")


async def recovered(adapter, params, key, evidence):
    """Recovers as an engine does: asks again while the question itself fails."""
    for _ in range(20):
        try:
            return await adapter.recover(params, key, evidence)
        except Transient as error:
            await anyio.sleep(error.retry_after or 1.0)
    raise AssertionError("recovery never came to an answer")


async def watched(adapter, handle, pace=5.0, looks=400):
    """Looks until it is over: the last observation, and all words and warnings on the way."""
    words, warnings = [], []
    for _ in range(looks):
        seen = await adapter.observe(handle)
        words += [seen.word] if words[-1:] != [seen.word] else []
        warnings += [seen.warning] if seen.warning and seen.warning not in warnings else []
        if seen.outcome is not None:
            return seen, words, warnings
        await anyio.sleep(seen.look_again or pace)
    raise AssertionError(f"never over: {words}")
