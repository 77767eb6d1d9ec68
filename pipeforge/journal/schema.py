"""The tables of the SQLite journal, and what SQLite words in its own way."""

from typing import Final

from pipeforge.journal.store import Dialect

APPLICATION: Final = 0x50464A31
"""Marks the file as ours (`PRAGMA application_id`): "PFJ1"."""

# Instants are text in UTC, always with microseconds, so that they compare as text and read well.
_FIRST: Final = (
    # `id` gives the order in which runs were started, whatever the clock said.
    # `fence` counts how often the run's lease was taken: the number of the newest holder.
    """
    CREATE TABLE runs (
      id           INTEGER PRIMARY KEY,
      run          TEXT NOT NULL UNIQUE,
      pipeline     TEXT NOT NULL,
      context_time TEXT NOT NULL,
      again        INTEGER NOT NULL,
      started_at   TEXT NOT NULL,
      ended_at     TEXT,
      outcome      TEXT,
      fence        INTEGER NOT NULL DEFAULT 0,
      UNIQUE (pipeline, context_time, again)
    )
    """,
    # Without rowid: the rows of a run lie side by side, and one append touches one tree.
    # `checksum` is the CRC-32 of run, seq, type and body: see rows.py.
    """
    CREATE TABLE events (
      run      TEXT NOT NULL,
      seq      INTEGER NOT NULL,
      type     TEXT NOT NULL,
      body     TEXT NOT NULL,
      checksum INTEGER NOT NULL,
      PRIMARY KEY (run, seq)
    ) WITHOUT ROWID
    """,
    # One row per held run. `born`, `boot` and `space` tell a process from a later one with the same number;
    # `ticks` is the beat on the monotonic clock of that boot: see lease.py.
    """
    CREATE TABLE leases (
      run   TEXT PRIMARY KEY,
      token INTEGER NOT NULL,
      host  TEXT NOT NULL,
      pid   INTEGER NOT NULL,
      born  TEXT NOT NULL,
      boot  TEXT NOT NULL,
      space TEXT NOT NULL,
      since TEXT NOT NULL,
      beat  REAL NOT NULL,
      ticks REAL NOT NULL
    ) WITHOUT ROWID
    """,
)

# What runs share: places held, starts that count, and the line before them. See claiming.py.
_CLAIMS: Final = (
    # `id` is the order of the line. `win` is null for a place that is held until it is given back, else the
    # seconds that a start counts; `lingers`: how long a place outlives its run. `boot`, `ticks` and `wall`
    # tell when the state began: see moments.py.
    """
    CREATE TABLE claims (
      id       INTEGER PRIMARY KEY,
      resource TEXT NOT NULL,
      run      TEXT NOT NULL,
      token    INTEGER NOT NULL,
      place    TEXT NOT NULL,
      win      REAL,
      lingers  REAL NOT NULL,
      state    TEXT NOT NULL,
      since    TEXT NOT NULL,
      boot     TEXT NOT NULL,
      ticks    REAL NOT NULL,
      wall     REAL NOT NULL
    )
    """,
    "CREATE INDEX claims_of_resource ON claims (resource)",
    "CREATE INDEX claims_of_run ON claims (run)",
)

# What a person asked of a run from outside: at most one thing. It stays until the run's events are dropped.
_WISHES: Final = (
    """
    CREATE TABLE wishes (
      run    TEXT PRIMARY KEY,
      what   TEXT NOT NULL,
      leaves INTEGER NOT NULL,
      by     TEXT NOT NULL,
      at     TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)

# One index that answers all questions to claims, where two had to be kept up.
_LINE: Final = (
    "DROP INDEX claims_of_resource",
    "DROP INDEX claims_of_run",
    "CREATE INDEX claims_in_line ON claims (resource, run, place)",
)

# In which zone the times of a run are told to people.
_ZONES: Final = ("ALTER TABLE runs ADD COLUMN timezone TEXT NOT NULL DEFAULT 'UTC'",)

MIGRATIONS: Final = (_FIRST, _CLAIMS, _WISHES, _LINE, _ZONES)
"""What leads from each version to the next; never changed once published, only added to."""

VERSION: Final = len(MIGRATIONS)
"""Of the tables above (`PRAGMA user_version`). A journal with a lower one is brought up when it is next
written to, one with a higher one is refused."""

DIALECT: Final = Dialect(
    run="SELECT ended_at, outcome, fence FROM runs WHERE run = ?",
    holds="SELECT 1 FROM leases WHERE run = ? AND token = ?",
    # As blobs: a flipped bit may leave text that is no longer UTF-8, which must not stop the reading.
    events="""
        SELECT seq, CAST(type AS BLOB), CAST(body AS BLOB), checksum FROM events
        WHERE run = ? AND seq > ? ORDER BY seq
    """,
    knows_wishes="SELECT 1 FROM sqlite_master WHERE name = 'wishes'",
    knows_zones="SELECT 1 FROM pragma_table_info('runs') WHERE name = 'timezone'",
)
