"""One connection to a PostgreSQL server: opened when needed, and anew when it broke."""

import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Final, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pipeforge.errors import JournalError
from pipeforge.journal.address import Server
from pipeforge.journal.moments import Moment
from pipeforge.journal.postgres import troubles
from pipeforge.journal.postgres.absence import Watch
from pipeforge.journal.postgres.schema import DIALECT
from pipeforge.journal.store import Dialect, Found

T = TypeVar("T")

_SETTINGS: Final[dict[str, str | int]] = {
    "connect_timeout": 10,
    # A server that vanished without a word is noticed within about 20 s. chosen: less than a lease lives.
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "fallback_application_name": "pipeforge",
}
"""What holds where the address says nothing."""

_TRANSACTION: Final = """
    BEGIN ISOLATION LEVEL READ COMMITTED {mode};
    SET LOCAL search_path = pipeforge;
    SET LOCAL lock_timeout = '10s';
    SET LOCAL idle_in_transaction_session_timeout = '5s';
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'
"""
# In each transaction, so that a pooler may hand out another connection for the next one. What a process that
# vanished has begun is ended by the server itself (chosen: well before others give up waiting for its locks).
# The last: what an append returned for is on disk, whatever the database is set to.
WRITING: Final = _TRANSACTION.format(mode="READ WRITE").encode()
READING: Final = _TRANSACTION.format(mode="READ ONLY").encode()

_OFTEN: Final = 20
"""Tries of a transaction that others get in the way of. chosen: far more than ever come together."""


class PostgresSession:
    """A `Session`: one transaction over a connection."""

    def __init__(self, connection: psycopg.Connection[Any], *, again: bool = False) -> None:
        self.again = again
        self.ending = False
        """Whether COMMIT is on its way: from then on it cannot be known what became of it."""
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        """See `Session.dialect`."""
        return DIALECT

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Found:
        """See `Session.execute`."""
        return self._connection.execute(_spoken(statement), values, binary=True)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """See `Session.executemany`."""
        given = list(rows)
        if len(given) > 1:
            with self._connection.cursor() as cursor:
                cursor.executemany(_spoken(statement), given[:-1])
        # One alone at the end: after a pipeline the server does not count how long a session is idle.
        for one in given[-1:]:
            self.execute(statement, one)

    def now(self) -> Moment:
        """By the server's clock: those of the machines that use it are never compared."""
        row = self._connection.execute(b"SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
        assert row is not None
        return Moment(boot="", ticks=0.0, wall=row[0])

    claims_now = now


class Link:
    """One connection; one thread at a time uses it."""

    def __init__(
        self,
        server: Server,
        begin: bytes,
        check: Callable[[psycopg.Connection[Any]], None],
        window: Callable[[], float],
        watch: Watch,
    ) -> None:
        """`begin`: how transactions begin; `check`: what is made sure of on each new connection.

        `window`: seconds for which a connection that broke is tried to be had back, of which `watch` hears.
        """
        self._server = server
        self._begin = begin
        self._check = check
        self._window = window
        self._watch = watch
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._was_there = False
        self._gave_up = False

    def perform(self, work: Callable[[PostgresSession], T]) -> T:
        """See `Store.perform`. Waits for a server that went away, while the window is open."""
        with self._lock:
            again, tries, deadline = False, 0, 0.0
            while True:
                tries += 1
                session = None
                try:
                    session = PostgresSession(self._open(), again=again)
                    result = self._done(session, work)
                    self._watch.met()
                    return result
                except psycopg.Error as error:
                    again = again or (session is not None and session.ending)
                    if error.sqlstate in troubles.REPEATED and tries < _OFTEN:
                        time.sleep(random.uniform(0, 0.005 * tries))  # noqa: S311
                        continue
                    deadline = deadline or time.monotonic() + self._patience()
                    if not troubles.passes(error) or time.monotonic() >= deadline:
                        self._gave_up = True
                        raise troubles.told(error, str(self._server), was_there=self._was_there) from None
                    self._watch.missed()
                    time.sleep(min(0.5, 0.02 * 2 ** min(tries, 10)))

    def close(self) -> None:
        """Closes the connection; the next use opens it again."""
        with self._lock:
            self._drop()

    def _patience(self) -> float:
        return self._window() if self._was_there and not self._gave_up else 0.0

    def _open(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            connection = connect(self._server)
            try:
                self._check(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
            self._was_there, self._gave_up = True, False
        return self._connection

    def _done(self, session: PostgresSession, work: Callable[[PostgresSession], T]) -> T:
        assert self._connection is not None
        connection = self._connection
        try:
            connection.execute(self._begin)
            result = work(session)
            session.ending = True
            connection.execute(b"COMMIT")
        except BaseException:
            self._back_out(connection)
            raise
        return result

    def _back_out(self, connection: psycopg.Connection[Any]) -> None:
        with suppress(psycopg.Error):
            connection.execute(b"ROLLBACK")
            return
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None


def connect(server: Server) -> psycopg.Connection[Any]:
    """A new connection. Raises psycopg.Error, which is for `troubles` to tell; JournalError."""
    given = conninfo_to_dict(server.url)
    settings = {name: value for name, value in _SETTINGS.items() if name not in given}
    # Nothing is prepared: a pooler may hand out another connection for each transaction.
    connection: psycopg.Connection[Any] = psycopg.connect(
        make_conninfo(server.url, client_encoding="UTF8", **settings), autocommit=True, prepare_threshold=None
    )
    if connection.info.server_version < 120_000:
        connection.close()
        raise JournalError(
            f"journal '{server}' is on a server of version {connection.info.server_version // 10_000}",
            "pipeforge needs PostgreSQL 12 or newer",
        )
    return connection


@cache
def _spoken(statement: str) -> bytes:
    return statement.replace("%", "%%").replace("?", "%s").encode()
