"""One PostgreSQL database as a store of rows: writing, reading and beats, over a connection each."""

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg

from pipeforge.errors import JournalError
from pipeforge.journal import Health, lease, sql
from pipeforge.journal.address import Server
from pipeforge.journal.committing import Crowded
from pipeforge.journal.postgres import schema
from pipeforge.journal.postgres.absence import Watch
from pipeforge.journal.postgres.link import READING, WRITING, Link, PostgresSession
from pipeforge.journal.store import Session

T = TypeVar("T")

_APART = 5.0
"""chosen: seconds that clocks may be apart before `doctor` mentions it. Nothing depends on it."""


class PostgresStore:
    """A `Store` in a database."""

    def __init__(self, server: Server, watch: Watch, window: float | None = None) -> None:
        """`watch` hears of a server that goes away.

        `window`: seconds to wait for a server that went away; None: as long as a lease lives."""

        def wait() -> float:
            return lease.EXPIRY if window is None else window

        self._name = str(server)
        self._there = False
        self._writing = Link(server, WRITING, self._bring_up, wait, watch)
        self._reading = Link(server, READING, self._refuse_newer, wait, watch)
        self._beating = Link(server, WRITING, self._refuse_newer, lambda: 0.0, watch)

    def __str__(self) -> str:
        return self._name

    def perform(self, work: Callable[[Session], T], *, wait: bool = True) -> T:
        """See `Store.perform`. Raises Crowded without `wait`: a server always keeps one waiting."""
        if not wait:
            raise Crowded
        return self._writing.perform(work)

    def look(self, work: Callable[[Session], T]) -> T | None:
        """See `Store.look`."""

        def ask(session: PostgresSession) -> T | None:
            self._there = self._there or session.execute(schema.THERE).fetchone() is not None
            return work(session) if self._there else None

        return self._reading.perform(ask)

    def beat(self, held: Sequence[tuple[str, int]]) -> None:
        """See `Store.beat`. One try: the next beat is not far."""

        def work(session: PostgresSession) -> None:
            now = session.now()
            session.executemany(sql.BEAT, [(now.wall, now.ticks, run, token) for run, token in held])

        self._beating.perform(work)

    def compact(self) -> int:
        """See `Store.compact`. The server does it by itself."""
        return 0

    def health(self) -> Sequence[Health]:
        """See `Store.health`."""
        try:
            found = self._reading.perform(_looked)
            count = self.look(lambda session: session.execute("SELECT count(*) FROM runs").fetchone()[0])
        except JournalError as error:
            return [Health("journal", "fail", error.message, error.hint)]
        server, version, read_only, apart = found
        told = f"'{self}' answers (PostgreSQL {server})"
        runs = "1 run" if count == 1 else f"{count} runs"
        runs = "it is made when the first run starts" if count is None else runs
        return [
            Health("journal", "ok", f"{told}, {runs}"),
            Health("journal schema", "ok", f"{version} of {schema.VERSION}"),
            Health("journal writing", "fail", "it may only be read", "name the primary server")
            if read_only
            else Health("journal writing", "ok", "it can be written to"),
            Health("journal clock", "ok" if abs(apart) < _APART else "warn", _told(apart)),
        ]

    def close(self) -> None:
        """See `Store.close`."""
        for link in (self._beating, self._reading, self._writing):
            link.close()

    def _refuse_newer(self, connection: psycopg.Connection[Any]) -> None:
        schema.version(connection, self._name)

    def _bring_up(self, connection: psycopg.Connection[Any]) -> None:
        if schema.version(connection, self._name) < schema.VERSION:
            connection.execute(WRITING)
            schema.bring_up(connection, self._name)
            connection.execute(b"COMMIT")


def _looked(session: PostgresSession) -> tuple[str, int, bool, float]:
    """The server's version, that of our tables, whether it may only be read, how far its clock is ahead."""
    before, there, after = time.time(), session.now().wall, time.time()
    apart = there - (before + after) / 2
    server = session.execute("SHOW server_version").fetchone()[0].split()[0]
    standby = session.execute("SELECT pg_is_in_recovery()").fetchone()[0]
    made = session.execute(schema.THERE).fetchone() is not None
    version = session.execute(schema.NUMBER).fetchone()[0] if made else 0
    return server, version, standby, apart


def _told(apart: float) -> str:
    if abs(apart) < _APART:
        return "the database's clock and this machine's agree"
    return (
        f"the database's clock is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} this machine's"
    )
