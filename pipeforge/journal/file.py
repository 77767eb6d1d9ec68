"""The journal's file: made when first written, told from other databases, its errors put into words."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from pipeforge.errors import JournalError
from pipeforge.journal import schema
from pipeforge.journal.logtail import cut

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


@contextmanager
def errors(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into ours: the file, the cause, the mend."""
    try:
        yield
    except sqlite3.Error as error:
        cause, hint = _CAUSES.get(primary(error), (str(error), "look at the file with the sqlite3 program"))
        raise JournalError(f"journal '{path}': {cause}", hint) from error


def connect(path: Path, patience: float) -> sqlite3.Connection:
    """One more connection to write with; raises sqlite3.Error."""
    connection = _open(path, "rw", patience)
    connection.execute("PRAGMA synchronous = FULL")
    # macOS: without it a flush stops at the disk's own cache.
    connection.execute("PRAGMA fullfsync = ON")
    return connection


def open_to_write(path: Path, patience: float) -> sqlite3.Connection:
    """A connection to write with; makes the file and its tables where there are none, or brings them up."""
    if not exists(path):
        _make_file(path)
    connection = connect(path, patience)
    try:
        if version(path, connection) < schema.VERSION:
            _bring_up(path, connection, patience)
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path, patience: float) -> sqlite3.Connection:
    """A connection to read with, also where nothing but the file may be read."""
    connection = _open(path, "rw", patience)
    try:
        connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        connection.close()
        # SQLite wants to write beside the file even to read it. Where it may not (a read-only folder),
        # the file alone is the whole truth as long as no write-ahead log lies there.
        barred = primary(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if not barred or path.with_name(path.name + "-wal").exists():
            raise
        connection = _open(path, "ro&immutable=1", patience)
    return connection


def _open(path: Path, mode: str, patience: float) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, timeout=patience, isolation_level=None, check_same_thread=False, uri=True)


def exists(path: Path) -> bool:
    """Whether there is a file. Raises JournalError for a folder, or where nobody may look."""
    try:
        if path.is_dir():
            raise JournalError(f"journal '{path}' is a directory", "name a file with --journal")
        return path.exists()
    except OSError as error:
        raise _unreachable(path, error) from error


def identity(path: Path) -> tuple[int, int]:
    """What tells the file from another of its name; zeros where there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def gone(path: Path) -> JournalError:
    """What a process is told whose journal was taken from under it: SQLite would go on writing to no name."""
    return JournalError(
        f"journal '{path}' was deleted, moved or replaced while this process used it:"
        " what is written now would be found by nobody",
        "put the file back where it was, with those beside it, and resume the run;"
        " if it is lost, look at the vendors' side before you run it again",
    )


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise _unreachable(path, error) from error


def _unreachable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"journal '{path}' cannot be made or reached: {(error.strerror or str(error)).lower()}",
        "make its folder writable, or name another file with --journal",
    )


def version(path: Path, connection: sqlite3.Connection) -> int:
    """Of our tables; 0 for an empty file. Raises JournalError for a newer one, and for what is not ours."""
    # Tables first: whoever makes a journal right now makes tables and mark in one transaction.
    has_tables = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application == schema.APPLICATION:
        if found > schema.VERSION:
            raise JournalError(
                f"journal '{path}' was written by a newer pipeforge"
                f" (its schema is {found}, this version knows {schema.VERSION})",
                "upgrade pipeforge, or name another file with --journal",
            )
        return found
    if has_tables:
        raise JournalError(
            f"'{path}' is a SQLite database, but not a journal of pipeforge",
            "name another file with --journal",
        )
    return 0


def _bring_up(path: Path, connection: sqlite3.Connection, patience: float) -> None:
    """To the newest tables in one transaction: a process that dies here leaves the old ones whole."""
    _write_ahead(connection, patience)
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again: two processes may have come here together.
        found = version(path, connection)
        if found < schema.VERSION:
            for step in schema.MIGRATIONS[found:]:
                for statement in step:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {schema.APPLICATION}")
            connection.execute(f"PRAGMA user_version = {schema.VERSION}")
        connection.execute("COMMIT")
    except BaseException as error:
        take_back(path, connection, error)
        raise


def _write_ahead(connection: sqlite3.Connection, patience: float) -> None:
    # SQLite does not always wait its turn when two connections switch the same file over.
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def take_back(path: Path, connection: sqlite3.Connection, error: BaseException) -> None:
    """Ends a transaction that failed. A full disk leaves half a frame in the log, which is taken off.

    Whoever finds one later could not tell it from a commit that was damaged since, and would have to doubt.
    """
    with suppress(sqlite3.Error, OSError):
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error) and primary(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            connection.execute("BEGIN IMMEDIATE")  # so that nobody writes meanwhile
            cut(path.with_name(f"{path.name}-wal"))
            connection.execute("ROLLBACK")


def primary(error: sqlite3.Error) -> int:
    """The kind of error, without what SQLite adds in the higher bits."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
