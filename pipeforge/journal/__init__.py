"""The contract of a journal: an append-only list of events per run, one writer each, durable when told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from pipeforge.engine.events import Event, RunStarted
from pipeforge.errors import Busy


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
    pruned: bool = False
    """It ended, and its events were dropped to make room: see `Journal.forget`."""
    timezone: str = "UTC"
    """The pipeline's, in which times are told to people."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of a run, from outside of the process that holds it."""

    what: Literal["cancel"]
    leave: bool
    """The jobs at the vendors are to be left alone."""
    by: str
    """Who, as user@host."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """One thing that was looked at in a store, and how it stands."""

    what: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """A store that was there cannot be reached, or can be again."""

    since: datetime
    until: datetime | None
    """None while it lasts."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A place that a run wants of something which processes share: a vendor's account, a key of their own."""

    resource: str
    """What is shared: the same text for everybody who means the same. It holds no secret."""
    limit: int
    """How many places there are."""
    window: float | None = None
    """None: the place is held until it is given back, or until its run's lease is over.

    Seconds: the place is a start. It counts from now until it is given back (the vendor answered), and for so
    long after that, whoever made it and whatever becomes of its run.
    """
    place: str = ""
    """Who in the run wants it: a step's id; empty for the run itself."""
    lingers: float = 0.0
    """Of a place that is held: seconds that it stays taken when its run left without giving it back.

    For those seconds only the same `place` of the same run may have it, which then holds it as before.
    """


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a place cannot be had now: `run` (its step `place`) has it since then."""

    claim: Claim
    """The one of the claims that was short of a place."""
    seconds: float
    """Asking again sooner is in vain; 0.0 when a place may become free at any time."""
    run: str
    place: str
    since: datetime
    holder: str
    """The process, for a person; empty when it left without giving the place back."""


class Taken(Busy):
    """A run was not started, because a place that it needs is taken."""

    def __init__(self, wait: Wait) -> None:
        super().__init__(f"run '{wait.run}' holds the place", "wait for it")
        self.wait = wait


class Writer(Protocol):
    """The one process that may append to a run, while its lease lives."""

    run: str

    async def append(self, event: Event) -> None:
        """On disk when it returns. Appends keep their order.

        Raises JournalError; once it did, every later append does.
        """

    def note(self, event: Event) -> None:
        """Keeps its place in the order; on disk with the next append, on close, or about a second later."""

    async def claim(self, *claims: Claim, force: bool = False) -> Wait | None:
        """Takes all these places in one stroke, durably, or none: then it says why, and stands in line.

        In line, runs are served in the order they first asked, whatever process they are in; who asks again
        keeps its turn, who gives up gives the claims back. A place that the run holds already is kept.
        `force` takes them though there is no room: for a job that goes on at the vendor anyway.

        The places of a run whose lease is not live are free. A start of such a run that was never given back
        counts as if it were made when somebody first finds the run dead: nobody knows when it left.
        """

    async def give_back(self, *claims: Claim) -> None:
        """Frees these places, or leaves the line; of a start: it was answered. None of them need be held."""

    def let_go(self, *claims: Claim) -> None:
        """The same in the manner of `note`: with the next append, or a few hundredths of a second later."""

    async def close(self) -> None:
        """Writes what is noted; gives back every place of the run, and the lease."""


class Journal(Protocol):
    """A store of runs. Every method but `close` may raise JournalError."""

    def start(self, started: RunStarted, claim: Claim | None = None) -> Writer:
        """Creates the run, writes its first event, takes its lease and `claim`, all or nothing.

        Raises UsageError when (pipeline, context_time, again) exists already, Taken when there is no place.
        """

    def open(self, run: str) -> Writer:
        """Takes the lease of a run that is not over.

        Raises Busy (held by a live process), RunEnded, UsageError (no such run).
        """

    def read(self, run: str, after: int = 0) -> Sequence[Event]:
        """The events of a run in order, but for the first `after`. A torn tail is dropped.

        Raises UsageError: no such run, or its events were dropped by `forget`.
        """

    def summary(self, run: str) -> RunSummary:
        """How one run stands. Raises UsageError: no such run."""

    def runs(
        self,
        *,
        pipeline: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = 50,
    ) -> Sequence[RunSummary]:
        """The newest first: those started at `since` or later, and before `until`. No `limit`: all."""

    def heed(self, tell: Callable[[Absence], None]) -> None:
        """From now on tells, from any thread, once that the store is away, and once that it is back."""

    def ask(self, run: str, wish: Wish) -> None:
        """Leaves a wish for whoever holds the run, or will; on disk when it returns. The last one counts.

        Raises RunEnded, UsageError (no such run).
        """

    def wish(self, run: str) -> Wish | None:
        """What was asked of the run; None when nothing was. From any thread, every second."""

    def forget(self, runs: Sequence[str]) -> None:
        """Drops the events of those runs that ended; the others are left alone.

        That there was such a run stays known: nothing is triggered anew for its context_time.
        """

    def compact(self) -> int:
        """Gives room that dropped events left back to the disk; how many bytes. 0 while a run goes on."""

    def health(self) -> Sequence[Health]:
        """How the store itself stands, for `doctor`. Raises nothing: what is wrong is in the list."""

    def find(self, pipeline: str, context_time: datetime) -> Sequence[RunSummary]:
        """The runs of one pipeline for one instant, oldest first."""

    def resolve(self, run_prefix: str) -> str:
        """The one run whose id starts so.

        Raises UsageError: no id does (the hint names the nearest), or several do.
        """

    def close(self) -> None:
        """Gives back what the store holds."""
