"""do again what failed in a run that ended, or a part of it: a new run that takes over the other results"""

import argparse
from datetime import UTC, datetime

from pipeforge.commands import (
    beginning,
    continuing,
    execution,
    instants,
    linking,
    naming,
    nexts,
    opening,
    places,
)
from pipeforge.commands.streams import out, talk
from pipeforge.engine.carrying import changes
from pipeforge.engine.events import RunStarted
from pipeforge.engine.repeating import Mode, Repeat, hindered, repeat, taken_over
from pipeforge.engine.state import RunState, replay, unknown
from pipeforge.errors import Busy, UsageError
from pipeforge.journal import Journal
from pipeforge.language.nearest import nearest
from pipeforge.planning import Plan
from pipeforge.reports import carrying as report

EXAMPLE = """examples:
  pipeforge rerun 20260131-020000-1a2b3c --failed        what did not succeed, and what needs it
  pipeforge rerun 20260131 --from build_mart --dry-run   that step and what needs it; shows it only
  pipeforge rerun 20260131 --only build_mart             that step alone"""


def arguments(parser: argparse.ArgumentParser) -> None:
    naming.argument(parser)
    parser.add_argument("--failed", action="store_true", help="what did not succeed, and what needs it")
    parser.add_argument("--from", dest="from_", action="append", metavar="STEP", help="it and what needs it")
    parser.add_argument(
        "--only", action="append", metavar="STEP", help="it alone; may be repeated, as --from"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")
    parser.add_argument(
        "--accept-changes",
        action="store_true",
        help="although the pipeline has changed: steps that changed, and those behind them, run as well",
    )
    continuing.arguments(parser)
    execution.run_arguments(parser)


def run(args: argparse.Namespace) -> int:
    mode, named = _asked(args)
    execution.max_time(args)
    with naming.found(args) as (journal, run_id):
        past = replay(journal.read(run_id))
        instants.refuse(
            past, "give `pipeforge backfill` of the same period --failed, or name one of its runs"
        )
        _refuse_open(journal, past, args)
        planned = continuing.as_it_was(
            past,
            args,
            accept_changes=args.accept_changes,
            again="bring that version back, or add --accept-changes",
        )
        lines = _lines(past, planned.plan, mode, named)
        told = report.text(lines, f"of run {run_id}:") + _still_going(past, lines)
        if args.dry_run:
            out(told.rstrip("\n") + "\n")
            return 0
        talk(told)
        planned, link = linking.linked(planned, args)
        started = _started(journal, past, planned, lines, args)
        writer = places.start(journal, started, planned.plan, args)
        if writer is None:
            return 0
        held = execution.Held(planned, replay([started]), writer, journal)
        return execution.drive(held, link, args, started)


def _still_going(past: RunState, lines: list[Repeat]) -> str:
    """A warning of jobs that may be going on while the step that started them is done once more."""
    again = {line.id for line in lines if line.fate == "again"}
    left = [id_ for id_, step in past.steps.items() if step.left and id_.partition("[")[0] in again]
    if not left:
        return ""
    return (
        f"warning: a job may be going on at the vendor of: {', '.join(left)}\n"
        "help: look there first; what is done again runs beside it\n\n"
    )


def _asked(args: argparse.Namespace) -> tuple[Mode, list[str]]:
    given = [
        name
        for name, value in (("--failed", args.failed), ("--from", args.from_), ("--only", args.only))
        if value
    ]
    if len(given) != 1:
        said = f"{' and '.join(given)} exclude each other" if given else "what to do again is missing"
        raise UsageError(said, "give one of --failed, --from STEP, --only STEP")
    if args.failed:
        return "failed", []
    return ("from", args.from_) if args.from_ else ("only", args.only)


def _refuse_open(journal: Journal, past: RunState, args: argparse.Namespace) -> None:
    """Raises Busy or UsageError for a run that is not over: what goes on in it must not be done twice."""
    if past.outcome is not None:
        return
    moment = past.context_time
    rows = journal.find(past.pipeline, moment) if moment else ()
    holder = next((row.held_by for row in rows if row.run == past.run and row.held_by), None)
    if holder:
        raise Busy(f"run {past.run} is going on, held by {holder}", nexts.beside(past.run, args))
    if unknown(past):
        raise UsageError(
            f"run {past.run} needs a decision: it cannot be known whether '{unknown(past)[0]}' started",
            f"`{nexts.command('show', past.run, args)}` tells how to settle it",
        )
    raise UsageError(f"run {past.run} is not over", f"go on with it: {nexts.resume_command(past.run, args)}")


def _lines(past: RunState, plan: Plan, mode: Mode, named: list[str]) -> list[Repeat]:
    """What becomes of each step. Raises UsageError where that is nothing, or would come to nothing."""
    ids = [step.id for step in plan.steps]
    for id_ in named:
        if id_ not in ids:
            base = id_.partition("[")[0]
            near = base if base in ids else nearest(id_, ids)
            raise UsageError(
                f"there is no step '{id_}'", f"did you mean '{near}'?" if near else f"steps: {', '.join(ids)}"
            )
    lines = repeat(past, plan, mode, named)
    if all(line.fate == "kept" for line in lines):
        raise UsageError(f"nothing in run {past.run} failed", "name a step with --from, or --only")
    if mode == "only":
        _refuse_changed(past, plan, named)
    hindrance = hindered(past, plan, lines)
    if hindrance:
        step, need = hindrance
        raise UsageError(
            f"'{step}' needs '{need}', which ended {past.steps[need].outcome}",
            f"use --from {need}, or --failed",
        )
    return lines


def _refuse_changed(past: RunState, plan: Plan, named: list[str]) -> None:
    """What a step alone takes over from those it needs must be what they would give today."""
    found = changes(past, plan)
    for step in plan.steps:
        for need in step.needs:
            if step.id in named and need not in named and found[need]:
                raise UsageError(f"'{step.id}' needs '{need}', which has changed", f"use --from {need}")


def _started(
    journal: Journal, past: RunState, planned: opening.Planned, lines: list[Repeat], args: argparse.Namespace
) -> RunStarted:
    plan, now = planned.plan, datetime.now(UTC)
    mode, named = _asked(args)
    return beginning.started(
        planned,
        now,
        beginning.run_id(now),
        again=max((row.again for row in journal.find(plan.pipeline, plan.context_time)), default=-1) + 1,
        environment=past.environment,
        custom_variables=dict(past.custom_variables),
        world=beginning.world(args),
        parent={"run": past.run, "how": "rerun", "mode": mode, "steps": named},
        taken_over=taken_over(past, lines, now),
    )
