"""go on with a run that did not end: nothing that was triggered is triggered again"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from pipeforge.commands import execution, opening
from pipeforge.engine.events import RunResumed
from pipeforge.engine.state import RunState, apply, replay
from pipeforge.errors import RunEnded, UsageError
from pipeforge.journal.sqlite import open_journal

EXAMPLE = "example:\n  pipeforge resume 20260131-020000-1a2b3c"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="the run's id, or enough of its beginning")
    parser.add_argument("--file", type=Path, help="the pipeline, where it has moved since")
    parser.add_argument("--world", type=Path, metavar="FILE", help="the emulators' world, as for run")
    opening.journal_argument(parser)
    execution.run_arguments(parser)


def run(args: argparse.Namespace) -> int:
    execution.max_time(args)
    root, project = opening.here()
    journal = open_journal(opening.journal_path(args, root, project))
    try:
        run_id = opening.resolved(journal, args)
        past = replay(journal.read(run_id))
        if past.outcome is not None:
            raise RunEnded(
                f"run {run_id} has ended: {past.outcome}", "start a new one with `pipeforge run … --again`"
            )
        planned, link = _as_it_was(past, args)
        writer = journal.open(run_id)
        past = replay(journal.read(run_id))  # what the last holder wrote before we took over
        resumed = RunResumed(at=datetime.now(UTC), holder=execution.holder(), digest=planned.plan.digest)
        apply(past, resumed)
        return execution.drive(planned, past, writer, link, args, resumed)
    finally:
        journal.close()


def _as_it_was(past: RunState, args: argparse.Namespace) -> tuple[opening.Planned, execution.Link]:
    """The run's plan, made again from its file and its own values. Raises UsageError."""
    path = args.file or Path(past.path)
    if not args.file and not path.exists():
        raise UsageError(
            f"the pipeline of run {past.run} is no longer at '{path}'", "name its file with --file"
        )
    source = opening.opened(path, past.environment)
    moment = past.context_time.isoformat() if past.context_time else None
    given = opening.Given(past.environment, moment, custom_variables=past.custom_variables)
    planned = opening.plan(source, given)
    if planned.plan.digest != past.digest:
        raise UsageError(
            f"'{path}' has changed since run {past.run} began",
            "bring back the version it began with, or start anew with `pipeforge run … --again`",
        )
    return execution.linked(planned, args)
