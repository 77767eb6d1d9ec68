"""How long to wait before the next look, and before the next try of what certainly had no effect."""

from random import Random

from pipeforge.adapter import Pace

# chosen: keeps the looks of many steps from falling together, too small to be felt.
_JITTER = 0.1
# chosen: a look costs a request, whatever an adapter asks for.
_SHORTEST = 0.01
# chosen: the first wait after a try that did not reach the vendor, and the longest, in seconds.
_BACKOFF_FIRST = 1.0
_BACKOFF_LONGEST = 60.0


class Poll:
    """The pace of one job's looks: grows from the first interval to the longest."""

    __slots__ = ("_factor", "_longest", "_next", "_rng")

    def __init__(self, pace: Pace, rng: Random) -> None:
        self._next = pace.first
        self._longest = max(pace.longest, pace.first)
        self._factor = pace.factor
        self._rng = rng

    def wait(self, look_again: float | None = None) -> float:
        """Seconds until the next look. `look_again` is the vendor's wish: never sooner; the pace stays."""
        if look_again is not None:
            return max(_SHORTEST, look_again) * (1 + _JITTER * self._rng.random())
        seconds = self._next
        self._next = min(self._longest, seconds * self._factor)
        return max(_SHORTEST, seconds * (1 + _JITTER * (self._rng.random() - 0.5)))


def backoff(tries: int, rng: Random, retry_after: float | None = None) -> float:
    """Seconds before the next try, after `tries` (1, 2, …) that certainly had no effect."""
    if retry_after is not None:
        return max(0.0, retry_after) + _JITTER * rng.random()
    grown = min(_BACKOFF_LONGEST, _BACKOFF_FIRST * 2.0 ** min(tries - 1, 30))
    return grown * (0.5 + 0.5 * rng.random())
