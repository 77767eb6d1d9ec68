"""The heartbeat that tells others that the holder of a run lives."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from pipeforge.errors import JournalError
from pipeforge.journal.lease import HEARTBEAT

Beat = Callable[[list[tuple[str, int]]], None]
"""Tells that the holder of these runs, by run and token, lives. Raises JournalError."""

_LATE: Final = 1.1
"""Intervals after the last beat, from which on an append is the sign of life. chosen: see `freshness`."""


class Heart:
    """A daemon thread that beats for every lease held here, in real time, whatever the event loop does."""

    def __init__(self, beat: Beat, interval: float = HEARTBEAT) -> None:
        """`interval`: seconds between beats."""
        self._beat = beat
        self._interval = interval
        self._held: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._last = _clocks()

    def hold(self, run: str, token: int) -> None:
        """Beats for this lease from now on."""
        if not self._held:
            self._last = _clocks()
        self._held[run] = token
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name="pipeforge-heartbeat", daemon=True)
            self._thread.start()

    def release(self, run: str) -> None:
        """Beats for it no longer."""
        self._held.pop(run, None)

    @property
    def late(self) -> bool:
        """Whether its last beat is too long ago: the store takes none, or the machine slept."""
        passed = max(now - then for now, then in zip(_clocks(), self._last, strict=True))
        return bool(self._held) and passed > _LATE * self._interval

    def stop(self) -> None:
        """Ends the thread and waits for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._stop.clear()

    def _live(self) -> None:
        while not self._stop.wait(self._interval):
            # A beat that fails is no reason to end a run: the journal's next append finds out whether the
            # store is lost or the lease was taken, and says so where it can be heard.
            with suppress(JournalError):
                began = _clocks()
                if held := sorted(self._held.items()):
                    self._beat(held)
                    self._last = began


def _clocks() -> tuple[float, float]:
    """Both, because one stands still while a machine sleeps, and the other may be set."""
    return time.monotonic(), time.time()
