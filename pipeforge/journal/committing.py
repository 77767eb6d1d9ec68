"""Commits batches of events, in the caller's thread or its own, and stops for good at the first error."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from pipeforge.errors import JournalError
from pipeforge.journal.rows import Row
from pipeforge.journal.store import Session


class Crowded(Exception):
    """Somebody else is writing right now, and the caller did not want to wait."""


@dataclass(slots=True, eq=False)
class Stream:
    """One writer's place in its run: the lease's token and the number of the next event."""

    run: str
    token: int
    seq: int
    failure: JournalError | None = None
    """Why this run takes no more events; None while it does."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event on its way to disk, or something to do beside. With neither it marks the end of what came."""

    stream: Stream
    row: Row | None
    ending: tuple[str | None, str | None] | None = None
    """When and how the run ended, with its last event."""
    waiter: asyncio.Future[None] | None = None
    work: Callable[[Session], None] | None = None
    """Done in the same transaction, after the events in it; perhaps more than once, see `Store.perform`."""

    @property
    def empty(self) -> bool:
        """Nothing has to be written for it."""
        return self.row is None and self.work is None


Write = Callable[[list[Entry], bool], None]
"""Commits entries in one transaction. A lease that was lost is told in its stream's `failure`, and leaves the
entries of others alone. When the second argument is false, raises Crowded rather than wait for somebody else
who is writing. Raises JournalError."""

Done = Callable[[list[Entry]], None]


class Committer:
    """Makes one commit at a time; the caller sees to that."""

    def __init__(self, write: Write) -> None:
        self.commits = 0
        """Transactions made so far."""
        self.last_time = 0.0
        """Seconds that the newest one took."""
        self.broken: JournalError | None = None
        """The first error. Nothing is written after it: no event may follow one that is missing."""
        self._write = write
        self._batches: queue.SimpleQueue[tuple[list[Entry], asyncio.AbstractEventLoop, Done] | None]
        self._batches = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._idle = threading.Event()
        self._idle.set()

    def commit(self, batch: list[Entry], *, wait: bool) -> None:
        """Commits here and now; what goes wrong is in `broken`. Raises Crowded, and then nothing was done."""
        if self.broken is not None or all(entry.empty for entry in batch):
            return
        started = time.perf_counter()
        try:
            self._write(batch, wait)
        except Crowded:
            raise
        except JournalError as error:
            self.broken = error
        except BaseException as error:
            self.broken = JournalError(
                f"writing to the journal was cut short ({type(error).__name__})", "resume the run"
            )
            raise
        else:
            self.commits += 1
            self.last_time = time.perf_counter() - started

    def hand_over(self, batch: list[Entry], loop: asyncio.AbstractEventLoop, done: Done) -> None:
        """Commits in the thread, then calls `done` in the loop."""
        self._idle.clear()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="pipeforge-journal", daemon=True)
            self._thread.start()
        self._batches.put((batch, loop, done))

    def settle_down(self) -> None:
        """Waits until the thread has nothing to do."""
        self._idle.wait()

    def stop(self) -> None:
        """Ends the thread when it has done what it was given."""
        if self._thread is not None:
            self._batches.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while (given := self._batches.get()) is not None:
            batch, loop, done = given
            try:
                self.commit(batch, wait=True)
            finally:
                self._idle.set()
                _tell(batch, loop, done)


def _tell(batch: list[Entry], loop: asyncio.AbstractEventLoop, done: Done) -> None:
    """Calls `done` in the loop, unless the loop was closed meanwhile: then nobody waits any more."""
    try:
        loop.call_soon_threadsafe(done, batch)
    except RuntimeError:
        if not loop.is_closed():
            raise
