"""The runs that the steps of one run make: begun once, taken up again, stopped with it."""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from pipeforge.adapter import Outcome
from pipeforge.commands import beginning, children, lineage, opening
from pipeforge.commands.children import Child, Parent
from pipeforge.engine.control import Cancel, Control
from pipeforge.engine.events import Event, RunResumed
from pipeforge.engine.ledger import Emit
from pipeforge.engine.state import RunState, apply, replay
from pipeforge.errors import UsageError
from pipeforge.journal import Writer
from pipeforge.planning import PlannedStep


@dataclass(slots=True)
class Going:
    """A child's run that goes on in this process."""

    state: RunState
    control: Control
    task: "asyncio.Task[Outcome | None]"
    warning: str = ""


class Telling(Protocol):
    """An Emit that can tell of what happens further down."""

    def below(self, step: str, state: RunState, writer: Writer) -> Emit:
        """Where the events of a run go that a step makes."""


Carry = Callable[[Parent, Writer], Coroutine[Any, Any, Outcome | None]]
"""Carries a run out; see `execution.carry_out`."""


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

    def begin(self, child: Child, handed: Mapping[str, Any]) -> None:
        """Starts a run. Raises UsageError, Skipped, Busy."""
        of = children.planned(self.parent, child, handed)
        started, writer, warning = children.start(self.parent, child, of)
        self._go(child, of, replay([started]), writer, warning)

    def take_up(self, child: Child, past: RunState) -> Going:
        """Goes on with a run. Raises Busy, UsageError."""
        planned = children.planned(self.parent, child, past.custom_variables)
        if planned.plan.digest != past.digest:
            raise UsageError(
                f"'{planned.opened.path}' has changed since run {past.run} began", "bring back that version"
            )
        writer = self.parent.journal.open(past.run)
        past = replay(self.parent.journal.read(past.run))
        resumed = RunResumed(at=datetime.now(UTC), holder=beginning.holder(), digest=past.digest)
        events: list[Event] = [*lineage.settlements(self.parent.journal, past, resumed.at), resumed]
        for event in events:
            writer.note(event)
            apply(past, event)
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

    def _go(
        self, child: Child, planned: opening.Planned, past: RunState, writer: Writer, warning: str
    ) -> Going:
        above, control = self.parent, Control()
        below = getattr(above.emit, "below", None)
        emit: Emit = writer if below is None else below(child.id, past, writer)
        link = above.link.below[child.step.id]
        parent = Parent(planned, past, link, emit, control, above.journal, children.keys(above))

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
