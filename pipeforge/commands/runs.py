"""list runs, the newest first; `runs prune` drops the events of old ones"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from pipeforge.commands import instants, nexts, opening, pruning
from pipeforge.commands.ages import compared, instant
from pipeforge.commands.journals import Place, open_journal
from pipeforge.commands.streams import out, talk
from pipeforge.errors import UsageError
from pipeforge.journal import Journal, RunSummary
from pipeforge.reports import run_list as report
from pipeforge.reports.moments import zone_of

EXAMPLE = """examples:
  pipeforge runs --pipeline nightly_sales --limit 5
  pipeforge runs --status open --status unknown          what waits for somebody
  pipeforge runs --since 7d --format json
  pipeforge runs prune --older-than 90d --dry-run        what would be dropped

`prune` drops the events of runs that ended so long ago, never of one that is not over. That they ran stays
known: nothing is run again for their context_time. Their steps, outputs and `rerun` are gone."""


_ZONES = timedelta(days=1)
"""More than any zone is away from UTC."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=["list", "prune"], default="list", help="default: list")
    parser.add_argument("--pipeline", metavar="NAME", help="only the runs of this pipeline")
    parser.add_argument(
        "--status", action="append", choices=list(report.STATUSES), help="only those; may be repeated"
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="started then or later: a date, a time, or 7d ago; without an offset as the list shows it,"
        " in the zone of each run's pipeline",
    )
    parser.add_argument("--until", metavar="TIME", help="started before then")
    parser.add_argument("--limit", type=int, help="how many; default 20")
    parser.add_argument("--all", action="store_true", help="however many they are")
    parser.add_argument("--format", choices=["json", "text"], default="text", help="default: text")
    pruning.arguments(parser)
    opening.journal_argument(parser)


def run(args: argparse.Namespace) -> int:
    pruning.refuse_mixture(args)
    if args.limit is not None and args.limit < 1:
        raise UsageError(f"--limit {args.limit} shows nothing", "give a whole number from 1 up, or --all")
    since, until = _period(args)
    root, project = opening.here()
    path = opening.journal_path(args, root, project)
    there = not isinstance(path, Path) or path.exists()
    journal = open_journal(path)
    try:
        if args.what == "prune":
            return pruning.prune(journal if there else None, args)
        found = _found(journal, args, since, until) if there else []
    finally:
        journal.close()
    if not found:
        talk(_elsewhere(path, args))
    out(report.table_json(found) if args.format == "json" else _table(found, args))
    for row in found:
        if row.outcome and not row.ended_at and not row.held_by:
            talk(f"what to decide: {nexts.command('show', row.run, args)}\n")
    return 0


def _period(args: argparse.Namespace) -> tuple[datetime | None, datetime | None]:
    """From when to when runs are wanted. Raises UsageError for a time that is none."""
    now = datetime.now(UTC)
    since = instant(args.since, "--since", now) if args.since else None
    return since, instant(args.until, "--until", now) if args.until else None


def _found(
    journal: Journal, args: argparse.Namespace, since: datetime | None, until: datetime | None
) -> Sequence[RunSummary]:
    """The runs that were asked for."""
    most = None if args.all else args.limit or 20
    narrow = {"since": _anywhere(since, -_ZONES), "until": _anywhere(until, _ZONES)}
    limit = None if args.status or narrow != {"since": since, "until": until} else most
    rows = journal.runs(pipeline=args.pipeline, limit=limit, **narrow)
    if args.pipeline:  # its backfills are rows of their own
        name = instants.PREFIX + args.pipeline
        rows = [*rows, *journal.runs(pipeline=name, limit=limit, **narrow)]
        rows.sort(key=lambda row: row.started_at, reverse=True)
    wanted = (row for row in rows if not args.status or report.status(row) in args.status)
    return list(islice((row for row in wanted if _within(row, since, until)), most))


def _anywhere(then: datetime | None, zones: timedelta) -> datetime | None:
    """An instant that is beyond `then` in every zone, where that has none."""
    return then.replace(tzinfo=UTC) + zones if then is not None and then.tzinfo is None else then


def _within(row: RunSummary, since: datetime | None, until: datetime | None) -> bool:
    """By the clock of the run's own zone where a bound has none."""
    where, none = zone_of(row.timezone), timedelta(0)
    if since is not None and compared(row.started_at, since, where) < none:
        return False
    return until is None or compared(row.started_at, until, where) < none


def _table(found: Sequence[RunSummary], args: argparse.Namespace) -> str:
    narrowed = args.pipeline or args.status or args.since or args.until
    return report.table(found) if found or not narrowed else "no such runs\n"


def _elsewhere(path: Place, args: argparse.Namespace) -> str:
    """Where was looked, and where else runs may be."""
    kind = "trials" if args.emulate else "real runs; --emulate lists trials"
    narrow = f" of pipeline '{args.pipeline}'" if args.pipeline else ""
    return f"looked for runs{narrow} in '{path}' ({kind})\n"
