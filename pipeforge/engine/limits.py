"""What a vendor allows on one connection: so many jobs at once, so many starts in so much time."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from pipeforge.adapter import Limits
from pipeforge.engine.control import Control
from pipeforge.journal import Claim, Wait

T = TypeVar("T")

IN_FLIGHT = 1_000
"""chosen: jobs at once where the vendor names no limit, so that 100,000 steps are never as many tasks."""


class Gate(Generic[T]):
    """Lets jobs through in the order they asked, `room` at a time. A job that waits here costs no task."""

    __slots__ = ("_admit", "_open", "_room", "_running", "_waiting")

    def __init__(self, room: int | None, admit: Callable[[T], None], running: int = 0) -> None:
        """`running`: jobs that an earlier process started and are still going; `leave` lets them out too."""
        self._room = IN_FLIGHT if room is None else room
        self._admit = admit
        self._running = running
        self._waiting: deque[T] = deque()
        self._open = True

    @property
    def waiting(self) -> Iterable[T]:
        """Those that wait, in their order."""
        return self._waiting

    def ask(self, job: T) -> None:
        """Calls `admit` with the job, now or when its turn comes."""
        self._waiting.append(job)
        self._let_in()

    def leave(self) -> None:
        """A job that was let in is over."""
        self._running -= 1
        self._let_in()

    def close(self) -> None:
        """Nobody is let in any more."""
        self._open = False
        self._waiting.clear()

    def _let_in(self) -> None:
        while self._open and self._waiting and self._running < self._room:
            self._running += 1
            self._admit(self._waiting.popleft())


class Window:
    """At most `most` starts in any `seconds`, in the order asked.

    A start holds its place from before its first request until its answer, and for `seconds` after that: so
    however long a request takes to reach the vendor, the vendor never counts more than `most`.
    """

    __slots__ = ("_control", "_ends", "_held", "_most", "_seconds", "_timer", "_waiting")

    def __init__(self, most: int, seconds: float, control: Control, past: Iterable[float] = ()) -> None:
        """`past`: when earlier starts ended, in the loop's time, oldest first."""
        self._most = most
        self._seconds = seconds
        self._control = control
        self._ends: deque[float] = deque(past)
        self._held = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def limit(self) -> tuple[int, float]:
        """How many starts in how many seconds."""
        return self._most, self._seconds

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Waits for a place and holds it; False, without one, when the run is being stopped."""
        if not await self._control.rest(self._place()):
            yield False
            return
        try:
            yield True
        finally:
            self._held -= 1
            self._ends.append(asyncio.get_running_loop().time())
            self._let_in()

    async def _place(self) -> bool:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._let_in()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._held -= 1
                self._let_in()
            raise
        return True

    def _let_in(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._ends and self._ends[0] + self._seconds <= now:
            self._ends.popleft()
        while self._waiting and self._held + len(self._ends) < self._most:
            place = self._waiting.popleft()
            if not place.done():
                self._held += 1
                place.set_result(None)
        if self._waiting and self._ends and self._timer is None:
            self._timer = loop.call_at(self._ends[0] + self._seconds, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._let_in()

    def close(self) -> None:
        """Drops its timer."""
        if self._timer is not None:
            self._timer.cancel()


class Desk(Protocol):
    """Where places are claimed: the shape of a journal's Writer."""

    async def claim(self, *claims: Claim, force: bool = False) -> Wait | None:
        """See `journal.Writer.claim`."""

    async def give_back(self, *claims: Claim) -> None:
        """See `journal.Writer.give_back`."""

    def let_go(self, *claims: Claim) -> None:
        """See `journal.Writer.let_go`."""


class Turns:
    """The starts of one thing by this process follow each other; a turn is never held by two."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}

    def of(self, resource: str) -> asyncio.Lock:
        """Whose turn it is to start this; first come, first served."""
        return self._locks.setdefault(resource, asyncio.Lock())


@dataclass(frozen=True, slots=True)
class Shared:
    """The connections of a run that other processes use too."""

    desk: Desk | None = None
    """None: nobody else is counted."""
    resources: Mapping[str, str] = field(default_factory=dict)
    """By connection name: what the vendor counts by, the same text in every process that means the same."""
    turns: Turns = field(default_factory=Turns)
    """Runs of one process that have them in common wait for each other here: only one asks the journal."""


def claims(shared: Shared, connection: str, limits: Limits, place: str) -> tuple[Claim, ...]:
    """What a job on a connection has to claim; nothing where no limit is known. First what it holds."""
    resource = shared.resources.get(connection)
    if shared.desk is None or resource is None:
        return ()
    wanted = []
    if limits.running is not None:
        wanted.append(Claim(resource, limits.running, place=place))
    if limits.starts is not None:
        wanted.append(Claim(resource, *limits.starts, place=place))
    return tuple(wanted)
