"""One step lived by the engine over an emulated vendor, in a process that may die and be followed by more."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

from pipeforge.adapter import Adapter, Json, Limits
from pipeforge.adapters import connections
from pipeforge.commands.jumping import LoopClock
from pipeforge.contract.emulated import Emulated
from pipeforge.engine.control import Control
from pipeforge.engine.doors import Terms
from pipeforge.engine.events import Event, RunStarted
from pipeforge.engine.scheduler import execute
from pipeforge.engine.state import StepState, replay
from pipeforge.planning import Plan, PlannedStep

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
"""When the run begins."""

DAY = 86_400.0
"""Seconds."""

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


class Died(BaseException):
    """The process is gone."""


class Disk:
    """An Emit: what is appended stays, what is only noted is lost with the process."""

    def __init__(self) -> None:
        begun = RunStarted(at=EPOCH, run="r1", pipeline="p", path="p.yaml", digest="d", context_time=EPOCH)
        self.events: list[Event] = [begun]
        self.noted: list[Event] = []
        self.appended: list[str] = []
        """By type, what was not only noted."""
        self.die_before: str | None = None
        self.die_after: str | None = None

    async def append(self, event: Event) -> None:
        if event.type == self.die_before:
            raise Died(event.type)
        self.appended.append(event.type)
        self.events += [*self.noted, event]
        self.noted = []
        if event.type == self.die_after:
            raise Died(event.type)

    def note(self, event: Event) -> None:
        self.noted.append(event)

    def count(self, type_: str) -> int:
        """How many events of a type there are."""
        return sum(event.type == type_ for event in self.events)


class Seams:
    """An ASGI application that stands before the vendor's and ends the process at one of its requests."""

    def __init__(self, app: App, die_at: int, *, answered: bool) -> None:
        self.app, self.die_at, self.answered = app, die_at, answered
        self.requests = 0

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        self.requests += 1
        if self.requests == self.die_at and not self.answered:
            raise Died("before the request arrives")
        await self.app(scope, receive, send)
        if self.requests == self.die_at:
            raise Died("before the answer arrives")


class Step:
    """A pipeline of one step, its journal and its clock: what stays when a process dies."""

    def __init__(self, there: Emulated, kind: str, params: Mapping[str, Json], **more: Any) -> None:
        self.there, self.adapter = there, there.adapter(kind)
        given: dict[str, Any] = {"timeout": 7_200.0, **more}
        step = PlannedStep("it", self.adapter.kind, "conn", (), params, **given)
        self.plan = Plan("p", "d", EPOCH, (step,), {})
        self.disk, self.clock = Disk(), LoopClock(EPOCH, asyncio.get_running_loop())

    async def live_until(self, die_at: int, *, answered: bool) -> bool:
        """One process that dies at its nth request; whether it came so far."""
        seams = Seams(self.there.app, die_at, answered=answered)
        client = connections.connect("conn", self.there.settings, app=seams)
        return await self.live(adapter=connections.adapter(self.adapter.kind, client)) is None

    async def live(
        self,
        *,
        die_before: str | None = None,
        die_after: str | None = None,
        control: Control | None = None,
        adapter: Adapter[Any] | None = None,
        limits: Mapping[str, Limits] | None = None,
    ) -> StepState | None:
        """One process to its end: the step's state; None if it died before or after an event of that type."""
        self.disk.die_before, self.disk.die_after, self.disk.noted = die_before, die_after, []
        state = replay(self.disk.events)
        adapters = {(self.adapter.kind.name, "conn"): adapter or self.adapter}
        try:
            await execute(
                self.plan,
                state,
                adapters,
                self.disk,
                control=control or Control(),
                terms=Terms(limits=limits or {}, clock=self.clock),
            )
        except Died:
            return None
        return state.steps.get("it", StepState())
