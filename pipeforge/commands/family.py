"""The runs that the steps of one run make: begun once, taken up again, stopped with it."""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from pipeforge.adapter import Outcome
from pipeforge.commands import beginning, linking, opening, places
from pipeforge.engine.control import Cancel, Control
from pipeforge.engine.events import RunResumed, RunStarted, StepFinished
from pipeforge.engine.ledger import Emit
from pipeforge.engine.queueing import conflict
from pipeforge.engine.repeating import repeat, taken_over
from pipeforge.engine.state import RunState, apply, replay
from pipeforge.errors import UsageError
from pipeforge.journal import Journal, RunSummary, Taken, Writer
from pipeforge.planning import Plan, PlannedStep

_TRIES = 5
"""chosen: how often a run's number is looked for anew when another process took it meanwhile."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The run whose steps they are, as this process holds it."""

    planned: opening.Planned
    past: RunState
    link: linking.Link
    emit: Emit
    control: Control
    journal: Journal
    keys: frozenset[str] = frozenset()
    """The concurrency keys that it holds, or that a run above it does."""


@dataclass(frozen=True, slots=True)
class Child:
    """One attempt of a step, or of one of its items, that runs a pipeline."""

    step: PlannedStep
    id: str
    attempt: int


@dataclass(slots=True)
class Going:
    """A child's run that goes on in this process."""

    state: RunState
    control: Control
    task: "asyncio.Task[Outcome | None]"
    warning: str = ""


class Skipped(Exception):
    """The run was not begun, as its pipeline's `on_conflict` says. `detail` tells why."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Telling(Protocol):
    """An Emit that can tell of what happens further down."""

    def below(self, step: str, state: RunState, writer: Writer) -> Emit:
        """Where the events of a run go that a step makes."""


Carry = Callable[[Parent, Writer], Coroutine[Any, Any, Outcome | None]]
"""Carries a run out; see `execution.carry_out`."""


def run_of(parent: str, child: Child) -> str:
    """The id of a child's run. It follows from its place alone, so that a second one can never be begun."""
    again = f"+{child.attempt}" if child.attempt > 1 else ""
    return f"{parent}.{child.id.replace('[', ':').rstrip(']')}{again}"


