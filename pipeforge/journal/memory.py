"""A journal in memory: for runs that are tried out and leave nothing behind."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from pipeforge.journal import Health, schema
from pipeforge.journal.committing import Entry, Stream
from pipeforge.journal.grouping import GroupCommit
from pipeforge.journal.moments import Now, now
from pipeforge.journal.sqlite import SqliteSession
from pipeforge.journal.store import Session
from pipeforge.journal.stored import StoredJournal
from pipeforge.journal.writing import StoredWriter

T = TypeVar("T")


class MemoryJournal(StoredJournal):
    """A `Journal` that is gone with its process. Appends are committed where they are made, in no thread."""

    def __init__(self, store: "MemoryStore") -> None:
        """`store`: shared by those who would open one file."""
        super().__init__(store)
        self._group = _InPlace(self._write)

    def _writer(self, stream: Stream) -> StoredWriter:
        """Without a heartbeat: no other process can ask whether this one lives."""
        self._held.add(stream)
        return StoredWriter(stream, self._group, self._release)


class _InPlace(GroupCommit):
    """Commits in the event loop's thread: there is no disk whose time could be shared."""

    def _send(self, batch: list[Entry], loop: asyncio.AbstractEventLoop) -> None:
        self.committer.commit(batch, wait=True)
        self._settle(batch)


class MemoryStore:
    """A `Store` without a file."""

    def __init__(self, clock: Now = now) -> None:
        """`clock` tells when claims are made."""
        self._clock = clock
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for step in schema.MIGRATIONS:
            for statement in step:
                self._connection.execute(statement)

    def __str__(self) -> str:
        return "in memory"

    def perform(self, work: Callable[[Session], T], *, wait: bool = True) -> T:
        """See `Store.perform`."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                done = work(SqliteSession(self._connection, self._clock))
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
        return done

    def look(self, work: Callable[[Session], T]) -> T | None:
        """See `Store.look`."""
        with self._lock:
            return work(SqliteSession(self._connection, self._clock))

    def beat(self, held: Sequence[tuple[str, int]]) -> None:
        """See `Store.beat`."""

    def compact(self) -> int:
        """See `Store.compact`."""
        return 0

    def health(self) -> Sequence[Health]:
        """See `Store.health`."""
        return [Health("journal", "ok", "in memory: nothing of it is kept")]

    def close(self) -> None:
        """Nothing is held open that does not go with it."""
