"""When something was, so that how long ago can be told even after somebody set the clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pipeforge.journal.holder import this_process


@dataclass(frozen=True, slots=True)
class Moment:
    """Within one boot the monotonic clock tells; across boots only the wall clock is left."""

    boot: str
    """The kernel's boot; empty where it cannot be told."""
    ticks: float
    wall: float
    """Seconds since 1970."""

    def until(self, later: "Moment") -> float:
        """Seconds. Negative only when a clock was set back across boots."""
        if self.boot and self.boot == later.boot:
            return later.ticks - self.ticks
        return later.wall - self.wall


Now = Callable[[], Moment]


def now() -> Moment:
    """By this machine's clocks."""
    return Moment(this_process().boot, time.monotonic(), time.time())
