"""The heartbeat that tells others that the holder of a run lives."""

import threading
from collections.abc import Callable
from contextlib import suppress

from pipeforge.errors import JournalError
from pipeforge.journal.lease import HEARTBEAT

Beat = Callable[[list[tuple[str, int]]], None]
"""Tells that the holder of these runs, by run and token, lives. Raises JournalError."""


class Heart:
    """A daemon thread that beats for every lease held here, in real time, whatever the event loop does."""

    def __init__(self, beat: Beat, interval: float = HEARTBEAT) -> None:
        """`interval`: seconds between beats."""
        self._beat = beat
        self._interval = interval
        self._held: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, run: str, token: int) -> None:
        """Beats for this lease from now on."""
        self._held[run] = token
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name="pipeforge-heartbeat", daemon=True)
            self._thread.start()

    def release(self, run: str) -> None:
        """Beats for it no longer."""
        self._held.pop(run, None)

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
                if held := sorted(self._held.items()):
                    self._beat(held)
