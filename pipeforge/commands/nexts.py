"""The commands that a person types next, ready to paste: the right run, journal and flags in them."""

import argparse
import shlex

from pipeforge import adapters
from pipeforge.engine.state import RunState, replay, unknown
from pipeforge.journal import Journal
from pipeforge.language import subpipeline
from pipeforge.reports.decisions import Decision


def command(verb: str, run: str, args: argparse.Namespace, *more: str) -> str:
    """`pipeforge VERB RUN …` with what tells which journal and which file are meant."""
    parts = ["pipeforge", verb, run, *more, *_which(args)]
    world, file = getattr(args, "world", None), getattr(args, "file", None)
    if verb not in ("show", "runs", "attach"):
        parts += ["--world", str(world)] if world else []
        parts += ["--file", str(file)] if file and "run" in args else []  # of `run` it is where it stands
    return shlex.join(parts)


def _which(args: argparse.Namespace) -> list[str]:
    """What tells which journal is meant."""
    return [
        *(["--emulate"] if args.emulate else []),
        *(["--journal", str(args.journal)] if args.journal else []),
    ]


def listing(args: argparse.Namespace) -> str:
    """What to type to see which runs there are."""
    return shlex.join(["pipeforge", "runs", *_which(args)])


def resume_command(run: str, args: argparse.Namespace) -> str:
    """What to type to go on with a run."""
    return command("resume", run, args)


def beside(run: str, args: argparse.Namespace) -> str:
    """What one may do about a run that another process holds."""
    return f"`{command('attach', run, args)}` follows it, `{command('cancel', run, args)}` ends it"


def onward(state: RunState, args: argparse.Namespace) -> str:
    """What to type to go on with a run that is not over: with its cancel, where it is to end for good."""
    if state.canceling is None:
        return resume_command(state.run, args)
    return command("cancel", state.run, args, *(["--leave"] if state.canceling.leave else []))


def decisions(state: RunState, args: argparse.Namespace, journal: Journal | None = None) -> list[Decision]:
    """What there is to settle in a run; with the journal also in the runs that its steps run."""
    uses = {outline.id: outline.uses for outline in state.outlines}
    found = []
    for id_ in unknown(state):
        inner = (state.steps[id_].handle or {}).get("run_id")
        if inner is not None and uses.get(id_.partition("[")[0]) == subpipeline.NAME:
            found += decisions(replay(journal.read(str(inner))), args, journal) if journal else []
            continue
        kind = adapters.kinds().get(uses.get(id_.partition("[")[0], ""))
        told = kind.handle if kind else "its id"
        found.append(Decision(id_, state.steps[id_].link, told, command("settle", state.run, args, id_)))
    return found
