"""Runs `pipeforge run …` as it is, but with a journal that keeps nothing: what is left is not its cost.

Run as `python nulled.py run FILE …`.
"""

import sys
from collections.abc import Sequence
from datetime import datetime

from pipeforge.cli import main
from pipeforge.commands import run as run_command
from pipeforge.engine.events import Event, RunStarted
from pipeforge.journal import Claim, RunSummary, Wait, Wish


class Forgetful:
    """A `Writer` that forgets at once; every place that is asked for is free."""

    def __init__(self, run: str) -> None:
        self.run = run

    async def append(self, event: Event) -> None:
        """Nothing."""

    def note(self, event: Event) -> None:
        """Nothing."""

    async def claim(self, *claims: Claim, force: bool = False) -> Wait | None:
        return None

    async def give_back(self, *claims: Claim) -> None:
        """Nothing."""

    def let_go(self, *claims: Claim) -> None:
        """Nothing."""

    async def close(self) -> None:
        """Nothing."""


class Nowhere:
    """As much of a `Journal` as a new run needs."""

    def __init__(self, place: object) -> None:
        """Wherever it is said to be."""

    def start(self, started: RunStarted, claim: Claim | None = None) -> Forgetful:
        return Forgetful(started.run)

    def find(self, pipeline: str, context_time: datetime) -> Sequence[RunSummary]:
        return ()

    def heed(self, heard: object) -> None:
        """It is never absent."""

    def wish(self, run: str) -> Wish | None:
        return None

    def close(self) -> None:
        """Nothing."""


if __name__ == "__main__":
    run_command.open_journal = Nowhere  # type: ignore[assignment,attr-defined]
    sys.exit(main(sys.argv[1:]))
