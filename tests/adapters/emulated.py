"""The published emulator in process, with httpx on its admin endpoints and httpx's own error for a cut."""

from contextlib import asynccontextmanager

import httpx

from pipeforge.contract import emulated as published
from pipeforge.contract.driving import prepared, recovered, settle, watched
from pipeforge.contract.emulated import BEGIN, ROOT

__all__ = ["BEGIN", "ROOT", "Emulated", "emulated", "prepared", "recovered", "settle", "watched"]


class Emulated(published.Emulated):
    """One vendor's emulator and our client for it."""

    def __init__(self, vendor, world, settings):
        super().__init__(vendor, world, settings, cut=httpx.RemoteProtocolError)
        self.admin = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=ROOT)


@asynccontextmanager
async def emulated(vendor, world=None, **settings):
    there = Emulated(vendor, world, settings)
    async with there.admin:
        yield there
        await there.aclose()
