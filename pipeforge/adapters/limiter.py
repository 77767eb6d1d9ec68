"""Keeps one connection's requests within what its vendor allows, and reads the headers that say so."""

import asyncio
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 900.0
"""Seconds; chosen: longer than any documented window (trocco: 10 min); a wild header cannot stop a run."""


PATIENCE = 15.0
"""Seconds; chosen: no wait inside one call is longer, so that Ctrl-C is heard soon."""


_SHORTEST_WISH = 1.0
"""Seconds; chosen: a vendor that refuses and asks for less (`Retry-After: 0`) leaves the pace to us."""


class RequestLimiter:
    """At most `count` requests in any `seconds`, and none while a vendor asked us to hold."""

    def __init__(self, window: tuple[int, float] | None = None) -> None:
        self._window = window
        self._sent: deque[float] = deque()
        self._held_until = 0.0
        self._queue = asyncio.Lock()
        self._in_line = 0

    async def turn(self) -> float:
        """0.0 when the next request may leave; first come, first served.

        Waits only so long as a user who interrupts can be kept waiting. Otherwise it gives the seconds that
        it would take: nothing has left, and the caller knows how to wait so that an interrupt ends it.
        """
        if not self._in_line and self._wait(asyncio.get_running_loop().time()) <= 0:
            return 0.0  # nobody else waits
        self._in_line += 1
        try:
            return await self._turn()
        finally:
            self._in_line -= 1

    async def _turn(self) -> float:
        if not await self._come():
            return PATIENCE
        try:
            while (wait := self._wait(asyncio.get_running_loop().time())) > 0:
                if wait > PATIENCE:
                    return wait
                await asyncio.sleep(wait)
            return 0.0
        finally:
            self._queue.release()

    async def _come(self) -> bool:
        """Whether the others in the queue were done in time."""
        if not self._queue.locked():
            return await self._queue.acquire()
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._queue.acquire()
        except TimeoutError:
            return False

    def hold(self, seconds: float) -> None:
        """No request leaves for so long (capped)."""
        until = asyncio.get_running_loop().time() + min(max(seconds, 0.0), LONGEST_WAIT)
        self._held_until = max(self._held_until, until)

    def _wait(self, now: float) -> float:
        if now < self._held_until:
            return self._held_until - now
        if self._window is None:
            return 0.0
        count, seconds = self._window
        while self._sent and self._sent[0] <= now - seconds:
            self._sent.popleft()
        if len(self._sent) >= count:
            return self._sent[0] + seconds - now
        self._sent.append(now)
        return 0.0


def asked_wait(headers: Mapping[str, str], *, throttled: bool) -> float | None:
    """Seconds the vendor's headers ask us to wait before the next request, capped; None when they do not.

    Less than a second is no wish: to ask again at once is to hammer a vendor that has just refused.

    `Retry-After` is seconds or a date. `X-Rate-Limit-Reset` is UNIX seconds and counts when nothing remains
    or the answer was 429 (trocco).
    """
    if (after := headers.get("retry-after")) is not None and (
        wait := _retry_after(after, headers)
    ) is not None:
        return wait
    remaining = headers.get("x-rate-limit-remaining", "").strip()
    if not (throttled or (remaining.isascii() and remaining.isdigit() and int(remaining) == 0)):
        return None
    try:
        reset = float(headers["x-rate-limit-reset"])
    except (KeyError, ValueError):
        return None
    return _capped(reset - server_now(headers).timestamp() + 1.0)


def _retry_after(value: str, headers: Mapping[str, str]) -> float | None:
    try:
        return _capped(float(value))
    except ValueError:
        pass
    when = _date(value)
    return None if when is None else _capped((when - server_now(headers)).total_seconds())


def told_time(headers: Mapping[str, str]) -> datetime | None:
    """The server's own clock; None where it does not tell it."""
    return _date(headers.get("date", ""))


def server_now(headers: Mapping[str, str]) -> datetime:
    """The server's own clock where it tells it: ours may be wrong."""
    return _date(headers.get("date", "")) or datetime.now(UTC)


def _date(value: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _capped(seconds: float) -> float | None:
    return min(seconds, LONGEST_WAIT) if seconds >= _SHORTEST_WISH else None
