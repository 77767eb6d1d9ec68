"""The contract of a journal: an append-only list of events per run, one writer each, durable when told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipeforge.engine.events import Event, RunStarted


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One row of `pipeforge runs`."""

    run: str
    pipeline: str
    context_time: datetime
    again: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    """None while it is not over; `unknown` with no `ended_at` while a person has to decide."""
    held_by: str | None
    """Who holds it now (a live lease), for a person."""


class Writer(Protocol):
    """The one process that may append to a run, while its lease lives."""

    run: str

    async def append(self, event: Event) -> None:
        """On disk when it returns. Appends keep their order.

        Raises JournalError; once it did, every later append does.
        """

    def note(self, event: Event) -> None:
        """Keeps its place in the order; on disk with the next append, on close, or about a second later."""

    async def close(self) -> None:
        """Writes what is noted and gives the lease back."""


class Journal(Protocol):
    """A store of runs. Every method but `close` may raise JournalError."""

    def start(self, started: RunStarted) -> Writer:
        """Creates the run, writes its first event and takes its lease, all or nothing.

        Raises UsageError when (pipeline, context_time, again) exists already.
        """

    def open(self, run: str) -> Writer:
        """Takes the lease of a run that is not over.

        Raises Busy (held by a live process), RunEnded, UsageError (no such run).
        """

    def read(self, run: str) -> Sequence[Event]:
        """All events of a run in order. A torn tail is dropped. Raises UsageError: no such run."""

    def runs(self, *, pipeline: str | None = None, limit: int = 50) -> Sequence[RunSummary]:
        """The newest first."""

    def find(self, pipeline: str, context_time: datetime) -> Sequence[RunSummary]:
        """The runs of one pipeline for one instant, oldest first."""

    def resolve(self, run_prefix: str) -> str:
        """The one run whose id starts so.

        Raises UsageError: no id does (the hint names the nearest), or several do.
        """

    def close(self) -> None:
        """Gives back what the store holds."""
