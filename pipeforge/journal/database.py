"""One SQLite file: made when first written, opened with care, its errors put into words."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from pipeforge.errors import JournalError
from pipeforge.journal import schema
from pipeforge.journal.committing import Crowded

PATIENCE: Final = 10.0
"""Seconds to wait for another program that is writing. chosen: far longer than any commit of ours."""

_CAUSES: Final = {
    sqlite3.SQLITE_FULL: ("there is no space left", "free some space on that disk, then resume the run"),
    sqlite3.SQLITE_IOERR: (
        "the disk refused to read or write",
        "look at the disk's space, quota and health, then resume the run",
    ),
    sqlite3.SQLITE_READONLY: (
        "it may only be read",
        "make the file and its folder writable, or name another with --journal",
    ),
    sqlite3.SQLITE_BUSY: (
        "another program keeps it locked",
        "close the program that has it open (a database browser, a backup), then try again",
    ),
    sqlite3.SQLITE_NOTADB: (
        "it is not a SQLite database",
        "name another file with --journal, or move this one away",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "the database is damaged",
        "restore it from a copy, or move it away and look at the vendors' side before running again",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "check that its folder exists and that you may read and write there",
    ),
}


class Database:
    """The file, one connection for writing, and a new one for each reading."""

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self.path = path
        self._patience = patience
        self._writing: sqlite3.Connection | None = None
        self._waits = True
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self, *, wait: bool = True) -> Iterator[sqlite3.Connection]:
        """All that is done inside is on disk when the block ends, or none of it is.

        One at a time among the threads of this process. Makes the file if there is none. Raises JournalError;
        without `wait`, Crowded when another thread or process is writing.
        """
        if not self._lock.acquire(blocking=wait):
            raise Crowded
        try:
            connection = self._begin(wait)
            with self.errors():
                try:
                    yield connection
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        with suppress(sqlite3.Error):
                            connection.execute("ROLLBACK")
        finally:
            self._lock.release()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection of its own, so that any thread may read at any time; None while there is no file."""
        if not self._exists():
            yield None
            return
        with self.errors():
            connection = self._open_to_read()
            try:
                yield connection if self._is_ours(connection) else None
            finally:
                connection.close()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turns SQLite's errors into ours: the file, the cause, the mend."""
        try:
            yield
        except sqlite3.Error as error:
            cause, hint = _CAUSES.get(
                _primary(error), (str(error), "look at the file with the sqlite3 program")
            )
            raise JournalError(f"journal '{self.path}': {cause}", hint) from error

    def connect(self) -> sqlite3.Connection:
        """One more connection to write with; raises sqlite3.Error."""
        connection = self._open("rw", self._patience)
        connection.execute("PRAGMA synchronous = FULL")
        # macOS: without it a flush stops at the disk's own cache.
        connection.execute("PRAGMA fullfsync = ON")
        return connection

    def close(self) -> None:
        """Closes the connection for writing; the next transaction opens it again."""
        with self._lock:
            if self._writing is not None:
                self._writing.close()
                self._writing = None

    def _begin(self, wait: bool) -> sqlite3.Connection:
        with self.errors():
            if self._writing is None:
                self._writing = self._open_to_write()
            connection = self._writing
            if wait != self._waits:
                connection.execute(f"PRAGMA busy_timeout = {int(self._patience * 1000) if wait else 0}")
                self._waits = wait
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not wait and _primary(error) == sqlite3.SQLITE_BUSY:
                    raise Crowded from error
                raise
            return connection

    def _open_to_write(self) -> sqlite3.Connection:
        if not self._exists():
            self._make_file()
        connection = self.connect()
        self._waits = True
        try:
            if not self._is_ours(connection):
                self._make_tables(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_to_read(self) -> sqlite3.Connection:
        connection = self._open("rw", self._patience)
        try:
            connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            connection.close()
            # SQLite wants to write beside the file even to read it. Where it may not (a read-only folder),
            # the file alone is the whole truth as long as no write-ahead log lies there.
            barred = _primary(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
            if not barred or self.path.with_name(self.path.name + "-wal").exists():
                raise
            connection = self._open("ro&immutable=1", self._patience)
        return connection

    def _open(self, mode: str, patience: float) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(uri, timeout=patience, isolation_level=None, check_same_thread=False, uri=True)

    def _exists(self) -> bool:
        try:
            if self.path.is_dir():
                raise JournalError(f"journal '{self.path}' is a directory", "name a file with --journal")
            return self.path.exists()
        except OSError as error:
            raise self._unreachable(error) from error

    def _make_file(self) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: OSError) -> JournalError:
        return JournalError(
            f"journal '{self.path}' cannot be made or reached: {(error.strerror or str(error)).lower()}",
            "make its folder writable, or name another file with --journal",
        )

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether our tables are there; False for an empty file. Raises JournalError for anything else."""
        # Tables first: whoever makes a journal right now makes tables and mark in one transaction.
        has_tables = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if application == schema.APPLICATION:
            if version > schema.VERSION:
                raise JournalError(
                    f"journal '{self.path}' was written by a newer pipeforge"
                    f" (its schema is {version}, this version knows {schema.VERSION})",
                    "upgrade pipeforge, or name another file with --journal",
                )
            return bool(version)
        if has_tables:
            raise JournalError(
                f"'{self.path}' is a SQLite database, but not a journal of pipeforge",
                "name another file with --journal",
            )
        return False

    def _make_tables(self, connection: sqlite3.Connection) -> None:
        self._write_ahead(connection)
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Asked again: two processes may have come here together.
            if not self._is_ours(connection):
                for table in schema.TABLES:
                    connection.execute(table)
                connection.execute(f"PRAGMA application_id = {schema.APPLICATION}")
                connection.execute(f"PRAGMA user_version = {schema.VERSION}")
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        # SQLite does not always wait its turn when two connections switch the same file over.
        deadline = time.monotonic() + self._patience
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


def _primary(error: sqlite3.Error) -> int:
    """The kind of error, without what SQLite adds in the higher bits."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
