"""How a person, or a time budget, stops a run that is going on."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

T = TypeVar("T")

Reason = Literal["interrupted", "max_time", "canceled"]


@dataclass(frozen=True, slots=True)
class Cancel:
    """A person wants the run to end for good."""

    by: str
    """Who, as user@host."""
    leave: bool = False
    """Whether the jobs at the vendors are to be left alone."""


class Control:
    """Given to `execute`; its methods are called from the same event loop (its signal handlers will do)."""

    def __init__(self) -> None:
        self.reason: Reason | None = None
        """Why no new step may start any more; None while all goes on."""
        self.aborted = False
        self.wish: Cancel | None = None
        """Who wanted the run to end, when that is the reason."""
        self.patience: float | None = None
        """Seconds from the stop until all is left as it is; None for as long as the vendors' words take."""
        self._idle: set[asyncio.Task[Any]] = set()
        self._woken: set[asyncio.Task[Any]] = set()
        self._stopped: Callable[[], None] | None = None
        self._heard: set[Callable[[], None]] = set()

    def interrupt(self, patience: float | None = None) -> None:
        """The first time: stop starting, apply each running step's `on_interrupt`. Again: leave at once.

        `patience`: seconds after which to leave at once anyway, because somebody is about to kill us.
        """
        if self.reason is None:
            self.patience = patience
            self._stop("interrupted")
        else:
            self.abort()

    def expire(self) -> None:
        """The time budget is used up: stop starting and watching, leave every job to itself."""
        if self.reason is None:
            self._stop("max_time")

    def cancel(self, wish: Cancel) -> None:
        """Stop starting, cancel the jobs under way, end the run for good; not while it is stopping."""
        if self.reason is None:
            self.wish = wish
            self._stop("canceled")

    def abort(self) -> None:
        """Leave at once. What is on disk is enough to resume."""
        self.reason = self.reason or "interrupted"
        self.aborted = True
        self._tell()

    def listen(self, stopped: Callable[[], None] | None) -> None:
        """`stopped` is called when starting new steps ends, and again when everything does."""
        self._stopped = stopped

    def also(self, heard: Callable[[], None]) -> Callable[[], None]:
        """`heard` is called likewise, until what this gives back is; for the runs that this one runs."""
        self._heard.add(heard)
        return lambda: self._heard.discard(heard)

    async def rest(self, idle: Coroutine[Any, Any, T]) -> T | None:
        """Awaits what may safely be cut short by a stop (a sleep, a look); None when it was."""
        task = asyncio.current_task()
        assert task is not None
        self._idle.add(task)
        try:
            return await idle
        except asyncio.CancelledError:
            if self.aborted or task not in self._woken:
                raise
            return None
        finally:
            self._idle.discard(task)
            if task in self._woken and not self.aborted:
                self._woken.discard(task)
                task.uncancel()

    def _stop(self, reason: Reason) -> None:
        self.reason = reason
        for task in self._idle:
            if task not in self._woken:
                self._woken.add(task)
                task.cancel()
        self._tell()

    def _tell(self) -> None:
        if self._stopped is not None:
            self._stopped()
        for heard in tuple(self._heard):
            heard()
