"""trigger every step of a pipeline once and await it"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from pipeforge.commands import beginning, execution, linking, nexts, opening, places, recording
from pipeforge.commands.journals import open_journal
from pipeforge.engine.events import RunStarted
from pipeforge.engine.state import replay
from pipeforge.errors import Busy, UsageError
from pipeforge.journal import Journal, RunSummary

EXAMPLE = """examples:
  pipeforge run pipeline.yaml --emulate            against the emulators, with no account
  pipeforge run pipeline.yaml --context-time 2026-01-31T02:00 --set region=us
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    opening.pipeline_argument(parser)
    opening.value_arguments(parser)
    parser.add_argument(
        "--again", action="store_true", help="run although there was a run for this context_time"
    )
    parser.add_argument(
        "--world", type=Path, metavar="FILE", help="the emulators' world; default world.yaml beside the file"
    )
    opening.journal_argument(parser)
    execution.run_arguments(parser)
    recording.arguments(parser)


def run(args: argparse.Namespace) -> int:
    if args.world and not args.emulate:
        raise UsageError("--world goes with --emulate", "add --emulate, or leave --world out")
    execution.max_time(args)  # a wrong duration is told before anything else is done
    recording.check(args)
    planned, link = linking.linked(opening.planned(args), args, anew=True)
    source = planned.opened
    journal = open_journal(opening.journal_path(args, source.root, source.project))
    opening.name_journal(args, source)
    try:
        started = _started(journal, planned, args)
        past = replay([started])
        writer = places.start(journal, started, planned.plan, args)
        if writer is None:
            return 0
        with recording.recorded(args, planned, link, started.run):
            return execution.drive(execution.Held(planned, past, writer, journal), link, args, started)
    finally:
        journal.close()


def _state(last: RunSummary, args: argparse.Namespace) -> tuple[str, str]:
    """How an earlier run stands, and the mend that is its own."""
    if last.ended_at:
        return f"it ended {last.outcome}", ""
    if last.outcome:
        return "it needs a decision", f"`{nexts.command('show', last.run, args)}` tells which; "
    return "it is not over", f"`{nexts.resume_command(last.run, args)}` goes on with it; "


def _started(journal: Journal, planned: opening.Planned, args: argparse.Namespace) -> RunStarted:
    """The run's first event. Raises UsageError or Busy when the same was run before, without --again."""
    plan = planned.plan
    earlier = journal.find(plan.pipeline, plan.context_time)
    if earlier and not args.again:
        last = earlier[-1]
        if last.held_by:
            raise Busy(
                f"'{plan.pipeline}' is being run for {plan.context_time.isoformat()}: run {last.run}, "
                f"held by {last.held_by}",
                f"{nexts.beside(last.run, args)}; --again runs it beside, triggering every step anew",
            )
        ended, mend = _state(last, args)
        raise UsageError(
            f"'{plan.pipeline}' was run for {plan.context_time.isoformat()} already: run {last.run}, {ended}",
            f"{mend}--again runs it once more, triggering every step anew",
        )
    now = datetime.now(UTC)
    return beginning.started(
        planned,
        now,
        beginning.run_id(now),
        again=earlier[-1].again + 1 if earlier else 0,
        environment=args.env,
        world=beginning.world(args),
    )
