"""An event loop that jumps to its next timer when nothing is left to do, and a wall clock that follows it."""

import asyncio
import datetime as calendar
import inspect
import selectors
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipeforge.contract.killed.clock import CaseClock
from pipeforge.contract.killed.points import Points, Watch

SHORT = 0.005
"""Seconds: shorter waits are waited for."""

QUIET = 0.001
"""Seconds that threads and sockets are given before a jump."""

_TASKS = Path("/proc/self/task")
"""Where Linux tells what each thread of a process is at."""


class Selector(selectors.DefaultSelector):
    """Jumps to the next timer when there is nothing else to wait for."""

    def __init__(self, points: Points, watch: Watch, clock: CaseClock) -> None:
        super().__init__()
        self._points, self._watch, self._clock = points, watch, clock
        self.jumped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready."""
        if timeout is None or timeout < SHORT:
            return super().select(timeout)
        if not self._watch.idle:
            return super().select(min(timeout, SHORT))
        ready = super().select(QUIET)
        if not ready and self._watch.idle and not _at_work():
            self._points.pass_by(f"waits {timeout:.0f}s")
            self.jumped += timeout
            self._clock.jump(timeout)
        return ready


def _at_work() -> bool:
    """Whether another thread has something to do: on a busy machine it may not have come to it yet."""
    if threading.active_count() == 1 or not _TASKS.is_dir():
        return False
    mine = str(threading.get_native_id())
    return any(_state(task) not in "SZX" for task in _TASKS.iterdir() if task.name != mine)


def _state(task: Path) -> str:
    """Of a thread, in Linux's letters."""
    try:
        return (task / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # it has ended
        return "X"


class Loop(asyncio.SelectorEventLoop):
    """An event loop in a hurry."""

    def __init__(self, selector: Selector) -> None:
        self._hurried = selector
        super().__init__(selector)

    def time(self) -> float:
        """Seconds, those that were jumped over included."""
        return super().time() + self._hurried.jumped


class Policy(asyncio.DefaultEventLoopPolicy):
    """Every loop of this process is in a hurry."""

    def __init__(self, make: Callable[[], Loop]) -> None:
        super().__init__()
        self._make = make

    def new_event_loop(self) -> Loop:
        """Another one."""
        return self._make()


class _OurTime(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, calendar.datetime)


class Moved(calendar.datetime, metaclass=_OurTime):
    """A wall clock that may be ahead of the machine's, or behind."""

    ahead: Callable[[], float] = staticmethod(lambda: 0.0)

    @classmethod
    def now(cls, tz: calendar.tzinfo | None = None) -> Any:
        """The moment."""
        return calendar.datetime.now(tz) + calendar.timedelta(seconds=cls.ahead())


def move_wall_clock(packages: Iterable[str]) -> None:
    """Has every module of these that asks for the time ask `Moved`; once, in the process that forks."""
    system = time.time
    time.time = lambda: system() + Moved.ahead()
    starts = tuple(f"{name}." for name in packages)
    for name, module in list(sys.modules.items()):
        asks = name.startswith(starts) and getattr(module, "datetime", None) is calendar.datetime
        if asks and "datetime.now(" in inspect.getsource(module):
            setattr(module, "datetime", Moved)  # noqa: B010 (a module has no such attribute for mypy)
