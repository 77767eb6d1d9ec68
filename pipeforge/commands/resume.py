"""go on with a run that did not end: nothing that was triggered is triggered again"""

import argparse

from pipeforge.commands import backfilling, continuing, execution, naming
from pipeforge.engine.state import replay
from pipeforge.errors import UsageError

EXAMPLE = """examples:
  pipeforge resume 20260131-020000-1a2b3c
  pipeforge resume 20260131 --accept-changes       the file has changed: what that does not touch is kept"""


def arguments(parser: argparse.ArgumentParser) -> None:
    naming.argument(parser)
    parser.add_argument(
        "--accept-changes",
        action="store_true",
        help="although the pipeline has changed: steps that changed, and those behind them, run anew",
    )
    continuing.arguments(parser)
    execution.run_arguments(parser)


def run(args: argparse.Namespace) -> int:
    execution.max_time(args)
    with naming.found(args) as (journal, run_id):
        events = journal.read(run_id)
        if getattr(events[0], "backfill", None) is not None:
            _refuse_changes(args)
            return backfilling.go_on(args, journal, replay(events))
        return continuing.go_on(args, journal, run_id, accept_changes=args.accept_changes, events=events)


def _refuse_changes(args: argparse.Namespace) -> None:
    """Raises UsageError: what a backfill does was decided for one version of its file."""
    if args.accept_changes:
        raise UsageError(
            "--accept-changes is for a run, not for a backfill",
            "resume its runs with it one by one, then begin a new backfill: it skips what was run",
        )
