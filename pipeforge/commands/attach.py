"""follow a run that another process holds, until it is over or paused"""

import argparse

from pipeforge.commands import execution, naming, opening, overseeing
from pipeforge.commands.following import follow
from pipeforge.commands.streams import out, talk
from pipeforge.commands.telling import log_format_argument
from pipeforge.engine.state import RunState, replay
from pipeforge.journal import Journal

EXAMPLE = """examples:
  pipeforge attach 20260131-020000-1a2b3c
  pipeforge attach 20260131 --from-now --log-format json

Of a backfill it tells of each run as it begins and ends.
Ctrl-C leaves the run alone: it goes on without being watched. `pipeforge cancel` ends it.

exit codes: those of the run itself (0 succeeded · 1 did not · 4 needs a decision · 6 its time budget was used
up · 130 it was interrupted) · 3 its process was lost: resume it · 130 detached"""


def arguments(parser: argparse.ArgumentParser) -> None:
    naming.argument(parser)
    parser.add_argument("--from-now", action="store_true", help="leave out what happened before")
    log_format_argument(parser)
    opening.journal_argument(parser)


def run(args: argparse.Namespace) -> int:
    try:
        with naming.found(args) as (journal, run_id):
            return _attach(journal, run_id, args)
    except KeyboardInterrupt:
        talk("detached: the run goes on\n")
        return 130


def _attach(journal: Journal, run: str, args: argparse.Namespace) -> int:
    """Follows it where somebody holds it; tells how it stands where nobody does."""
    followed = journal.summary(run).held_by is not None
    past = replay(journal.read(run))
    many = past.backfill is not None
    if followed:
        past = (overseeing.follow if many else follow)(journal, run, args, anew=args.from_now)
    if past.outcome is None and past.paused is None:
        talk("nobody holds this run any more: its process was lost\n")
    told = overseeing.ending(journal, past, args) if many else execution.ending(past, args)
    out(("\n" if followed else "") + told)
    return _code(past)


def _code(past: RunState) -> int:
    """The run's own exit code, see EXAMPLE."""
    if past.outcome is not None:
        return 0 if past.outcome == "succeeded" else 1
    return _PAUSED.get(past.paused or "", 3)


_PAUSED = {"interrupted": 130, "max_time": 6, "left": 0, "undecided": 4, "settled": 4, "canceling": 4}
