"""Writes events and folds them into the state in one stroke, so that there is one truth."""

from typing import Protocol

from pipeforge.engine.events import Event
from pipeforge.engine.state import RunState, apply


class Emit(Protocol):
    """Where events go: the shape of a journal's Writer."""

    async def append(self, event: Event) -> None:
        """On disk when it returns. Appends keep their order."""

    def note(self, event: Event) -> None:
        """Keeps its place in the order; on disk with the next append."""


class Ledger:
    """The state, and the only way to change it."""

    __slots__ = ("_emit", "state")

    def __init__(self, state: RunState, emit: Emit) -> None:
        self.state = state
        self._emit = emit

    async def append(self, event: Event) -> None:
        """Durable first, then true here: nothing is done on the strength of what could still be lost."""
        await self._emit.append(event)
        apply(self.state, event)

    def note(self, event: Event) -> None:
        """For what may be lost, because asking again gives it again."""
        self._emit.note(event)
        apply(self.state, event)
