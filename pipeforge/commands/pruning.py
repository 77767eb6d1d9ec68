"""Drops the events of runs that ended long ago, once a person has said yes."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from pipeforge.commands import lineage
from pipeforge.commands.ages import before
from pipeforge.commands.streams import out, talk
from pipeforge.errors import UsageError
from pipeforge.journal import Journal, RunSummary
from pipeforge.reports.display import amount
from pipeforge.reports.moments import moment, zone_of

_SHOWN = 10
"""chosen: pipelines that are named; of more the rest is counted."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `runs prune`."""
    parser.add_argument("--older-than", metavar="AGE", help="of prune: ended so long ago, such as 90d")
    parser.add_argument("--dry-run", action="store_true", help="of prune: only tell what would be dropped")
    parser.add_argument("--yes", action="store_true", help="of prune: do not ask")


def refuse_mixture(args: argparse.Namespace) -> None:
    """Raises UsageError for flags that do not go with what is to be done."""
    if args.what == "prune":
        for flag in ("status", "since", "until", "limit", "all"):
            if getattr(args, flag):
                raise UsageError(f"--{flag} does not go with prune", "it takes --older-than and --pipeline")
        if args.older_than is None:
            raise UsageError("--older-than is missing", "say how old runs must be, such as --older-than 90d")
        return
    for flag in ("older_than", "dry_run", "yes"):
        if getattr(args, flag):
            raise UsageError(f"--{flag.replace('_', '-')} goes with prune", "write `pipeforge runs prune …`")


def prune(journal: Journal | None, args: argparse.Namespace) -> int:
    """Drops them; gives the exit code. `journal`: None where there is none yet. Raises UsageError."""
    then = before(args.older_than, "--older-than", datetime.now(UTC))
    every = journal.runs(limit=None) if journal else ()
    rows = [row for row in every if row.started_at < then and args.pipeline in (None, row.pipeline)]
    needed = {row.run for row in every if row.ended_at is None or row.ended_at >= then}
    old = [row for row in rows if _over(row, then) and needed.isdisjoint(lineage.above(row.run))]
    if journal is None or not old:
        out(f"no run ended before {_moment(then, rows)} and still has events\n")
        return 0
    still = sum(row.ended_at is None for row in rows)
    out(_told(old, still, then))
    if args.dry_run:
        return 0
    if not args.yes and not _agreed():
        out("nothing was dropped\n")
        return 1
    journal.forget([row.run for row in old])
    freed = journal.compact()
    room = f"{freed / 1e6:.1f} MB are free on the disk again" if freed else "later runs use their room again"
    out(f"the events of {amount(len(old), 'run')} are dropped; {room}\n")
    return 0


def _over(row: RunSummary, then: datetime) -> bool:
    return row.ended_at is not None and row.ended_at < then and not row.pruned


def _told(old: Sequence[RunSummary], still: int, then: datetime) -> str:
    by_name = Counter(row.pipeline for row in old).most_common()
    lines = [f"{amount(len(old), 'run')} that ended before {_moment(then, old)}:"]
    lines += [f"  {name}: {runs}" for name, runs in by_name[:_SHOWN]]
    if len(by_name) > _SHOWN:
        lines.append(f"  and {amount(len(by_name) - _SHOWN, 'more pipeline')}")
    if still:
        lines.append(f"kept, because not over: {amount(still, 'run')}")
    return "\n".join(lines) + "\n"


def _moment(then: datetime, rows: Sequence[RunSummary]) -> str:
    """In the zone of these runs' pipelines; in UTC where they have several, or there are none."""
    zones = {row.timezone for row in rows}
    return moment(then, zone_of(zones.pop()) if len(zones) == 1 else UTC)


def _agreed() -> bool:
    """Asks on a terminal. Raises UsageError where nobody can answer."""
    if not sys.stdin or not sys.stdin.isatty():
        raise UsageError("nobody is there to say yes", "add --yes, or --dry-run to see only")
    talk("drop their events? They cannot be brought back. [y/N] ")
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
