"""Waits by the thousand at the price of a few: one timer of the event loop for all that wait."""

import asyncio
import heapq
from collections.abc import Callable
from types import TracebackType

_GRAIN = 0.001
"""Seconds; chosen: what is due within so little is woken together, and nothing too soon."""
_MANY = 100
"""chosen: so many that are over are kept until they are swept out."""


class Alarm:
    """Rings once, unless it is dropped before."""

    __slots__ = ("ring",)

    def __init__(self, ring: Callable[[], None]) -> None:
        self.ring: Callable[[], None] | None = ring
        """None once it is over."""


class Alarms:
    """Those of one loop; in another it begins afresh. Times are the loop's, in seconds."""

    __slots__ = ("_loop", "_number", "_over", "_timer", "_waiting")

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[tuple[float, int, Alarm]] = []
        self._number = 0
        self._over = 0
        """How many of those in the list are over."""
        self._timer: asyncio.TimerHandle | None = None

    def at(self, when: float, ring: Callable[[], None]) -> Alarm:
        """Calls `ring` at that time, or soon when it has passed."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._timer, self._over = loop, None, 0
            self._waiting.clear()
        alarm = Alarm(ring)
        self._number += 1
        heapq.heappush(self._waiting, (when, self._number, alarm))
        if self._timer is None or when < self._timer.when() - _GRAIN:
            self._arm(loop)
        return alarm

    def drop(self, alarm: Alarm) -> None:
        """It will not ring; nothing happens where it did."""
        if alarm.ring is None:
            return
        alarm.ring = None
        self._over += 1
        if self._over == len(self._waiting):
            self._waiting.clear()
            self._over = 0
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        elif self._over > _MANY and 2 * self._over > len(self._waiting):
            self._waiting = [entry for entry in self._waiting if entry[2].ring is not None]
            heapq.heapify(self._waiting)
            self._over = 0

    async def sleep(self, seconds: float) -> None:
        """As `asyncio.sleep`."""
        if seconds <= 0:
            return await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()
        alarm = self.at(loop.time() + seconds, lambda: None if over.done() else over.set_result(None))
        try:
            await over
        finally:
            self.drop(alarm)

    def until(self, when: float) -> "Limit":
        """As `asyncio.timeout_at`, for a plain `with`."""
        return Limit(self, when)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        """For the first that waits, and a moment longer, so that those right behind it are taken along."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(self._waiting[0][0] + _GRAIN, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        waiting, now = self._waiting, loop.time()
        while waiting and (waiting[0][2].ring is None or waiting[0][0] <= now):
            alarm = heapq.heappop(waiting)[2]
            ring, alarm.ring = alarm.ring, None
            if ring is None:
                self._over -= 1
            else:
                ring()
        if waiting and self._timer is None:
            self._arm(loop)


class Limit:
    """Ends what the current task does within it by TimeoutError when its time comes."""

    __slots__ = ("_alarm", "_alarms", "_canceling", "_late", "_task", "_when")

    def __init__(self, alarms: Alarms, when: float) -> None:
        self._alarms = alarms
        self._when = when
        self._late = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._canceling = task.cancelling()
        self._alarm = self._alarms.at(self._when, self._ring)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._alarms.drop(self._alarm)
        # A cancellation that came from elsewhere as well goes on.
        if self._late and self._task.uncancel() <= self._canceling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _ring(self) -> None:
        self._late = True
        self._task.cancel()
