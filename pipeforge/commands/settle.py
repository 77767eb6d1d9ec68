"""say what became of a step of which it cannot be known: it did start, or it certainly did not"""

import argparse
import asyncio
from datetime import UTC, datetime
from typing import Literal

from pipeforge.commands import continuing, execution, lineage, naming, nexts, pointing
from pipeforge.commands.streams import out, talk
from pipeforge.engine.events import RunPaused, StepSettled
from pipeforge.engine.state import RunState, replay, unknown
from pipeforge.errors import RunEnded, UsageError
from pipeforge.journal import Journal
from pipeforge.language import subpipeline
from pipeforge.reports.decisions import decisions_text
from pipeforge.reports.progress import SETTLED

EXAMPLE = """examples:
  pipeforge settle 20260131-020000-1a2b3c load --handle 12345         it did start: this is its job
  pipeforge settle 20260131 'stores[2]' --not-started --resume        it did not: trigger it, and go on
  pipeforge settle 20260131 shop --succeeded --reason "seen in the log"

--handle takes the job's id as the vendor's screen shows it, the address of its page, or JSON such as
{"id": 12345}. The vendor is asked about that job before it is believed."""


def arguments(parser: argparse.ArgumentParser) -> None:
    naming.argument(parser)
    parser.add_argument("step", help="the step, or one item of a foreach as in 'stores[2]'")
    parser.add_argument("--handle", metavar="JOB", help="it did start, and this is its job")
    parser.add_argument(
        "--not-started", action="store_true", help="it certainly did not: it may be triggered"
    )
    parser.add_argument("--succeeded", action="store_true", help="it ran and succeeded; nobody is asked")
    parser.add_argument("--failed", action="store_true", help="it ran and failed; nobody is asked")
    parser.add_argument("--outputs", metavar="JSON", help="of --succeeded: what later steps read of it")
    parser.add_argument("--unchecked", action="store_true", help="believe --handle without asking the vendor")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why you say so; kept in the journal")
    parser.add_argument("--resume", action="store_true", help="go on with the run at once")
    continuing.arguments(parser)
    execution.run_arguments(parser)


def run(args: argparse.Namespace) -> int:
    _one_verdict(args)
    execution.max_time(args)
    with naming.found(args) as (journal, run_id):
        left = _settled(args, journal, run_id)
        if args.resume and not left:
            top = lineage.outermost(journal, replay(journal.read(run_id))).run
            return continuing.go_on(args, journal, top, journal.read(top))
        if args.resume:
            talk("not resumed: there is more to settle first\n")
            return 4
        return 0


def _one_verdict(args: argparse.Namespace) -> None:
    given = ["--handle"] if args.handle is not None else []
    given += [
        f"--{name.replace('_', '-')}"
        for name in ("not_started", "succeeded", "failed")
        if getattr(args, name)
    ]
    if len(given) != 1:
        said = f"{' and '.join(given)} exclude each other" if given else "what became of it is missing"
        raise UsageError(said, "give one of --handle JOB, --not-started, --succeeded, --failed")
    for name, owner in (("unchecked", "--handle"), ("outputs", "--succeeded")):
        if getattr(args, name) and given[0] != owner:
            raise UsageError(f"--{name} goes with {owner}", f"leave --{name} out, or say {owner}")


def _settled(args: argparse.Namespace, journal: Journal, run: str) -> list[str]:
    """Writes the person's word into the run; gives what is still to settle. Raises UsageError, Busy."""
    _refuse_ended(replay(journal.read(run)), args)
    _refuse_inner(replay(journal.read(run)), args)
    writer = continuing.opened(journal, run, args)
    past = replay(journal.read(run))
    paused = past.paused
    top = lineage.outermost(journal, past)
    pointing.refuse(past, args.step, nexts.onward(past if top.run == run else top, args))
    event = _event(past, args)
    blocked = {id_ for id_, step in past.steps.items() if step.outcome == "blocked"}
    continuing.write(writer, past, [event])
    left = unknown(past)
    if left and paused == "undecided":
        continuing.write(writer, past, [RunPaused(at=event.at, reason="undecided")])
    asyncio.run(writer.close())
    opened = [id_ for id_ in blocked if past.steps[id_].outcome is None]
    out(_told(event, past, opened, args, nexts.onward(past if top.run == run else top, args)))
    return left


def _refuse_inner(past: RunState, args: argparse.Namespace) -> None:
    """Raises UsageError for a step that runs a pipeline: what is not known is a step of that run."""
    step = past.steps.get(args.step)
    inner = (step.handle or {}).get("run_id") if step else None
    uses = {outline.id: outline.uses for outline in past.outlines}
    if inner is not None and uses.get(args.step.partition("[")[0]) == subpipeline.NAME:
        raise UsageError(
            f"'{args.step}' runs a pipeline: what is not known is in run {inner}",
            f"`{nexts.command('show', str(inner), args)}` tells what to settle there",
        )


def _refuse_ended(past: RunState, args: argparse.Namespace) -> None:
    if past.outcome is not None:
        raise RunEnded(
            f"run {past.run} has ended: {past.outcome}; nothing of it can be settled any more",
            f"`{nexts.command('show', past.run, args)}` tells how each step ended",
        )


def _event(past: RunState, args: argparse.Namespace) -> StepSettled:
    """What the person said, checked where that is asked for."""
    step = past.steps.get(args.step)
    attempt = max(1, step.attempt) if step else 1
    said = {"step": args.step, "attempt": attempt, "by": pointing.who(), "reason": args.reason}
    if args.handle is None:
        verdict: Literal["not_started", "succeeded", "failed"] = "not_started"
        if not args.not_started:
            verdict = "succeeded" if args.succeeded else "failed"
        outputs = pointing.mapping(args.outputs, "--outputs") if args.outputs else {}
        return StepSettled(at=datetime.now(UTC), verdict=verdict, outputs=outputs, **said)
    handle, word = pointing.found(past, args)
    return StepSettled(at=datetime.now(UTC), verdict="started", handle=handle, checked=word, **said)


def _told(
    event: StepSettled, past: RunState, opened: list[str], args: argparse.Namespace, onward: str
) -> str:
    """What was settled, what that opens, and what to type next. `onward`: what goes on."""
    word = f"; the vendor says '{event.checked}'" if event.checked else ""
    word = word or ("; the vendor was not asked" if event.verdict == "started" else "")
    lines = [f"'{event.step}' of run {past.run} is settled: {SETTLED[event.verdict]}{word}"]
    if opened:
        lines.append(f"no longer blocked: {', '.join(opened)}")
    lines += decisions_text(nexts.decisions(past, args), onward)
    if not unknown(past) and not args.resume:
        lines.append(f"to go on: {onward}")
    return "\n".join(lines) + "\n"
