"""show one run: its steps, what went wrong, or every event of it"""

import argparse
import json
from collections.abc import Sequence

from pipeforge.commands import instants, lineage, naming, nexts, opening
from pipeforge.commands.streams import out
from pipeforge.engine.events import Event
from pipeforge.engine.state import RunState, replay
from pipeforge.errors import UsageError
from pipeforge.journal import Journal
from pipeforge.language.nearest import nearest
from pipeforge.reports import backfill
from pipeforge.reports import runs as report
from pipeforge.reports.why import story, why_json, why_text

EXAMPLE = """examples:
  pipeforge show 20260131-020000-1a2b3c
  pipeforge show 20260131 --why build_mart
  pipeforge show 20260131 --format jsonl > run.jsonl"""


def arguments(parser: argparse.ArgumentParser) -> None:
    naming.argument(parser)
    parser.add_argument(
        "--why", metavar="STEP", help="tell of one step, or item as in 'stores[2]', what happened"
    )
    parser.add_argument("--format", choices=["json", "jsonl", "text"], default="text", help="default: text")
    opening.journal_argument(parser)


def run(args: argparse.Namespace) -> int:
    with naming.found(args) as (journal, run_id):
        events = list(journal.read(run_id))
        state = replay(events)
        if state.backfill is not None and args.format != "jsonl":
            out(_backfill(journal, state, args))
            return 0
        decisions = nexts.decisions(state, args, journal)
        top, held = lineage.outermost(journal, state), journal.summary(state.run).held_by
    if args.why is not None:
        out(_why(events, args))
    elif args.format == "jsonl":
        out(report.jsonl(events))
    elif args.format == "json":
        told = report.run_json(state, decisions, held)
        out(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        onward = nexts.beside(state.run, args) if held else nexts.onward(top, args)
        out(report.run_text(state, decisions, onward, held))
    return 0


def _backfill(journal: Journal, state: RunState, args: argparse.Namespace) -> str:
    """A backfill: its instants in place of steps. Raises UsageError for --why, which is about a step."""
    if args.why is not None:
        instants.refuse(state, f"name one of its runs: `{nexts.command('show', state.run, args)}` lists them")
    found = instants.standings(journal, state)
    if args.format == "json":
        return json.dumps(backfill.show_json(state, found), ensure_ascii=False, indent=2) + "\n"
    held = journal.summary(state.run).held_by
    onward = nexts.beside(state.run, args) if held else f"to go on: {nexts.onward(state, args)}"
    return backfill.show_text(state, found, held, onward)


def _why(events: Sequence[Event], args: argparse.Namespace) -> str:
    """The story of one step. Raises UsageError when the run has none of that name."""
    if args.format == "jsonl":
        raise UsageError("--why has no --format jsonl", "leave --format out, or choose json")
    told = story(events, args.why)
    known = [*(outline.id for outline in told.state.outlines), *told.state.steps]
    if args.why not in known:
        near = nearest(args.why, known)
        hint = f"did you mean '{near}'?" if near else f"its steps: {', '.join(dict.fromkeys(known))}"
        raise UsageError(f"run {told.state.run} has no step '{args.why}'", hint)
    if args.format == "json":
        return json.dumps(why_json(told), ensure_ascii=False, indent=2) + "\n"
    return why_text(told)
