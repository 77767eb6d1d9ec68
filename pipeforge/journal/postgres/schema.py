"""The tables of the PostgreSQL journal, what PostgreSQL words in its own way, and how tables come to be."""

from typing import Any, Final

import psycopg

from pipeforge.errors import JournalError
from pipeforge.journal.store import Dialect

SCHEMA: Final = "pipeforge"
"""Where all our tables lie: nothing else of the database is touched."""

# Instants are text in UTC as in the SQLite journal, by the same code; "C" compares text by its bytes.
_FIRST: Final = (
    # `id` gives the order in which runs were started, whatever the clock said.
    # `fence` counts how often the run's lease was taken: the number of the newest holder.
    """
    CREATE TABLE runs (
      id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      run          text COLLATE "C" NOT NULL UNIQUE,
      pipeline     text COLLATE "C" NOT NULL,
      context_time text COLLATE "C" NOT NULL,
      again        integer NOT NULL,
      started_at   text COLLATE "C" NOT NULL,
      ended_at     text COLLATE "C",
      outcome      text,
      fence        bigint NOT NULL DEFAULT 0,
      UNIQUE (pipeline, context_time, again)
    )
    """,
    # `checksum` is the CRC-32 of run, seq, type and body: see rows.py.
    """
    CREATE TABLE events (
      run      text COLLATE "C" NOT NULL,
      seq      bigint NOT NULL,
      type     text NOT NULL,
      body     text NOT NULL,
      checksum bigint NOT NULL,
      PRIMARY KEY (run, seq)
    )
    """,
    # One row per held run. `beat` is the last sign of life by the server's own clock, in seconds since 1970;
    # `ticks` is of no use here.
    """
    CREATE TABLE leases (
      run   text COLLATE "C" PRIMARY KEY,
      token bigint NOT NULL,
      host  text NOT NULL,
      pid   bigint NOT NULL,
      born  text NOT NULL,
      boot  text NOT NULL,
      space text NOT NULL,
      since text NOT NULL,
      beat  double precision NOT NULL,
      ticks double precision NOT NULL
    )
    """,
    # What runs share: see claiming.py. `wall` is when the state began by the server's clock; `boot` is empty.
    """
    CREATE TABLE claims (
      id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      resource text COLLATE "C" NOT NULL,
      run      text COLLATE "C" NOT NULL,
      token    bigint NOT NULL,
      place    text COLLATE "C" NOT NULL,
      win      double precision,
      lingers  double precision NOT NULL,
      state    text NOT NULL,
      since    text NOT NULL,
      boot     text NOT NULL,
      ticks    double precision NOT NULL,
      wall     double precision NOT NULL
    )
    """,
    "CREATE INDEX claims_in_line ON claims (resource, run, place)",
    # What a person asked of a run from outside.
    """
    CREATE TABLE wishes (
      run    text COLLATE "C" PRIMARY KEY,
      what   text NOT NULL,
      leaves integer NOT NULL,
      by     text NOT NULL,
      at     text NOT NULL
    )
    """,
)

# In which zone the times of a run are told to people.
_ZONES: Final = ("ALTER TABLE runs ADD COLUMN timezone text NOT NULL DEFAULT 'UTC'",)

MIGRATIONS: Final = (_FIRST, _ZONES)
"""What leads from each version to the next; never changed once published, only added to."""

VERSION: Final = len(MIGRATIONS)
"""A journal with a lower one is brought up when it is next written to, one with a higher one is refused."""

DIALECT: Final = Dialect(
    run="SELECT ended_at, outcome, fence FROM runs WHERE run = ? FOR NO KEY UPDATE",
    # The fence is looked at again after waiting for somebody who takes the run over, the lease is not: only
    # the fence can tell. That there is a lease at all is for its own holder to change.
    holds="""
        SELECT 1 FROM runs r WHERE r.run = ? AND r.fence = ?
          AND EXISTS (SELECT 1 FROM leases l WHERE l.run = r.run AND l.token = r.fence)
        FOR NO KEY UPDATE OF r
    """,
    events="""
        SELECT seq, convert_to(type, 'UTF8'), convert_to(body, 'UTF8'), checksum
        FROM events WHERE run = ? AND seq > ? ORDER BY seq
    """,
    knows_zones="""
        SELECT 1 FROM pg_attribute
        WHERE attrelid = to_regclass('pipeforge.runs') AND attname = 'timezone' AND NOT attisdropped
    """,
    lock_claims="SELECT pg_advisory_xact_lock(1346783793, 1)",
)

THERE: Final = "SELECT 1 WHERE to_regclass('pipeforge.version') IS NOT NULL"
NUMBER: Final = "SELECT coalesce(max(version), 0) FROM pipeforge.version"
"""Of our tables."""

_MAKING: Final = "SELECT pg_advisory_xact_lock(1346783793, 0)"
"""One process at a time makes tables. The first number is "PFJ1", so that others' locks are not ours."""


# One question: between two of them another process may make its tables. And not by to_regclass, which may
# answer from what it knew before it waited for the lock.
_TABLES: Final = b"""
    SELECT count(*), count(*) FILTER (WHERE c.relname = 'version')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'pipeforge'
"""


def version(connection: psycopg.Connection[Any], name: str) -> int:
    """Of our tables; 0 while there are none. Raises JournalError for a newer one, and where others' are."""
    tables, ours = connection.execute(_TABLES).fetchone() or (0, 0)
    if not ours:
        if tables:
            raise JournalError(
                f"schema '{SCHEMA}' of journal '{name}' has tables, but is not a journal of pipeforge",
                "name another database with --journal",
            )
        return 0
    row = connection.execute(NUMBER.encode()).fetchone()
    found = int(row[0]) if row else 0
    if found > VERSION:
        raise JournalError(
            f"journal '{name}' was written by a newer pipeforge"
            f" (its schema is {found}, this version knows {VERSION})",
            "upgrade pipeforge, or name another database with --journal",
        )
    return found


def bring_up(connection: psycopg.Connection[Any], name: str) -> None:
    """To the newest tables, in the transaction that is open. Raises JournalError."""
    connection.execute(_MAKING.encode())
    # Asked again: two processes may have come here together.
    found = version(connection, name)
    if found == 0:
        _refuse_encoding(connection, name)
        if not connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'pipeforge'").fetchone():
            connection.execute("CREATE SCHEMA pipeforge")
        connection.execute("SET LOCAL search_path = pipeforge")
        connection.execute("CREATE TABLE version (version integer PRIMARY KEY, since timestamptz NOT NULL)")
    for number, step in enumerate(MIGRATIONS[found:], found + 1):
        for statement in step:
            connection.execute(statement.encode())
        connection.execute("INSERT INTO version VALUES (%s, now())", (number,))


def _refuse_encoding(connection: psycopg.Connection[Any], name: str) -> None:
    row = connection.execute("SHOW server_encoding").fetchone()
    if row and row[0] != "UTF8":
        raise JournalError(
            f"the database of journal '{name}' keeps text as {row[0]}, which has no room for every character",
            "make one by: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
        )
