"""show one run: its steps, what went wrong, or every event of it"""

import argparse
import json
from datetime import datetime

from pipeforge.commands import nexts, opening
from pipeforge.commands.streams import out
from pipeforge.engine.state import replay
from pipeforge.journal.sqlite import open_journal
from pipeforge.reports import runs as report

EXAMPLE = (
    "examples:\n  pipeforge show 20260131-020000-1a2b3c\n  pipeforge show 20260131 --format jsonl > run.jsonl"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="the run's id, or enough of its beginning")
    parser.add_argument("--format", choices=["json", "jsonl", "text"], default="text", help="default: text")
    opening.journal_argument(parser)


def run(args: argparse.Namespace) -> int:
    root, project = opening.here()
    journal = open_journal(opening.journal_path(args, root, project))
    try:
        events = list(journal.read(opening.resolved(journal, args)))
    finally:
        journal.close()
    if args.format == "jsonl":
        out(report.jsonl(events))
    elif args.format == "json":
        state = replay(events)
        told = report.run_json(state, nexts.decisions(state, args))
        out(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        zone = datetime.now().astimezone().tzinfo
        assert zone is not None
        state = replay(events)
        resume = nexts.resume_command(state.run, args)
        out(report.run_text(state, zone, nexts.decisions(state, args), resume))
    return 0
