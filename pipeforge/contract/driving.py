"""Drives an adapter as the engine does: prepares, starts, settles a lost answer, looks until it is over."""

import asyncio
from typing import Any

from pipeforge.adapter import Adapter, Evidence, Handle, Observation
from pipeforge.errors import InDoubt, Transient


async def settle(adapter: Adapter[Any], params: Any, key: str) -> tuple[Handle, list[str]]:
    """What an engine does to get a handle: prepare, trigger, and recover where in doubt; and by which ways.

    Raises Rejected, InDoubt, and AssertionError where it never starts.
    """
    evidence, ways = await prepared(adapter, params), list[str]()
    for _ in range(20):
        try:
            handle = await adapter.trigger(params, key, evidence)
            return handle, [*ways, "triggered"]
        except Transient as error:
            ways.append("transient")
            await asyncio.sleep(error.retry_after or 1.0)
            evidence = await prepared(adapter, params)
            continue
        except InDoubt:
            ways.append("in doubt")
        found = await recovered(adapter, params, key, evidence)
        if found is not None:
            return found, [*ways, "recovered"]
        ways.append("not started")
    raise AssertionError(f"never started: {ways}")


async def prepared(adapter: Adapter[Any], params: Any) -> Evidence:
    """Prepares as an engine does: again while somebody else's start is under way."""
    for _ in range(40):
        try:
            return await adapter.prepare(params)
        except Transient as error:
            if error.retry_after is None:
                raise
            await asyncio.sleep(error.retry_after)
    raise AssertionError("never prepared")


async def recovered(adapter: Adapter[Any], params: Any, key: str, evidence: Evidence) -> Handle | None:
    """Recovers as an engine does: asks again while the question itself fails."""
    for _ in range(20):
        try:
            return await adapter.recover(params, key, evidence)
        except Transient as error:
            await asyncio.sleep(error.retry_after or 1.0)
    raise AssertionError("recovery never came to an answer")


async def watched(
    adapter: Adapter[Any], handle: Handle, pace: float = 5.0, looks: int = 400
) -> tuple[Observation, list[str], list[str]]:
    """Looks until it is over: the last observation, and all words and warnings on the way."""
    words, warnings = list[str](), list[str]()
    for _ in range(looks):
        seen = await adapter.observe(handle)
        words += [seen.word] if words[-1:] != [seen.word] else []
        warnings += [seen.warning] if seen.warning and seen.warning not in warnings else []
        if seen.outcome is not None:
            return seen, words, warnings
        await asyncio.sleep(seen.look_again or pace)
    raise AssertionError(f"never over: {words}")