class Family:
    """The children of one run."""

    def __init__(self, parent: Parent, carry: Carry) -> None:
        self.parent = parent
        self._carry = carry
        self._going: dict[str, Going] = {}

    def going(self, run: str) -> Going | None:
        """The run, while it goes on in this process."""
        return self._going.get(run)

    def over(self, run: str) -> None:
        """Its task is done."""
        self._going.pop(run, None)

    def known(self, run: str) -> RunState | None:
        """What the journal has of a run; None when it was never begun."""
        try:
            found = replay(self.parent.journal.read(run))
        except UsageError:
            return None
        return found if found.run == run else None  # a journal takes the beginning of an id, too

    def begin(self, child: Child, handed: Mapping[str, Any]) -> None:
        """Starts a run. Raises UsageError, Skipped, Busy."""
        above = self.parent
        planned = self._planned(child, handed)
        plan = planned.plan
        if plan.concurrency is not None and plan.concurrency.key in self._keys():
            key = plan.concurrency.key
            raise UsageError(
                f"'{plan.pipeline}' has the concurrency key '{key}' of a run that waits for it",
                "give one of them another key, or none",
            )
        tries = 0
        while True:
            rows = above.journal.find(plan.pipeline, plan.context_time)
            started = self._started(child, planned, max((row.again for row in rows), default=-1) + 1)
            try:
                writer = self._enter(started, plan)
                break
            except UsageError:
                tries += 1
                if tries == _TRIES:
                    raise
        self._go(child, planned, replay([started]), writer, _before(rows, started))

    def take_up(self, child: Child, past: RunState) -> Going:
        """Goes on with a run. Raises Busy, UsageError."""
        planned = self._planned(child, past.custom_variables)
        if planned.plan.digest != past.digest:
            raise UsageError(
                f"'{planned.opened.path}' has changed since run {past.run} began", "bring back that version"
            )
        writer = self.parent.journal.open(past.run)
        past = replay(self.parent.journal.read(past.run))
        resumed = RunResumed(at=datetime.now(UTC), holder=beginning.holder(), digest=past.digest)
        writer.note(resumed)
        apply(past, resumed)
        going = self._go(child, planned, past, writer, "")
        state = self.parent.past.steps.get(child.id)
        if state is not None and state.canceling is not None:
            self.cancel(past.run)
        return going

    def cancel(self, run: str) -> None:
        """Ends a run that goes on here for good."""
        going = self._going.get(run)
        if going is not None:
            going.control.cancel(Cancel(f"run {self.parent.past.run}"))

    async def leave(self) -> None:
        """At the end of the parent's own work: what still goes on is on its way to its end, or given up."""
        left = list(self._going.values())
        for going in left:
            if self.parent.control.reason is None:
                going.control.abort()
        if left:
            await asyncio.wait([going.task for going in left])
        for going in left:
            going.task.exception()  # a resume meets it again; nobody is to be told that it was not fetched

    def _planned(self, child: Child, handed: Mapping[str, Any]) -> opening.Planned:
        above = self.parent
        source = above.planned.opened.children[child.step.id]
        planned = opening.handed_down(source, handed, above.planned.plan, above.past.environment)
        return replace(planned, plan=linking.hurried(planned.plan)) if above.link.emulated else planned

    def _keys(self) -> frozenset[str]:
        own = self.parent.planned.plan.concurrency
        return self.parent.keys | {own.key} if own else self.parent.keys

    def _started(self, child: Child, planned: opening.Planned, again: int) -> RunStarted:
        plan, now, above = planned.plan, datetime.now(UTC), self.parent.past
        return RunStarted(
            at=now,
            run=run_of(above.run, child),
            pipeline=plan.pipeline,
            path=str(planned.opened.path.resolve()),
            digest=plan.digest,
            context_time=plan.context_time,
            again=again,
            environment=above.environment,
            custom_variables=dict(planned.given),
            steps=beginning.outlines(plan),
            parent={"how": "step", "run": above.run, "step": child.id, "attempt": child.attempt},
            taken_over=self._kept(child, plan, now),
        )

    def _kept(self, child: Child, plan: Plan, now: datetime) -> tuple[StepFinished, ...]:
        """Of another attempt, and of a rerun of what failed: what succeeded before is not done again."""
        before = self._before(child)
        if before is None or before.outcome is not Outcome.FAILED:
            return ()
        return taken_over(before, repeat(before, plan, "failed", ()), now)

    def _before(self, child: Child) -> RunState | None:
        above = self.parent.past
        state = above.steps.get(child.id)
        opened = state.before if state is not None else 0
        if child.attempt - 1 > opened:
            return self.known(run_of(above.run, replace(child, attempt=child.attempt - 1)))
        whence = above.parent or {}
        if whence.get("how") != "rerun" or whence.get("mode") != "failed":
            return None
        old = self.known(str(whence["run"]))
        step = old.steps.get(child.id) if old else None
        return (
            self.known(str(step.handle["run_id"]))
            if step and step.handle and "run_id" in step.handle
            else None
        )

    def _enter(self, started: RunStarted, plan: Plan) -> Writer:
        policy = plan.concurrency
        if policy is None or policy.on_conflict == "queue":
            return self.parent.journal.start(started)
        try:
            return self.parent.journal.start(started, places.claim(plan))
        except Taken as taken:
            if policy.on_conflict == "skip":
                raise Skipped(conflict(taken.wait)) from None
            raise UsageError(
                conflict(taken.wait), "wait for it, or let runs wait with `on_conflict: queue`"
            ) from None

    def _go(
        self, child: Child, planned: opening.Planned, past: RunState, writer: Writer, warning: str
    ) -> Going:
        above, control = self.parent, Control()
        below = getattr(above.emit, "below", None)
        emit: Emit = writer if below is None else below(child.id, past, writer)
        link = above.link.below[child.step.id]
        parent = Parent(planned, past, link, emit, control, above.journal, self._keys())

        def hear() -> None:
            _pass_on(above.control, control, child.step, above.past.run)

        stop_hearing = above.control.also(hear)
        if above.control.reason is not None:
            hear()
        # Its own context: it is not what the parent's intent, which may be around here, was written for.
        task = asyncio.get_running_loop().create_task(
            self._carry(parent, writer), context=contextvars.Context()
        )
        task.add_done_callback(lambda _: stop_hearing())
        going = self._going[past.run] = Going(past, control, task, warning)
        return going


def _before(rows: Sequence[RunSummary], started: RunStarted) -> str:
    """What to say of the last run of the pipeline for the instant that was not of the same family."""
    root = started.run.partition(".")[0]
    earlier = [row.run for row in rows if row.run.partition(".")[0] != root]
    return f"'{started.pipeline}' was run for this context_time before: run {earlier[-1]}" if earlier else ""


def _pass_on(above: Control, below: Control, step: PlannedStep, run: str) -> None:
    """What is said to a run is said to those that it runs."""
    if above.aborted:
        below.abort()
    elif below.reason is not None:
        return
    elif above.reason == "max_time":
        below.expire()
    elif above.wish is not None:
        below.cancel(above.wish)
    elif step.on_interrupt == "cancel":
        below.cancel(Cancel(f"run {run}, which was interrupted"))
    else:
        below.interrupt(above.patience)
