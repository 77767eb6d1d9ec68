"""Going on with a run that did not end: for `resume`, and for `settle --resume`."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipeforge.commands import beginning, execution, lineage, linking, nexts, opening, speaking
from pipeforge.commands.streams import talk
from pipeforge.engine.carrying import carry, reopenings, stuck
from pipeforge.engine.events import Event, RunResumed
from pipeforge.engine.state import RunState, apply, replay
from pipeforge.errors import Busy, RunEnded, UsageError
from pipeforge.journal import Journal, Writer
from pipeforge.journal.lease import EXPIRY
from pipeforge.language import subpipeline
from pipeforge.reports import carrying as report

_DAMAGED = """warning: the end of the run's journal was damaged and is cut off: what it told is lost
help: steps that may have been triggered unseen are asked for, or end unknown; restore a copy if you have one
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of every command that finds a run and its pipeline's file again."""
    parser.add_argument("--file", type=Path, help="the pipeline, where it has moved since")
    parser.add_argument("--world", type=Path, metavar="FILE", help="the emulators' world, as for run")
    speaking.language_argument(parser)
    opening.journal_argument(parser)


def go_on(
    args: argparse.Namespace,
    journal: Journal,
    run: str,
    events: Sequence[Event],
    *,
    accept_changes: bool = False,
) -> int:
    """Resumes a run, and gives the exit code. Raises RunEnded, Busy, UsageError.

    `events`: those of the run so far. `accept_changes`: the file may have changed; what the change does not
    touch is kept.
    """
    past = replay(events)
    if past.outcome is not None:
        raise RunEnded(
            f"run {run} has ended: {past.outcome}",
            f"`{nexts.command('rerun', run, args, '--failed')}` does again what failed; "
            "`pipeforge run … --again` all of it",
        )
    lineage.refuse_child(journal, past, args)
    planned, link = linking.linked(as_it_was(past, args, accept_changes=accept_changes), args)
    changed = planned.plan.digest != past.digest
    if changed:
        _refuse_stuck(past, planned, args)  # before the lease is taken, and once more when it is held
    writer = opened(journal, run, args)
    sound = not past.doubtful
    for event in journal.read(run, after=len(events)):  # what the last holder wrote before we took over
        apply(past, event)
    if sound and past.doubtful:
        talk(_DAMAGED)
    resumed = RunResumed(
        at=datetime.now(UTC),
        holder=execution.holder(),
        digest=planned.plan.digest,
        steps=beginning.outlines(planned.plan) if changed else (),
    )
    settled = lineage.settlements(journal, past, resumed.at)
    news: list[Event] = [*settled, resumed]
    if changed:
        _refuse_stuck(past, planned, args)
        lines = carry(past, planned.plan)
        # Before what accepts the change: a crash between the two must not keep results that no longer hold.
        news = [*settled, *reopenings(past, lines, resumed.at), resumed]
        talk(report.text(lines, "the pipeline has changed; from here on:"))
    write(writer, past, news)
    return execution.drive(execution.Held(planned, past, writer, journal), link, args, resumed)


def opened(journal: Journal, run: str, args: argparse.Namespace) -> Writer:
    """Takes the run's lease. Raises Busy, which tells what to do about its holder, and RunEnded."""
    try:
        return journal.open(run)
    except Busy as busy:
        free = f"{EXPIRY:.0f} s after its holder's last sign of life it is free"
        raise Busy(busy.message, f"{nexts.beside(run, args)}; {free}") from None


def write(writer: Writer, past: RunState, events: Sequence[Event]) -> None:
    """Puts events on disk, then into the state. Raises JournalError."""
    asyncio.run(put(writer, past, events))


async def put(writer: Writer, past: RunState, events: Sequence[Event]) -> None:
    """`write`, for who is in a loop already."""
    for event in events[:-1]:
        writer.note(event)
    await writer.append(events[-1])
    for event in events:
        apply(past, event)


def as_it_was(
    past: RunState, args: argparse.Namespace, *, accept_changes: bool = False, again: str = ""
) -> opening.Planned:
    """The run's plan, made again from its file and its own values. Raises UsageError.

    `again`: what else the user may do about a file that has changed.
    """
    path = args.file or Path(past.path)
    if not args.file and not path.exists():
        raise UsageError(
            f"the pipeline of run {past.run} is no longer at '{path}'", "name its file with --file"
        )
    source = opening.opened(path, past.environment, opening.manner(args))
    moment = past.context_time.isoformat() if past.context_time else None
    given = opening.Given(past.environment, moment, custom_variables=past.custom_variables)
    planned = opening.plan(source, given)
    if planned.plan.digest != past.digest and not accept_changes:
        raise UsageError(
            f"'{path}' has changed since run {past.run} began",
            again or "bring back the version it began with, or add --accept-changes: it shows what is kept",
        )
    return planned


def _refuse_changed_children(past: RunState, planned: opening.Planned) -> None:
    """Raises UsageError for a run under way whose pipeline has changed: it is not known by two versions."""
    runs = {outline.id for outline in past.outlines if outline.uses == subpipeline.NAME}
    for line in carry(past, planned.plan):
        if line.fate in ("awaited", "left") and line.id in runs:
            raise UsageError(
                f"'{line.id}' runs a pipeline that is under way, and it or its variables have changed",
                "bring back the version the run began with and resume until that run is over",
            )


def _refuse_stuck(past: RunState, planned: opening.Planned, args: argparse.Namespace) -> None:
    """Raises UsageError for a step that only its old definition can bring to an end."""
    found = stuck(past, planned.plan)
    if not found:
        _refuse_changed_children(past, planned)
        return
    id_, why = found
    if why == "unknown":
        raise UsageError(
            f"it cannot be known whether '{id_}' started, and it has changed since",
            f"settle it first: `{nexts.command('show', past.run, args)}` tells how",
        )
    if why == "intended":
        raise UsageError(
            f"'{id_}' may have started a job, which can be asked for only as it was then",
            "bring back the version the run began with and resume, or settle the step",
        )
    raise UsageError(
        f"a job of '{id_}' is going on elsewhere than it now asks: its kind or its connection has changed",
        "bring back the version the run began with and resume until that job is over",
    )
