"""Every fault and every death at every request of a job: never twice, never a false word, never lost."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from pipeforge.adapter import Guarantee, Json, Outcome
from pipeforge.contract.cases import Case, Contract, clean
from pipeforge.contract.emulated import Emulated
from pipeforge.contract.lives import Step
from pipeforge.emulators.core import Clock, Desk, Package
from pipeforge.emulators.faults import GENERIC
from pipeforge.engine.state import StepState

SLOW = 1_000.0
"""Seconds; longer than any client waits for an answer."""

ALONE = {"answer", "rewrite"}
"""No faults by themselves: they say what the script says."""

SETTLED = (Guarantee.EXACTLY_ONCE, Guarantee.IDEMPOTENT)
"""Guarantees with which no start can end in doubt."""


@dataclass(frozen=True)
class Plain:
    """What happens where nothing goes wrong."""

    routes: tuple[str, ...]
    """Of the requests, in order."""
    events: tuple[str, ...]
    """By type, those that are written down."""
    jobs: int
    words: frozenset[str]
    """The vendor's for a job that did what it should."""


class MatrixContract(Contract):
    """For kinds that start something: derive a class, and give it `cases` of `Case`."""

    cases: ClassVar[dict[str, Case]] = {}

    @asynccontextmanager
    async def stepped(self, name: str) -> AsyncIterator[Step]:
        """A step of the kind over a vendor of its own."""
        async with self.opened(name) as (there, _, _params):
            yield Step(there, name, self.cases[name].params)

    async def plain(self, name: str) -> Plain:
        """A play in which nothing goes wrong."""
        async with self.stepped(name) as step:
            state = await step.live()
            assert state is not None
            assert state.outcome is Outcome.SUCCEEDED, (state.word, state.detail)
            routes = tuple(f"{row['method']} {row['route']}" for row in await step.there.rows())
            events = tuple(dict.fromkeys(step.disk.appended))
            jobs = await _ours(step.there)
            return Plain(routes, events, len(jobs), frozenset(job["status"] for job in jobs))

    async def test_it_may_die_at_any_request(self, name: str) -> None:
        plain = await self.plain(name)
        for nth in range(1, len(plain.routes) + 1):
            for answered in (False, True):
                async with self.stepped(name) as step:
                    assert await step.live_until(nth, answered=answered), "it did not come so far"
                    where = f"died at request {nth}, {'after' if answered else 'before'} it arrived"
                    await self.right(name, plain, step, await step.live(), where)

    async def test_it_may_die_at_any_event(self, name: str) -> None:
        plain = await self.plain(name)
        for type_ in plain.events:
            for way in ("die_before", "die_after"):
                if (type_, way) == ("run_finished", "die_after"):
                    continue  # nothing is left to do
                async with self.stepped(name) as step:
                    deaths: dict[str, Any] = {way: type_}
                    assert await step.live(**deaths) is None, "it did not come so far"
                    await self.right(name, plain, step, await step.live(), f"{way} {type_}")

    async def test_any_fault_may_strike_any_request(self, name: str) -> None:
        plain = await self.plain(name)
        async with self.opened(name) as (there, _, _params):
            faults = _faults(there)
        for route in dict.fromkeys(plain.routes):
            for nth in sorted({1, plain.routes.count(route)}):
                for fault in faults:
                    async with self.stepped(name) as step:
                        await step.there.fault(route=route, nth=nth, **fault)
                        where = f"{fault} at call {nth} of {route}"
                        await self.right(name, plain, step, await step.live(), where)

    async def right(self, name: str, plain: Plain, step: Step, state: StepState | None, where: str) -> None:
        """Whether all is true that no trouble whatsoever excuses."""
        assert state is not None, where
        jobs = await _ours(step.there) if self.cases[name].counted else []
        told = f"{where}: {state.outcome} {state.word} ({state.detail} | {state.hint})"
        words = [job["status"] for job in jobs]
        assert state.outcome is not None, told
        assert len(jobs) <= max(plain.jobs, 1), f"{told}: {len(jobs)} jobs"
        if state.outcome is Outcome.SUCCEEDED and jobs:
            assert words[-1] in plain.words, f"{told}: no success, the vendor says '{words[-1]}'"
        if state.outcome is Outcome.FAILED and jobs:
            assert words[-1] not in plain.words, f"{told}: no failure, the vendor says '{words[-1]}'"
        if state.outcome is Outcome.UNKNOWN:
            assert state.hint, f"{told}: it does not say what to look at"
            assert step.adapter.kind.guarantee not in SETTLED, told
        events = json.dumps([event.model_dump(mode="json") for event in step.disk.events], ensure_ascii=False)
        assert "a defect" not in clean(step.there, events), told


async def _ours(there: Emulated) -> list[dict[str, Json]]:
    return [job for job in await there.jobs() if job["by"] == "api"]


def _faults(there: Emulated) -> list[dict[str, Json]]:
    """Every fault of the vendor, refusals of its own included; those that replace the work also after it."""
    package: Package = there.packages[there.vendor]
    refusals = package.open(package.section(), Desk(Clock(), {})).refusals
    names = [do for do in (*GENERIC, *refusals) if do not in ALONE]
    after = [{"do": do, "after": True} for do in ("html", "server_error")]
    return [{"do": do, **({"seconds": SLOW} if do == "slow" else {})} for do in names] + after
