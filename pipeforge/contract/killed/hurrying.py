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
        before = _others()
        ready = super().select(QUIET)
        if not ready and self._watch.idle and _asleep(before) and _others() == before:
            self._points.pass_by(f"waits {timeout:.0f}s")
            self.jumped += timeout
            self._clock.jump(timeout)
        return ready


def _others() -> list[str]:
    """Of each other thread what Linux tells: its state, and how often it has gone to sleep.

    On a busy machine one that has something to do may get no processor for longer than anybody waits. It is
    seen to want one; or it wants Python's lock, takes that while we wait, and has then slept once more.
    """
    if threading.active_count() == 1 or not _TASKS.is_dir():
        return []
    mine = str(threading.get_native_id())
    return [_told(task) for task in sorted(_TASKS.iterdir()) if task.name != mine]


def _told(task: Path) -> str:
    try:
        lines = (task / "status").read_text().splitlines()
    except OSError:  # it has ended
        return ""
    return " ".join(line for line in lines if line.startswith(("State", "voluntary")))


def _asleep(threads: list[str]) -> bool:
    return all(not told or "S (sleeping)" in told for told in threads)


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
