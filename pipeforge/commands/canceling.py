"""Ends a run that nobody holds, and tells what became of one that was to be ended."""

import argparse
import asyncio
from datetime import UTC, datetime

from pipeforge.adapter import Outcome
from pipeforge.commands import backfilling, continuing, execution, lineage, linking, overseeing, pointing
from pipeforge.commands.child_run import ended
from pipeforge.commands.streams import out
from pipeforge.engine import canceling as engine
from pipeforge.engine.control import Cancel, Control
from pipeforge.engine.events import RunResumed, StepFinished
from pipeforge.engine.ledger import Ledger
from pipeforge.engine.state import Phase, RunState, apply, replay
from pipeforge.journal import Journal, Writer


def here(journal: Journal, past: RunState, args: argparse.Namespace) -> int:
    """Takes the run's lease and ends it; gives the exit code. Raises Busy, RunEnded, UsageError."""
    if past.backfill is not None:
        backfilling.go_on(args, journal, past)
        return code(journal, replay(journal.read(past.run)))
    for said in lineage.settlements(journal, past, datetime.now(UTC)):
        apply(past, said)
    if _asks(journal, past, args):
        planned, link = linking.linked(continuing.as_it_was(past, args, again=_AGAIN), args)
        writer = journal.open(past.run)
        past = replay(journal.read(past.run))
        resumed = RunResumed(at=datetime.now(UTC), holder=execution.holder(), digest=past.digest)
        continuing.write(writer, past, [*lineage.settlements(journal, past, resumed.at), resumed])
        control = Control()
        control.cancel(_wish(args))
        execution.drive(execution.Held(planned, past, writer, journal), link, args, resumed, control)
        return code(journal, past)
    writer = journal.open(past.run)
    past = replay(journal.read(past.run))
    asyncio.run(_close(journal, writer, past, args))
    return told(journal, past, args)


_AGAIN = "bring back the version it began with; or add --leave, which asks no vendor for jobs that are known"


def _asks(journal: Journal, past: RunState, args: argparse.Namespace) -> bool:
    """Whether a vendor has to be asked: to stop a job, or what became of a start."""
    phases = {Phase.INTENDED} if args.leave else {Phase.INTENDED, Phase.TRIGGERED}
    if any(step.phase in phases for step in past.steps.values()):
        return True
    return any(_asks(journal, run, args) for run in lineage.under_way(journal, past).values())


async def _close(journal: Journal, writer: Writer, past: RunState, args: argparse.Namespace) -> None:
    """What can be ended without asking anybody, also in the runs that its steps made.

    What was begun meanwhile stays open, and so does a step whose run does.
    """
    ledger, now = Ledger(past, writer), datetime.now(UTC)
    try:
        engine.tell(ledger, _wish(args), now)
        for said in lineage.settlements(journal, past, now):
            ledger.note(said)
        runs = lineage.under_way(journal, past) if args.leave else {}
        for id_, run in runs.items():
            if run.outcome is None:
                below = journal.open(run.run)
                run = replay(journal.read(run.run))
                await _close(journal, below, run, args)
            if run.outcome is not None:
                ledger.note(_ended(id_, past, run, now))
        for event in engine.left(past, now, runs) if args.leave else ():
            ledger.note(event)
        await engine.finish(ledger, now)
    finally:
        await writer.close()


def _ended(id_: str, past: RunState, run: RunState, at: datetime) -> StepFinished:
    """The end of a step whose run is over."""
    seen, attempt = ended(run), past.steps[id_].attempt
    return StepFinished(
        at=at,
        step=id_,
        attempt=attempt,
        outcome=seen.outcome or Outcome.CANCELED,
        word=seen.word,
        detail=seen.detail,
        outputs=dict(seen.outputs),
        left=seen.left,
    )


def _wish(args: argparse.Namespace) -> Cancel:
    return Cancel(pointing.who(), args.leave)


def told(journal: Journal, past: RunState, args: argparse.Namespace, *, followed: bool = False) -> int:
    """Says how the run ended, or why it did not; gives the exit code. `followed`: its lines stand above."""
    many = past.backfill is not None
    said = overseeing.ending(journal, past, args) if many else execution.ending(past, args, journal)
    out(("\n" if followed else "") + said)
    return code(journal, past)


def code(journal: Journal, past: RunState) -> int:
    """As documented in `pipeforge cancel --help`."""
    if past.outcome is None:
        return 4
    if past.backfill is not None:
        return 1 if overseeing.left(journal, past) else 0
    return 1 if any(step.left for step in past.steps.values()) else 0
