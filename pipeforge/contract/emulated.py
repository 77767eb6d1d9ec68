"""A vendor's emulator in process on the loop's own clock, and the client for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pipeforge import adapters
from pipeforge.adapter import Adapter, Json
from pipeforge.adapters import connections
from pipeforge.adapters.calls import Access, Call, Refused
from pipeforge.adapters.http import Http
from pipeforge.contract import checking
from pipeforge.contract.checking import refuse, set_up
from pipeforge.contract.known import packages
from pipeforge.emulators.core import Clock
from pipeforge.emulators.dispatch import ConnectionCut
from pipeforge.emulators.server import base_urls, build
from pipeforge.emulators.world import World

BEGIN = 1_764_000_000.0
"""When the emulator's time begins, in UNIX seconds."""
ROOT = "http://emulators"


class Emulated:
    """One vendor's emulator and our client for it. `await` sleeps jump the emulator's time too."""

    def __init__(
        self,
        vendor: str,
        world: Mapping[str, Json] | None,
        settings: Mapping[str, Json],
        cut: Callable[[str], Exception] = ConnectionCut,
    ) -> None:
        loop = asyncio.get_running_loop()
        zero = loop.time()
        self.vendor = vendor
        with set_up(vendor, "mend the case's world"):
            self.packages = there = packages(vendor)
            a_world = World.read({vendor: world or {}}, there)
        self.clock = Clock(lambda: BEGIN + loop.time() - zero)
        self.app = build(a_world, self.clock, cut=cut)
        self._door = Http(Access("emulators", ROOT), app=self.app)
        given = {"vendor": vendor, "base_url": base_urls(ROOT, there)[vendor], **settings}
        self.settings = checking.settings(vendor, given)
        self.client = connections.connect("conn", self.settings, app=self.app)

    def adapter(self, kind: str) -> Adapter[Any]:
        """An adapter of a kind over the client."""
        return connections.adapter(adapters.kinds()[kind], self.client)

    async def rows(self) -> list[dict[str, Json]]:
        """Every call that the vendor was asked, as the emulators tell it."""
        return list(await self._asked("GET", "calls"))

    async def calls(self, method: str, ending: str) -> list[dict[str, Json]]:
        """The calls of a method whose path ends so."""
        rows = await self.rows()
        return [row for row in rows if row["method"] == method and row["path"].endswith(ending)]

    async def jobs(self) -> list[dict[str, Json]]:
        """All jobs at the vendor, whoever started them."""
        return list((await self._asked("GET", "jobs"))[self.vendor])

    async def started(self) -> int:
        """How many jobs calls of ours started."""
        return sum(row["started"] is not None for row in await self.rows())

    async def fault(self, **fault: Json) -> None:
        """Scripts a fault, as a world's `faults` say it."""
        await self._asked("POST", "faults", {"vendor": self.vendor, **fault})

    async def clear_faults(self) -> None:
        """From now on all goes well."""
        await self._asked("DELETE", "faults")

    async def act(self, action: str, **given: Json) -> Json:
        """What a person does in the vendor's screen."""
        return await self._asked("POST", "act", {"vendor": self.vendor, "action": action, **given})

    async def aclose(self) -> None:
        """Gives back what is open."""
        await self.client.aclose()
        await self._door.aclose()

    async def _asked(self, method: str, path: str, body: Json = None) -> Json:
        query = (("vendor", self.vendor),) if method == "GET" else ()
        call = Call(method, f"/_emulator/{path}", query=query, json=body, safe=False, any_body=True)
        try:
            return (await self._door.send(call)).body
        except Refused as refusal:
            why = refusal.body.get("error", "") if isinstance(refusal.body, dict) else refusal.message
        return refuse(
            f"the emulator of {self.vendor} does not take it: {why}", "mend the case, or the emulator"
        )


@asynccontextmanager
async def emulated(
    vendor: str, world: Mapping[str, Json] | None = None, **settings: Json
) -> AsyncIterator[Emulated]:
    """One, until the block ends."""
    there = Emulated(vendor, world, settings)
    try:
        yield there
    finally:
        await there.aclose()
