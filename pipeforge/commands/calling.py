"""Carries out a call: a run of one step, which a person watches, leaves, resumes and settles as any other."""

import argparse
import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeforge import planning
from pipeforge.adapter import Outcome, Role
from pipeforge.commands import beginning, execution, linking, opening
from pipeforge.commands.composing import STEP
from pipeforge.commands.streams import talk
from pipeforge.commands.telling import Teller, Told
from pipeforge.engine.control import Control
from pipeforge.engine.events import Event, RunPaused, RunStarted, StepTriggered, StepWarned
from pipeforge.engine.ledger import Emit
from pipeforge.engine.state import RunState, replay
from pipeforge.errors import UsageError
from pipeforge.journal import Journal, Writer
from pipeforge.reports.progress import visible

_TRIES = 5
"""chosen: how often the next number is tried for a call of which others have the same second."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a call."""

    state: RunState
    code: int
    link: str
    """Where in the vendor's screen to look; empty where no address is known."""


def start(journal: Journal, made: opening.Planned, args: argparse.Namespace) -> tuple[Writer, RunStarted]:
    """Begins the run of a call. Raises UsageError, JournalError."""
    for left in reversed(range(_TRIES)):
        first = _started(journal, made, args)
        try:
            return journal.start(first), first
        except UsageError:  # somebody called the same in this very second
            if not left:
                raise
    raise AssertionError("unreachable")


def _started(journal: Journal, made: opening.Planned, args: argparse.Namespace) -> RunStarted:
    plan, now = made.plan, datetime.now(UTC)
    earlier = journal.find(plan.pipeline, plan.context_time)
    return beginning.started(
        made,
        now,
        beginning.run_id(now),
        again=earlier[-1].again + 1 if earlier else 0,
        environment=args.env,
        world=beginning.world(args),
    )


def carry_out(journal: Journal, made: opening.Planned, link: linking.Link, args: argparse.Namespace) -> Ended:
    """Does it and tells of it as it goes; a question only tells what is in its way."""
    [step] = made.plan.steps
    writer, first = start(journal, made, args)
    past, control = replay([first]), Control()
    teller = Teller(past, args.log_format)
    quiet = step.kind.role is Role.READS
    if not quiet:
        teller.begin(first)
    emit: Emit = _Warnings(writer) if quiet else Told(writer, teller)
    if args.no_wait:
        emit = _Leaving(emit, writer, control)
    held = execution.Held(made, past, writer, journal)
    outcome = asyncio.run(_driven(held, link, emit, control, None if quiet else teller))
    done = execution.exit_code(outcome, control)
    state = past.steps.get(STEP)
    if args.no_wait and outcome is None and state is not None and state.handle is not None:
        done = 0
    return Ended(past, done, _link(link, step))


async def _driven(
    held: execution.Held, link: linking.Link, emit: Emit, control: Control, teller: Teller | None
) -> Outcome | None:
    """`teller`: None for a question, of which nothing is told and nothing goes on."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(link.aclose)
        if teller is None:
            execution.heed_signals(control.interrupt)
        else:
            told = teller
            execution.heed_signals(
                lambda: execution.interrupt(control, told),
                lambda: execution.interrupt(control, told, execution.PATIENCE),
            )
            stack.enter_context(teller.around())
        return await execution.carry_out(held, link, emit, control)


def _link(link: linking.Link, step: planning.PlannedStep) -> str:
    adapter = link.adapters[step.kind.name, step.connection]
    with suppress(Exception):
        return adapter.link(step.kind.params.model_validate(dict(step.params)))
    return ""


class _Warnings:
    """An Emit that tells warnings only."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def append(self, event: Event) -> None:
        await self._writer.append(event)
        self._tell(event)

    def note(self, event: Event) -> None:
        self._writer.note(event)
        self._tell(event)

    def _tell(self, event: Event) -> None:
        if isinstance(event, StepWarned):
            talk(f"warning: {visible(event.message)}\n")


class _Leaving:
    """An Emit that stops watching as soon as the job is there, and leaves the job alone."""

    def __init__(self, inner: Emit, writer: Writer, control: Control) -> None:
        self._inner = inner
        self._writer = writer
        self._control = control

    async def append(self, event: Event) -> None:
        if isinstance(event, RunPaused) and self._control.reason == "max_time":
            await self._writer.append(event.model_copy(update={"reason": "left"}))
            return
        await self._inner.append(event)
        if isinstance(event, StepTriggered):
            self._control.expire()

    def note(self, event: Event) -> None:
        self._inner.note(event)
