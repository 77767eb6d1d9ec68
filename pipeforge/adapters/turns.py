"""Whose turn it is to start a workflow: keeps the difference of two job lists unambiguous in one process.

`prepare` and `trigger` are two calls, and what `prepare` saw is worth something only if nobody else of this
process starts the same workflow before our start is answered. So `prepare` takes the workflow's turn, whose
ticket goes into the evidence. `trigger` goes ahead only while that ticket is still good, and gives the turn
back when it has an answer. A lost answer keeps the turn until `recover` has settled it. A turn that nobody
gives back (an interrupt between the two calls) runs out; a trigger that comes too late is refused with
Transient, and the engine prepares anew. A resume that has something to settle takes the turn from whoever
prepares at that time.
"""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Turn:
    ticket: str
    until: float
    starting: bool


class Turns:
    """The turns of one connection's workflows."""

    def __init__(self) -> None:
        self._turns: dict[int, _Turn] = {}
        self._changed: dict[int, asyncio.Event] = {}

    async def take(self, workflow: int, seconds: float) -> str:
        """Waits for the turn; the ticket is good for so long."""
        while (turn := self._current(workflow)) is not None:
            await self._change(workflow, turn.until)
        return self._give(workflow, seconds)

    async def seize(self, workflow: int, seconds: float) -> str:
        """The turn at once: whoever had prepared must prepare anew. Waits only for a start that has left."""
        while (turn := self._current(workflow)) is not None and turn.starting:
            await self._change(workflow, turn.until)
        return self._give(workflow, seconds)

    def keep(self, workflow: int, ticket: str, seconds: float, *, starting: bool = False) -> bool:
        """Makes the ticket good for so long from now; False if it is not good any more."""
        turn = self._current(workflow)
        if turn is None or turn.ticket != ticket:
            return False
        self._turns[workflow] = _Turn(ticket, _now() + seconds, starting)
        self._tell(workflow)
        return True

    def give_back(self, workflow: int, ticket: str) -> None:
        """Ends the turn, if the ticket is still good."""
        turn = self._turns.get(workflow)
        if turn is not None and turn.ticket == ticket:
            del self._turns[workflow]
            self._tell(workflow)

    def _give(self, workflow: int, seconds: float) -> str:
        ticket = secrets.token_hex(8)
        self._turns[workflow] = _Turn(ticket, _now() + seconds, starting=False)
        self._tell(workflow)
        return ticket

    def _current(self, workflow: int) -> _Turn | None:
        turn = self._turns.get(workflow)
        return turn if turn is not None and turn.until > _now() else None

    async def _change(self, workflow: int, until: float) -> None:
        event = self._changed.setdefault(workflow, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await event.wait()

    def _tell(self, workflow: int) -> None:
        event = self._changed.pop(workflow, None)
        if event is not None:
            event.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
