"""The journal in one SQLite file: the store that needs nothing set up."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pipeforge.errors import JournalError, UsageError
from pipeforge.journal import Health, Journal, schema, sql
from pipeforge.journal.database import PATIENCE, Database
from pipeforge.journal.disk import network
from pipeforge.journal.lease import HEARTBEAT
from pipeforge.journal.moments import Moment, Now, now
from pipeforge.journal.store import Dialect, Found, Session
from pipeforge.journal.stored import StoredJournal
from pipeforge.journal.taking import doubt_all

T = TypeVar("T")


def open_journal(location: str | Path) -> Journal:
    """The journal at a path. Nothing is touched before it is used, nothing made before a run starts.

    Raises UsageError for a location that is not a path.
    """
    if "://" in str(location):
        raise UsageError(f"journal '{location}' is not a path", "name a file, such as .pipeforge/journal.db")
    return SqliteJournal(Path(location))


class SqliteJournal(StoredJournal):
    """A `Journal` in one file."""

    def __init__(
        self, path: Path, *, patience: float = PATIENCE, heartbeat: float = HEARTBEAT, clock: Now = now
    ) -> None:
        """`patience`: seconds to wait for another program's lock; `heartbeat`: seconds between beats.

        `clock` tells when claims are made.
        """
        self._database = Database(
            path, patience, lambda connection: doubt_all(SqliteSession(connection, clock))
        )
        super().__init__(SqliteStore(self._database, clock), heartbeat)


class SqliteSession:
    """A `Session`: the transaction of one connection."""

    dialect: Dialect = schema.DIALECT
    again = False

    def __init__(self, connection: sqlite3.Connection, clock: Now) -> None:
        self._connection = connection
        self._clock = clock

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Found:
        """See `Session.execute`."""
        return self._connection.execute(statement, values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """See `Session.executemany`."""
        self._connection.executemany(statement, rows)

    def now(self) -> Moment:
        """By this machine's clocks: a file is used by one machine, or by none at a time."""
        return now()

    def claims_now(self) -> Moment:
        """See `Session.claims_now`."""
        return self._clock()


def _apart(path: Path) -> list[Health]:
    """What to say of a file on a disk that other machines see, too; nothing of any other."""
    kind = network(path)
    if not kind:
        return []
    told = f"'{path}' is on a network file system ({kind}): two machines that use it do not see each other"
    mend = "use it from one machine alone, or keep runs in a database: journal: postgresql://…"
    return [Health("journal disk", "warn", told, mend)]


class SqliteStore:
    """A `Store` in a file."""

    def __init__(self, database: Database, clock: Now) -> None:
        self._database = database
        self._clock = clock

    def __str__(self) -> str:
        return str(self._database.path)

    def perform(self, work: Callable[[Session], T], *, wait: bool = True) -> T:
        """See `Store.perform`."""
        with self._database.transaction(wait=wait) as connection:
            return work(SqliteSession(connection, self._clock))

    def look(self, work: Callable[[Session], T]) -> T | None:
        """See `Store.look`."""
        with self._database.reading() as connection:
            return None if connection is None else work(SqliteSession(connection, self._clock))

    def beat(self, held: Sequence[tuple[str, int]]) -> None:
        """See `Store.beat`. Over a connection of its own: it need not wait for whoever writes here."""
        with self._database.beside() as connection:
            moment = now()
            connection.execute("BEGIN IMMEDIATE")
            rows = [(moment.wall, moment.ticks, run, token) for run, token in held]
            connection.executemany(sql.BEAT, rows)
            connection.execute("COMMIT")

    def compact(self) -> int:
        """See `Store.compact`."""
        return self._database.compact()

    def health(self) -> Sequence[Health]:
        """See `Store.health`."""
        path = self._database.path
        try:
            with self._database.reading() as connection:
                if connection is None:
                    return [Health("journal", "ok", f"'{path}' is made when the first run starts")]
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                said = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
                count = connection.execute("SELECT count(*) FROM runs").fetchone()[0]
        except JournalError as error:
            return [Health("journal", "fail", error.message, error.hint)]
        whole = said == ["ok"]
        mend = "restore it from a copy, or move it away and look at the vendors' side before running again"
        runs = "1 run" if count == 1 else f"{count} runs"
        told = f"'{path}' reads well, {runs}" if whole else f"'{path}' is damaged: {'; '.join(said)}"
        old = version < schema.VERSION
        brought = f"{version}; it is brought to {schema.VERSION} when next written to"
        return [
            Health("journal", "ok" if whole else "fail", told, "" if whole else mend),
            Health("journal schema", "ok", brought if old else f"{version}, the newest"),
            *self._writing(),
            *_apart(path),
        ]

    def _writing(self) -> list[Health]:
        """Whether it can be written to; a transaction that changes nothing."""
        try:
            with self._database.trial():
                pass
        except JournalError as error:
            return [Health("journal writing", "fail", error.message, error.hint)]
        return [Health("journal writing", "ok", "it can be written to")]

    def close(self) -> None:
        """See `Store.close`."""
        self._database.close()
