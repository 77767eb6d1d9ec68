"""Drives a planned run: signals, the engine, the journal, and the exit code."""

import argparse
import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext, suppress
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

from pipeforge.adapter import Outcome
from pipeforge.commands import beginning, nexts, places
from pipeforge.commands.linking import Link
from pipeforge.commands.listening import listening
from pipeforge.commands.opening import Planned
from pipeforge.commands.streams import out
from pipeforge.commands.telling import Teller, Told, log_format_argument
from pipeforge.engine.control import Cancel, Control
from pipeforge.engine.doors import Terms
from pipeforge.engine.events import RunResumed, RunStarted
from pipeforge.engine.ledger import Emit
from pipeforge.engine.limits import Shared
from pipeforge.engine.scheduler import execute
from pipeforge.engine.state import RunState
from pipeforge.errors import UsageError
from pipeforge.journal import Journal, Taken, Wish, Writer
from pipeforge.language.durations import seconds
from pipeforge.loading import load
from pipeforge.reports.runs import summary

INTERRUPTED = "interrupted: nothing new starts; once more to leave at once (jobs at the vendors go on)"

PATIENCE = 5.0
"""Seconds from a SIGTERM until all is left as it is. chosen: CI services and containers kill 10 s after it
(GitHub Actions 2.5 s after its SIGTERM, but that comes 7.5 s after a SIGINT, and the second signal leaves at
once)."""


@dataclass(frozen=True, slots=True)
class Held:
    """A run that this process holds and goes on with."""

    planned: Planned
    past: RunState
    """The replay of its events so far; what made this process hold it is among them, and on disk."""
    writer: Writer
    journal: Journal | None = None
    """Where what others ask of the run is heard; None to hear of nothing."""


def run_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of every command that drives a run."""
    parser.add_argument(
        "--max-time", metavar="DURATION", help="leave in order after this long, to be resumed"
    )
    log_format_argument(parser)


def max_time(args: argparse.Namespace) -> float | None:
    """--max-time in seconds. Raises UsageError."""
    if args.max_time is None:
        return None
    try:
        return seconds(args.max_time)
    except PydanticCustomError as error:
        hint = (error.context or {}).get("hint", "write 90s, 5m, 2h or 5h30m")
        raise UsageError(f"--max-time: {error}", hint) from None


def drive(
    held: Held,
    link: Link,
    args: argparse.Namespace,
    first: RunStarted | RunResumed,
    control: Control | None = None,
) -> int:
    """Runs to the end, or until it is stopped; says how it ended, and gives the exit code.

    `first`: what made this process hold the run; it is in the journal already. `control`: of a run that is
    not to go on.
    """
    planned, past, control = held.planned, held.past, control or Control()
    teller = Teller(past, args.log_format)
    teller.begin(first)
    if held.journal is not None:
        held.journal.heed(teller.absence)
    try:
        outcome = asyncio.run(_alone(held, link, control, teller, max_time(args)))
    except Taken as taken:
        assert planned.plan.concurrency is not None
        places.refuse(planned.plan.concurrency, taken.wait, args)
        return 0
    with suppress(BrokenPipeError):  # how the run ended counts, whoever still reads of it
        out("\n" + ending(past, args, held.journal))
    return exit_code(outcome, control)


def ending(past: RunState, args: argparse.Namespace, journal: Journal | None = None) -> str:
    """How a run ended, or stands, and what to type next."""
    commands = nexts.onward(past, args), nexts.command("show", past.run, args)
    return summary(past, nexts.decisions(past, args, journal), *commands)


async def _alone(
    held: Held, link: Link, control: Control, teller: Teller, budget: float | None
) -> Outcome | None:
    heed_signals(lambda: interrupt(control, teller), lambda: interrupt(control, teller, PATIENCE))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(link.aclose)
        stack.enter_context(teller.around())
        return await carry_out(held, link, Told(held.writer, teller), control, max_time=budget)


async def carry_out(
    held: Held,
    link: Link,
    emit: Emit,
    control: Control,
    *,
    max_time: float | None = None,
    keys: frozenset[str] = frozenset(),
) -> Outcome | None:
    """One run, in a loop where others may go on beside it; gives what `execute` gives.

    Closes the run's writer, not the link, which they may share: their limits hold across all of them, for
    each claims its places in the journal. `emit` is the writer, or tells of what it writes. `max_time` in
    seconds. `keys`: the concurrency keys of the runs above it. Raises Taken when the run's own place is
    taken, and what `execute` raises.
    """
    plan = held.planned.plan
    shared = Shared(held.writer, link.resources, link.turns)
    family = _family(held, link, emit, control, keys)
    children = None if family is None else load("pipeforge.commands.child_run:making")(family)
    terms = Terms(
        link.limits, shared, places.claim(plan), children=children, max_time=max_time, clock=link.clock
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(held.writer.close)
        if control.reason is None:
            await places.take(held.writer, plan)
        if family is not None:
            stack.push_async_callback(family.leave)
        stack.enter_context(_listening(held, control))
        return await execute(plan, held.past, link.adapters, emit, control=control, terms=terms)


def _listening(held: Held, control: Control) -> AbstractContextManager[None]:
    """Ends the run when somebody asks for it, also when that was before we took it over."""

    def heard(wish: Wish) -> None:
        control.cancel(Cancel(wish.by, wish.leave))

    if held.journal is None:
        return nullcontext()
    earlier = held.journal.wish(held.past.run) if held.past.resumed else None
    if earlier is not None:
        heard(earlier)
    return listening(held.journal, held.past.run, heard)


def _family(held: Held, link: Link, emit: Emit, control: Control, keys: frozenset[str]) -> Any:
    """The runs that its steps make, a `Family`; None where it has no such step, as mostly."""
    journal = held.journal
    if journal is None or not held.planned.opened.children:
        return None

    def carry(below: Any, writer: Writer) -> Coroutine[Any, Any, Outcome | None]:
        child = Held(below.planned, below.past, writer, journal)
        return carry_out(child, below.link, below.emit, below.control, keys=below.keys)

    parent = load("pipeforge.commands.children:Parent")
    family = load("pipeforge.commands.family:Family")
    return family(parent(held.planned, held.past, link, emit, control, journal, keys), carry)


def heed_signals(heard: Callable[[], None], urged: Callable[[], None] | None = None) -> None:
    """Calls `heard` at Ctrl-C, in this loop. At SIGTERM and SIGHUP `urged`: a kill follows those soon."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, heard)
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, urged or heard)


def interrupt(control: Control, teller: Teller, patience: float | None = None) -> None:
    """What a signal does to a run; the first time it is said. `patience`: see `Control.interrupt`."""
    if control.reason is None:
        teller.say(INTERRUPTED)
    control.interrupt(patience)


def exit_code(outcome: Outcome | None, control: Control) -> int:
    """As documented in `pipeforge --help`. An interrupt can end the last step: then it is not all well."""
    if outcome is Outcome.SUCCEEDED:
        return 0
    if control.reason == "canceled":
        return 1 if outcome in (Outcome.CANCELED, Outcome.FAILED) else 4
    if control.reason is not None:
        return 6 if control.reason == "max_time" else 130
    return 4 if outcome is Outcome.UNKNOWN else 1


def holder() -> str:
    """Who we are, for RunResumed."""
    return beginning.holder()
