"""How long to wait before the next look, and before the next try of what certainly had no effect."""

from random import Random

from pipeforge.adapter import Pace

# chosen: keeps the looks of many steps from falling together: a part of the pace, and its most in seconds.
# Jobs started at different times are looked at so anyway, and who waits for a step should not feel it.
_JITTER = 0.1
_MOST_JITTER = 0.04
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
            return self._spread(look_again)
        seconds = self._next
        self._next = min(self._longest, seconds * self._factor)
        return self._spread(seconds)

    def _spread(self, seconds: float) -> float:
        """Never sooner, and hardly later."""
        seconds = max(_SHORTEST, seconds)
        return seconds + min(_MOST_JITTER, _JITTER * seconds) * self._rng.random()


def backoff(tries: int, rng: Random, retry_after: float | None = None) -> float:
    """Seconds before the next try, after `tries` (1, 2, …) that certainly had no effect."""
    if retry_after is not None:
        return max(0.0, retry_after) + _JITTER * rng.random()
    grown = min(_BACKOFF_LONGEST, _BACKOFF_FIRST * 2.0 ** min(tries - 1, 30))
    return grown * (0.5 + 0.5 * rng.random())
