"""Who makes a new connection and who waits: few are made at once, for meanwhile others may become free."""

import asyncio
from collections import deque

from pipeforge.alarms import Alarms

AT_ONCE = 16
"""chosen: a thousand requests at once would else be a thousand handshakes, most of them for one request."""


class Turnstile:
    """Counts the free connections of a pool, and those that are being made; hands both on in order.

    The pool may have lost some that are counted here: who comes for one makes another.
    """

    __slots__ = ("_alarms", "_free", "_making", "_waiting")

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._free: deque[float] = deque()
        """When each came back, in the loop's time. As in the pool, the oldest goes first."""
        self._making = 0
        self._waiting: deque[asyncio.Future[bool]] = deque()

    async def come(self, patience: float) -> bool:
        """Whether the caller is to make a connection, and to say when that is `over`; else one is free.

        Raises TimeoutError after `patience` seconds.
        """
        if self._free:
            self._free.popleft()
            return False
        if self._making < AT_ONCE:
            self._making += 1
            return True
        loop = asyncio.get_running_loop()
        place: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(place)
        try:
            with self._alarms.until(loop.time() + patience):
                return await place
        except BaseException:
            if place.done() and not place.cancelled():
                (self.over if place.result() else self.freed)()
            raise

    def rested(self) -> float:
        """Seconds that the connection which is next has been free for; 0.0 where none is."""
        return asyncio.get_running_loop().time() - self._free[0] if self._free else 0.0

    def over(self) -> None:
        """A connection is made, or could not be."""
        if self._waiting:  # first for those that come back just now
            self._alarms.at(asyncio.get_running_loop().time(), self._over)
        else:
            self._making -= 1

    def _over(self) -> None:
        if not self._handed(making=True):
            self._making -= 1

    def freed(self) -> None:
        """A connection went back into the pool."""
        if not self._handed(making=False):
            self._free.append(asyncio.get_running_loop().time())

    def _handed(self, *, making: bool) -> bool:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(making)
                return True
        return False
