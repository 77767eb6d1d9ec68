"""list runs, the newest first"""

import argparse
from datetime import datetime
from pathlib import Path

from pipeforge.commands import nexts, opening
from pipeforge.commands.journals import Place, open_journal
from pipeforge.commands.streams import out, talk
from pipeforge.errors import UsageError
from pipeforge.reports import runs as report

EXAMPLE = "example:\n  pipeforge runs --pipeline nightly_sales --limit 5"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pipeline", metavar="NAME", help="only the runs of this pipeline")
    parser.add_argument("--limit", type=int, default=20, help="how many; default 20")
    parser.add_argument("--format", choices=["json", "text"], default="text", help="default: text")
    opening.journal_argument(parser)


def run(args: argparse.Namespace) -> int:
    if args.limit < 1:
        raise UsageError(f"--limit {args.limit} shows nothing", "give a whole number from 1 up")
    root, project = opening.here()
    path = opening.journal_path(args, root, project)
    found = []
    if not isinstance(path, Path) or path.exists():
        journal = open_journal(path)
        try:
            found = list(journal.runs(pipeline=args.pipeline, limit=args.limit))
        finally:
            journal.close()
    if not found:
        talk(_elsewhere(path, args))
    zone = datetime.now().astimezone().tzinfo
    assert zone is not None
    out(report.table_json(found) if args.format == "json" else report.table(found, zone))
    for row in found:
        if row.outcome and not row.ended_at and not row.held_by:
            talk(f"what to decide: {nexts.command('show', row.run, args)}\n")
    return 0


def _elsewhere(path: Place, args: argparse.Namespace) -> str:
    """Where was looked, and where else runs may be."""
    kind = "trials" if args.emulate else "real runs; --emulate lists trials"
    narrow = f" of pipeline '{args.pipeline}'" if args.pipeline else ""
    return f"looked for runs{narrow} in '{path}' ({kind})\n"
