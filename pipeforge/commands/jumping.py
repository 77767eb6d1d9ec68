"""An event loop in which waiting takes no time: when nothing is left to do, it jumps to the next timer."""

import asyncio
import math
import selectors
from datetime import UTC, datetime, timedelta

FURTHEST = 400 * 86_400.0
"""Seconds. chosen: no pipeline goes on for longer than a year; one that does waits for what never comes."""


class StandsStill(Exception):
    """Nothing in the loop will ever happen again, or not within FURTHEST."""


class _Jumping(selectors.DefaultSelector):
    """Never waits. All that it serves must be within this thread: a socket or a thread would be passed by."""

    def __init__(self) -> None:
        super().__init__()
        self.jumped = 0.0
        self._limit = FURTHEST

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self.jumped > self._limit:
            self._limit = math.inf  # what is left is only cleared away
            raise StandsStill
        # a timer that is nearer than the numbers so far apart can tell must come all the same
        self.jumped = max(self.jumped + timeout, math.nextafter(self.jumped, math.inf))
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """`asyncio.sleep(3600)` takes no time."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Only what was jumped over counts: two runs of the same go alike to the second."""
        return self._jumping.jumped


class LoopClock:
    """The time of day in such a loop, from `start` on."""

    def __init__(self, start: datetime, loop: asyncio.AbstractEventLoop) -> None:
        self._start = start
        self._loop = loop
        self._zero = loop.time()

    def now(self) -> datetime:
        """An aware instant in UTC."""
        return self._start.astimezone(UTC) + timedelta(seconds=self._loop.time() - self._zero)
