"""Whose turn it is to start a workflow or definition: keeps the difference of two job lists unambiguous.

`prepare` and `trigger` are two calls, and what `prepare` saw is worth something only if nobody else of this
process starts the same before our start is answered. So preparing takes the turn, whose ticket goes into the
evidence. Starting goes ahead only while that ticket is still good, and gives the turn back when it has an
answer. A lost answer keeps the turn until it is settled. A turn that nobody gives back (an interrupt between
the two calls) runs out; a start that comes too late is refused with Transient, and the engine prepares anew.
A resume that has something to settle takes the turn from whoever prepares at that time. No wait is longer
than a person who interrupts can be kept waiting: then Transient says why, and the engine asks again.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from pipeforge.adapters.limiter import PATIENCE
from pipeforge.adapters.spans import PREPARED, STARTING
from pipeforge.errors import Rejected, Transient

T = TypeVar("T")

SETTLING = 600.0
"""Seconds that an unsettled start keeps others of this process from starting the same; chosen."""
_COURTESY = 0.1  # chosen: seconds before a process first starts something: what it resumes goes first
_AGAIN = 1.0  # chosen: seconds until somebody who waited in vain asks again


@dataclass(frozen=True, slots=True)
class _Turn:
    ticket: str
    until: float
    starting: bool


class Turns:
    """The turns of one connection. `noun` is what its numbers count, such as `workflow`."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._turns: dict[int, _Turn] = {}
        self._changed: dict[int, asyncio.Event] = {}
        self._queues: dict[int, asyncio.Lock] = {}

    async def prepare(self, number: int, look: Callable[[], Awaitable[T]]) -> tuple[str, T]:
        """The ticket, and what `look` saw in the turn. Raises Transient when the turn does not come."""
        ticket = await self._take(number)
        try:
            seen = await look()
        except BaseException:
            self.give_back(number, ticket)
            raise
        if not self._keep(number, ticket, PREPARED):
            raise Transient(f"an earlier start of {self._noun} {number} must be settled first")
        return ticket, seen

    async def start(self, number: int, ticket: str, begin: Callable[[], Awaitable[T]]) -> T:
        """What `begin` gives. Raises Transient when the ticket is not good any more."""
        if not self._keep(number, ticket, STARTING, starting=True):
            raise Transient(f"what was known of {self._noun} {number} before the start is out of date")
        try:
            begun = await begin()
        except (Transient, Rejected):
            self.give_back(number, ticket)
            raise
        except BaseException:
            self._keep(number, ticket, SETTLING)
            raise
        self.give_back(number, ticket)
        return begun

    async def settle(self, number: int, seconds: float, find: Callable[[], Awaitable[T]]) -> T:
        """What `find`, which takes `seconds`, makes of a lost start. Transient if the turn does not come."""
        ticket = await self._seize(number, seconds + SETTLING)
        try:
            found = await find()
        except Transient:
            self._keep(number, ticket, SETTLING)  # asked again soon: until then nobody else may start
            raise
        except BaseException:
            self.give_back(number, ticket)
            raise
        self.give_back(number, ticket)
        return found

    def give_back(self, number: int, ticket: str) -> None:
        """Ends the turn, if the ticket is still good."""
        turn = self._turns.get(number)
        if turn is not None and turn.ticket == ticket:
            del self._turns[number]
            self._tell(number)

    async def _take(self, number: int) -> str:
        """Waits for the turn, first come, first served."""
        queue, first = self._queues.get(number), False
        if queue is None:
            queue, first = self._queues.setdefault(number, asyncio.Lock()), True
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE), queue:
                if first:
                    await asyncio.sleep(_COURTESY)
                while (turn := self._current(number)) is not None:
                    await self._change(number, turn.until)
                return self._give(number, PREPARED)
        raise self._others(number)

    async def _seize(self, number: int, seconds: float) -> str:
        """The turn at once: whoever had prepared must prepare anew. Waits only for a start that has left."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while (turn := self._current(number)) is not None and turn.starting:
                    await self._change(number, turn.until)
                return self._give(number, seconds)
        raise self._others(number)

    def _others(self, number: int) -> Transient:
        return Transient(
            f"another start of {self._noun} {number} is under way or must be settled first",
            "starts of the same follow each other, so that a lost one can be found again",
            retry_after=_AGAIN,
        )

    def _keep(self, number: int, ticket: str, seconds: float, *, starting: bool = False) -> bool:
        """Makes the ticket good for so long from now; False if it is not good any more."""
        turn = self._current(number)
        if turn is None or turn.ticket != ticket:
            return False
        self._turns[number] = _Turn(ticket, _now() + seconds, starting)
        self._tell(number)
        return True

    def _give(self, number: int, seconds: float) -> str:
        ticket = secrets.token_hex(8)
        self._turns[number] = _Turn(ticket, _now() + seconds, starting=False)
        self._tell(number)
        return ticket

    def _current(self, number: int) -> _Turn | None:
        turn = self._turns.get(number)
        return turn if turn is not None and turn.until > _now() else None

    async def _change(self, number: int, until: float) -> None:
        event = self._changed.setdefault(number, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await event.wait()

    def _tell(self, number: int) -> None:
        event = self._changed.pop(number, None)
        if event is not None:
            event.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
