"""Drives a planned run: signals, the engine, the journal, and the exit code."""

import argparse
import asyncio
import os
import signal
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from pipeforge.adapter import Outcome
from pipeforge.commands import nexts, places
from pipeforge.commands.linking import Link
from pipeforge.commands.opening import Planned
from pipeforge.commands.streams import out
from pipeforge.commands.telling import Teller, Told
from pipeforge.engine.control import Control
from pipeforge.engine.doors import Terms
from pipeforge.engine.events import RunResumed, RunStarted
from pipeforge.engine.ledger import Emit
from pipeforge.engine.limits import Shared
from pipeforge.engine.scheduler import execute
from pipeforge.engine.state import RunState
from pipeforge.errors import UsageError
from pipeforge.journal import Taken, Writer
from pipeforge.language.durations import seconds
from pipeforge.language.filters import zone
from pipeforge.reports.runs import summary

INTERRUPTED = "interrupted: nothing new starts; once more to leave at once (jobs at the vendors go on)"


@dataclass(frozen=True, slots=True)
class Held:
    """A run that this process holds and goes on with."""

    planned: Planned
    past: RunState
    """The replay of its events so far; what made this process hold it is among them, and on disk."""
    writer: Writer


def run_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of every command that drives a run."""
    parser.add_argument(
        "--max-time", metavar="DURATION", help="leave in order after this long, to be resumed"
    )
    parser.add_argument(
        "--log-format",
        choices=["auto", "plain", "json"],
        default="auto",
        help="default: live on a terminal, else plain",
    )


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
    planned: Planned,
    past: RunState,
    writer: Writer,
    link: Link,
    args: argparse.Namespace,
    first: RunStarted | RunResumed,
) -> int:
    """Runs to the end, or until it is stopped; says how it ended, and gives the exit code.

    `first`: what made this process hold the run; it is in the journal already.
    """
    control = Control()
    teller = Teller(past, args.log_format, zone(planned.opened.pipeline.timezone))
    teller.begin(first)
    try:
        held = Held(planned, past, writer)
        outcome = asyncio.run(_alone(held, link, control, teller, max_time(args)))
    except Taken as taken:
        assert planned.plan.concurrency is not None
        places.refuse(planned.plan.concurrency, taken.wait)
        return 0
    with suppress(BrokenPipeError):  # how the run ended counts, whoever still reads of it
        commands = nexts.resume_command(past.run, args), nexts.command("show", past.run, args)
        out("\n" + summary(past, nexts.decisions(past, args), *commands))
    return exit_code(outcome, control)


async def _alone(
    held: Held, link: Link, control: Control, teller: Teller, budget: float | None
) -> Outcome | None:
    heed_signals(lambda: interrupt(control, teller))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(link.aclose)
        stack.enter_context(teller.around())
        return await carry_out(held, link, Told(held.writer, teller), control, max_time=budget)


async def carry_out(
    held: Held, link: Link, emit: Emit, control: Control, *, max_time: float | None = None
) -> Outcome | None:
    """One run, in a loop where others may go on beside it; gives what `execute` gives.

    Closes the run's writer, not the link, which they may share: their limits hold across all of them, for
    each claims its places in the journal. `emit` is the writer, or tells of what it writes. `max_time` in
    seconds. Raises Taken when the run's own place is taken, and what `execute` raises.
    """
    plan = held.planned.plan
    shared = Shared(held.writer, link.resources)
    terms = Terms(link.limits, shared, places.claim(plan), max_time=max_time)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(held.writer.close)
        await places.take(held.writer, plan)
        return await execute(plan, held.past, link.adapters, emit, control=control, terms=terms)


def heed_signals(heard: Callable[[], None]) -> None:
    """Calls it at Ctrl-C, SIGTERM and SIGHUP, in this loop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, heard)


def interrupt(control: Control, teller: Teller) -> None:
    """What a signal does to a run; the first time it is said."""
    if control.reason is None:
        teller.say(INTERRUPTED)
    control.interrupt()


def exit_code(outcome: Outcome | None, control: Control) -> int:
    """As documented in `pipeforge --help`. An interrupt can end the last step: then it is not all well."""
    if outcome is Outcome.SUCCEEDED:
        return 0
    if control.reason is not None:
        return 6 if control.reason == "max_time" else 130
    return 4 if outcome is Outcome.UNKNOWN else 1


def holder() -> str:
    """Who we are, for RunResumed."""
    return f"{socket.gethostname()} pid {os.getpid()}"
