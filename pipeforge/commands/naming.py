"""Finds the run that a command names by the beginning of its id, and the world of one that was a trial."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeforge.commands import journals, nexts, opening
from pipeforge.engine.events import RunStarted
from pipeforge.errors import UsageError
from pipeforge.journal import Journal


def argument(parser: argparse.ArgumentParser) -> None:
    """Of every command that is about one run."""
    parser.add_argument("run", help="the run's id, or enough of its beginning")


@contextmanager
def found(args: argparse.Namespace) -> Iterator[tuple[Journal, str]]:
    """The journal of the project here, until the block ends, and the id of the run that is named.

    Raises UsageError.
    """
    root, project = opening.here()
    journal = journals.open_journal(opening.journal_path(args, root, project))
    try:
        yield journal, _resolved(journal, args)
    finally:
        journal.close()


def _resolved(journal: Journal, args: argparse.Namespace) -> str:
    """The id of the run that `args.run` begins, whose world is a trial's where --world names no other.

    Raises UsageError, which tells whether it is a trial's.
    """
    try:
        run = journal.resolve(args.run)
    except UsageError as error:
        if _kept_apart(args):
            hint = "leave --emulate out: it was no trial" if args.emulate else "add --emulate: it was a trial"
            raise UsageError(error.message, hint) from None
        if not journal.runs(limit=1):
            raise
        raise UsageError(error.message, f"{error.hint}; `{nexts.listing(args)}` lists them") from None
    if args.emulate and getattr(args, "world", None) is None:
        args.world = _world(journal, run)
    return run


def _world(journal: Journal, run: str) -> Path | None:
    with suppress(UsageError):  # of a run whose events were dropped nothing is known, and nothing is done
        started = journal.read(run)[0]
        if isinstance(started, RunStarted) and started.world:
            return Path(os.path.relpath(started.world))
    return None


def _kept_apart(args: argparse.Namespace) -> bool:
    """Whether the run is in the other of the two journals, that of trials and that of real runs."""
    root, project = opening.here()
    other = argparse.Namespace(journal=None, emulate=not args.emulate)
    place = opening.journal_path(other, root, project)
    if args.journal or not isinstance(place, Path) or not place.is_file():
        return False
    journal = journals.open_journal(place)
    try:
        journal.resolve(args.run)
    except UsageError:
        return False
    finally:
        journal.close()
    return True
