"""What a store of rows gives to the journal that is built on it: transactions, reading, and a clock."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pipeforge.journal import Health
from pipeforge.journal.moments import Moment

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The statements that stores word each in their own way; all others are in `sql`."""

    run: str
    """ended_at, outcome and fence of a run, which nobody else changes before the transaction is over."""
    holds: str
    """A row if this run is held with this token; nobody takes it before the transaction is over."""
    events: str
    """seq, type, body and checksum of a run's events in order; type and body as bytes."""
    knows_zones: str
    """A row if this journal's runs have a time zone: those of an older one do not."""
    knows_wishes: str = "SELECT 1"
    """A row if this journal has a table of wishes: an older one may not."""
    lock_claims: str = ""
    """What keeps others from claims until the transaction is over; empty where one writes at a time."""


class Found(Protocol):
    """What a statement found or did."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:
        """The next row, a tuple; None when there is none."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Session(Protocol):
    """One transaction. Statements have a question mark for each value."""

    @property
    def dialect(self) -> Dialect:
        """The statements that this store words in its own way."""

    @property
    def again(self) -> bool:
        """Whether this was tried before, and it is not known whether all of it was done then, or nothing."""

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Found:
        """Does one statement."""

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Does one statement for each of the rows."""

    def now(self) -> Moment:
        """By the clock that all who use this store go by."""

    def claims_now(self) -> Moment:
        """The same; a test may turn this one."""


class Store(Protocol):
    """Where rows are kept. As text it is the name that a person knows it by. Raises JournalError."""

    def perform(self, work: Callable[[Session], T], *, wait: bool = True) -> T:
        """Does work in one transaction: all of it is on disk afterwards, or none of it is.

        Work may be called again after a try that came to nothing, or of which that is not known (then
        `Session.again` is true). Without `wait`, raises Crowded rather than wait for anybody.
        """

    def look(self, work: Callable[[Session], T]) -> T | None:
        """What work finds in what is committed, from any thread; None while there is no journal."""

    def beat(self, held: Sequence[tuple[str, int]]) -> None:
        """Tells that the holder of these runs, by run and token, lives."""

    def compact(self) -> int:
        """See `Journal.compact`."""

    def health(self) -> Sequence[Health]:
        """See `Journal.health`."""

    def close(self) -> None:
        """Gives back what is held open. May be used again afterwards."""
