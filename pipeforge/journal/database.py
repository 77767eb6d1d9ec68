"""One SQLite database: transactions one at a time, reading at any time."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from pipeforge.journal.committing import Crowded
from pipeforge.journal.file import (
    connect,
    errors,
    exists,
    gone,
    identity,
    open_to_read,
    open_to_write,
    primary,
    take_back,
    version,
)
from pipeforge.journal.firstlook import Doubt, FirstLook

PATIENCE: Final = 10.0
"""Seconds to wait for another program that is writing. chosen: far longer than any commit of ours."""

WORTH: Final = 0.25
"""chosen: the part of a file that must be free before it is written anew without it."""


class Database:
    """The file, one connection for writing, and a new one for each reading."""

    def __init__(self, path: Path, patience: float = PATIENCE, doubt: Doubt = lambda _: 0) -> None:
        """`doubt`: what to write when what was committed last is lost."""
        self.path = path
        self._first = FirstLook(path, patience, doubt)
        self._patience = patience
        self._writing: sqlite3.Connection | None = None
        self._file = (0, 0)
        self._waits = True
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self, *, wait: bool = True) -> Iterator[sqlite3.Connection]:
        """All that is done inside is on disk when the block ends, or none of it is.

        One at a time among the threads of this process. Makes the file if there is none. Raises JournalError;
        without `wait`, Crowded when another thread or process is writing.
        """
        self._first.take()
        if not self._lock.acquire(blocking=wait):
            raise Crowded
        try:
            connection = self._begin(wait)
            with self.errors():
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException as error:
                    take_back(self.path, connection, error)
                    raise
        finally:
            self._lock.release()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection of its own, so that any thread may read at any time; None while there is no file."""
        if not exists(self.path):
            yield None
            return
        self._first.take()
        with self.errors():
            connection = open_to_read(self.path, self._patience)
            try:
                yield connection if version(self.path, connection) else None
            finally:
                connection.close()

    @contextmanager
    def trial(self) -> Iterator[None]:
        """A turn to write in which nothing is written, nor made or brought up. Raises JournalError."""
        self._first.take()
        with self.beside() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    def compact(self) -> int:
        """Gives free pages back to the disk when they are many; how many bytes. Raises JournalError."""
        before, free = self._pages()
        if not free or free < before * WORTH:
            return 0
        with self._lock, self.beside() as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return before - self._pages()[0]

    def _pages(self) -> tuple[int, int]:
        """Bytes in the file, and how many of them nothing needs."""
        with self.reading() as connection:
            if connection is None:
                return 0, 0
            names = ("page_size", "page_count", "freelist_count")
            size, count, free = (int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in names)
        return size * count, size * free

    def errors(self) -> AbstractContextManager[None]:
        """Turns SQLite's errors into ours: the file, the cause, the mend."""
        return errors(self.path)

    @contextmanager
    def beside(self) -> Iterator[sqlite3.Connection]:
        """One more connection to write with, which need not wait for who writes here. Raises JournalError."""
        with self.errors():
            connection = connect(self.path, self._patience)
            try:
                yield connection
            except BaseException as error:
                take_back(self.path, connection, error)
                raise
            finally:
                connection.close()

    def close(self) -> None:
        """Closes the connection for writing; the next transaction opens it again."""
        with self._lock:
            if self._writing is not None:
                self._writing.close()
                self._writing = None

    def _begin(self, wait: bool) -> sqlite3.Connection:
        with self.errors():
            if self._writing is None:
                self._writing = open_to_write(self.path, self._patience)
                self._waits, self._file = True, identity(self.path)
            elif identity(self.path) != self._file:
                raise gone(self.path)
            connection = self._writing
            if wait != self._waits:
                connection.execute(f"PRAGMA busy_timeout = {int(self._patience * 1000) if wait else 0}")
                self._waits = wait
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not wait and primary(error) == sqlite3.SQLITE_BUSY:
                    raise Crowded from error
                raise
            return connection
