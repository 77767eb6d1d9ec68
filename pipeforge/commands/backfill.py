"""run a pipeline for every instant of a period that it was not run for"""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from pipeforge.commands import (
    backfilling,
    beginning,
    execution,
    foreseeing,
    instants,
    launching,
    linking,
    nexts,
    opening,
)
from pipeforge.commands.journals import open_journal
from pipeforge.commands.streams import out, talk
from pipeforge.engine.events import Backfill, RunStarted
from pipeforge.engine.state import RunState, replay
from pipeforge.errors import UsageError
from pipeforge.journal import Journal
from pipeforge.reports import backfill as report

EXAMPLE = """examples:
  pipeforge backfill pipeline.yaml --from 2026-01-01 --to 2026-01-31 --every 1d --dry-run
  pipeforge backfill pipeline.yaml --from 2026-01-01T02:00 --to 2026-01-31 --every 1d --parallel 2
  pipeforge backfill pipeline.yaml --from 2025-01-31 --to 2025-12-31 --every 1month --reverse
  pipeforge backfill pipeline.yaml --from 2026-01-01 --to 2026-01-31 --every "0 2 * * 1-5" --failed

Instants that were run already are left out. Stopped or killed, the same command goes on with it, and so
does `pipeforge resume`. Days, weeks and months keep the clock on the wall of the pipeline's time zone, hours
and minutes are real time. A month that lacks the day has its last.
"""

_MANY = 1000
"""chosen: runs that nobody starts without having been asked once more."""

_WIDEST = 100
"""chosen: runs at once in one process."""


def arguments(parser: argparse.ArgumentParser) -> None:
    opening.pipeline_argument(parser)
    period_ = parser.add_argument_group("when")
    period_.add_argument("--from", dest="from_", required=True, metavar="TIME", help="the first instant")
    period_.add_argument(
        "--to", required=True, metavar="TIME", help="the last, inclusive; a date alone is that whole day"
    )
    period_.add_argument(
        "--every",
        required=True,
        metavar="STEP",
        help='1h, 1d, 1w, 1month or a cron expression such as "0 2 * * 1-5"',
    )
    how = parser.add_argument_group("how")
    how.add_argument("--parallel", type=int, metavar="N", help="so many runs at once; default 1")
    how.add_argument("--reverse", action="store_true", help="the newest first")
    again = how.add_mutually_exclusive_group()
    again.add_argument(
        "--failed", action="store_true", help="do again what failed in runs that did, as rerun"
    )
    again.add_argument("--again", action="store_true", help="run every instant, also what was run already")
    how.add_argument("--fail-fast", action="store_true", help="begin no more after one that did not succeed")
    how.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")
    how.add_argument("--format", choices=["json", "text"], default="text", help="of --dry-run")
    how.add_argument("--yes", action="store_true", help=f"do not ask, though it is more than {_MANY:,} runs")
    parser.add_argument("--env", metavar="NAME", help="an environment of pipeforge.yaml")
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="a custom variable; may be repeated"
    )
    parser.add_argument(
        "--world", type=Path, metavar="FILE", help="the emulators' world; default world.yaml beside the file"
    )
    opening.journal_argument(parser)
    execution.run_arguments(parser)


def run(args: argparse.Namespace) -> int:
    _refuse(args)
    source = opening.opened(args.file, args.env, opening.manner(args))
    found = foreseeing.in_order(args, source)
    journal = open_journal(opening.journal_path(args, source.root, source.project))
    opening.name_journal(args, source)
    try:
        asked = foreseeing.asked(args, source, found)
        open_one = foreseeing.unfinished(journal, asked, args)
        if open_one is not None:
            return _same(args, journal, open_one)
        past, planned = foreseeing.decided(journal, args, source, asked)
        assert past.backfill is not None
        if args.dry_run:
            _show(past.backfill, args)
            return 0
        return _begin(journal, args, past, planned)
    finally:
        journal.close()


def _refuse(args: argparse.Namespace) -> None:
    """What is wrong by itself, before anything is read. Raises UsageError."""
    execution.max_time(args)
    if args.world and not args.emulate:
        raise UsageError("--world goes with --emulate", "add --emulate, or leave --world out")
    if args.format == "json" and not args.dry_run:
        raise UsageError("--format json goes with --dry-run", "for a log of what happens, --log-format json")
    if args.parallel is not None and not 1 <= args.parallel <= _WIDEST:
        raise UsageError(f"--parallel {args.parallel} is out of range", f"give a number from 1 to {_WIDEST}")


def _same(args: argparse.Namespace, journal: Journal, past: RunState) -> int:
    """Goes on with the backfill that this command began."""
    if args.log_format != "json":
        talk(f"this command began backfill {past.run}, which is not over: going on with it\n")
    if not args.dry_run:
        return backfilling.go_on(args, journal, past, parallel=args.parallel)
    found = instants.standings(journal, past)
    resume = nexts.resume_command(past.run, args)
    if args.format == "json":
        out(json.dumps(report.show_json(past, found), ensure_ascii=False, indent=2) + "\n")
    else:
        out(report.show_text(past, found, None, f"to go on: {resume}"))
    return 0


def _show(plan: Backfill, args: argparse.Namespace) -> None:
    if args.format == "json":
        out(json.dumps(report.plan_json(plan), ensure_ascii=False, indent=2) + "\n")
    else:
        out(report.plan_text(plan, whole=True))


def _begin(
    journal: Journal, args: argparse.Namespace, past: RunState, planned: opening.Planned | None
) -> int:
    """Writes down what is to be done, then does it."""
    plan = past.backfill
    assert plan is not None and past.context_time is not None
    if args.log_format != "json":
        talk(report.plan_text(plan, whole=False))
    if planned is None:
        out("nothing to do: every instant is skipped\n")
        return 0
    _confirm(sum(one.action != "skip" for one in plan.instants), args)
    planned, link = linking.linked(planned, args, anew=True)
    now = datetime.now(UTC)
    earlier = journal.find(past.pipeline, past.context_time)
    started = RunStarted(
        at=now,
        run=beginning.run_id(now),
        pipeline=past.pipeline,
        path=past.path,
        digest=past.digest,
        context_time=past.context_time,
        timezone=plan.timezone,
        again=max((row.again for row in earlier), default=-1) + 1,
        environment=past.environment,
        custom_variables=dict(past.custom_variables),
        world=beginning.world(args),
        backfill=plan,
    )
    writer = journal.start(started)
    course = launching.Course(journal, planned.opened, link, replay([started]), args)
    return backfilling.drive(course, writer, started)


def _confirm(count: int, args: argparse.Namespace) -> None:
    """Asks before very many runs are started. Raises UsageError when nobody says yes."""
    if count <= _MANY or args.yes:
        return
    told = f"these are {count:,} runs"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(told, "add --yes when that is meant; --dry-run shows them")
    talk(f"{told}: go on? [y/N] ")
    if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
        raise UsageError("nothing was started", "choose a shorter period, or answer with y")
