"""end a run for good: nothing more of it starts, and its jobs are canceled where the vendor can"""

import argparse
import time
from datetime import UTC, datetime

from pipeforge.commands import canceling, continuing, naming, overseeing, pointing
from pipeforge.commands.following import LOOK, follow
from pipeforge.commands.streams import out, talk
from pipeforge.commands.telling import log_format_argument
from pipeforge.engine.state import replay
from pipeforge.errors import Busy, RunEnded
from pipeforge.journal import Journal, Wish
from pipeforge.reports.moments import moment, zone_of

EXAMPLE = """examples:
  pipeforge cancel 20260131-020000-1a2b3c              from any terminal; waits for the end
  pipeforge cancel 20260131 --leave                    the run ends, its jobs at the vendors go on
  pipeforge cancel 20260131 --no-wait

The process that holds the run does it within a second or two; of a run that nobody holds this one does it.
Ctrl-C in a run is something else: it pauses the run, and `pipeforge resume` goes on with it. A canceled run
never goes on; steps that had not begun never do, those with `run_when: always` neither.

exit codes: 0 it is over, and nothing of it goes on · 1 it is over, but a job that could not be canceled may
go on · 4 it stays open: of a step it cannot be known whether it started · 130 no longer waiting"""


def arguments(parser: argparse.ArgumentParser) -> None:
    naming.argument(parser)
    parser.add_argument("--leave", action="store_true", help="leave the jobs at the vendors alone")
    parser.add_argument(
        "--no-wait", action="store_true", help="do not wait until the run's holder has done it"
    )
    parser.set_defaults(max_time=None)
    log_format_argument(parser)
    continuing.arguments(parser)


def run(args: argparse.Namespace) -> int:
    try:
        with naming.found(args) as (journal, run_id):
            return _cancel(journal, run_id, args)
    except KeyboardInterrupt:
        talk("no longer waiting: whoever holds the run still ends it\n")
        return 130


def _cancel(journal: Journal, run: str, args: argparse.Namespace) -> int:
    """Asks the holder, or does it here when there is none. Raises RunEnded, UsageError."""
    known = journal.summary(run)
    if known.outcome == "canceled":
        out(f"run {run} was canceled already\n")
        return 0
    if known.ended_at is not None:
        when = moment(known.ended_at, zone_of(known.timezone))
        raise RunEnded(f"run {run} ended at {when} ({known.outcome})", "nothing of it is left to be canceled")
    journal.ask(run, Wish("cancel", args.leave, pointing.who(), datetime.now(UTC)))
    followed, many = False, replay(journal.read(run)).backfill is not None
    while True:
        holder = journal.summary(run).held_by
        if holder and args.no_wait:
            out(f"run {run} is to be canceled by its holder, {holder}\n")
            return 0
        if holder:
            talk(f"waiting for the run's holder, {holder}\n")
            (overseeing.follow if many else follow)(journal, run, args, anew=True)
            followed = True
        past = replay(journal.read(run))
        if past.outcome is not None:
            return canceling.told(journal, past, args, followed=followed)
        try:
            return canceling.here(journal, past, args)
        except Busy:
            time.sleep(LOOK)  # somebody was quicker, and is asked to do it
