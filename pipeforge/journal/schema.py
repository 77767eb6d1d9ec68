"""All the SQL of the SQLite journal, in one place."""

from typing import Final

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

MIGRATIONS: Final = (_FIRST, _CLAIMS, _WISHES)
"""What leads from each version to the next; never changed once published, only added to."""

VERSION: Final = len(MIGRATIONS)
"""Of the tables above (`PRAGMA user_version`). A journal with a lower one is brought up when it is next
written to, one with a higher one is refused."""

INSERT_RUN: Final = """
    INSERT INTO runs (run, pipeline, context_time, again, started_at, fence) VALUES (?, ?, ?, ?, ?, 1)
"""
TWIN: Final = "SELECT run, ended_at FROM runs WHERE pipeline = ? AND context_time = ? AND again = ?"
RUN: Final = "SELECT ended_at, outcome, fence FROM runs WHERE run = ?"
END_RUN: Final = "UPDATE runs SET ended_at = ?, outcome = ? WHERE run = ?"

INSERT_EVENT: Final = "INSERT INTO events (run, seq, type, body, checksum) VALUES (?, ?, ?, ?, ?)"
# As blobs: a flipped bit may leave text that is no longer UTF-8, which must not stop the reading.
EVENTS: Final = """
    SELECT seq, CAST(type AS BLOB), CAST(body AS BLOB), checksum FROM events
    WHERE run = ? AND seq > ? ORDER BY seq
"""
CUT: Final = "DELETE FROM events WHERE run = ? AND seq > ?"

LEASE: Final = "SELECT token, host, pid, born, boot, space, since, beat, ticks FROM leases WHERE run = ?"
TAKE_LEASE: Final = """
    INSERT OR REPLACE INTO leases (run, token, host, pid, born, boot, space, since, beat, ticks)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
RAISE_FENCE: Final = "UPDATE runs SET fence = ? WHERE run = ?"
HOLDS: Final = "SELECT 1 FROM leases WHERE run = ? AND token = ?"
BEAT: Final = "UPDATE leases SET beat = ?, ticks = ? WHERE run = ? AND token = ?"
DROP_LEASE: Final = "DELETE FROM leases WHERE run = ? AND token = ?"

CLAIMS: Final = """
    SELECT c.id, c.resource, c.run, c.place, c.win, c.lingers, c.state, c.since, c.boot, c.ticks, c.wall,
           l.token, l.host, l.pid, l.born, l.boot, l.space, l.since, l.beat, l.ticks
    FROM claims c LEFT JOIN leases l ON l.run = c.run AND l.token = c.token
    WHERE c.resource = ? ORDER BY c.id
"""
INSERT_CLAIM: Final = """
    INSERT INTO claims (resource, run, token, place, win, lingers, state, since, boot, ticks, wall)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
SET_CLAIM: Final = "UPDATE claims SET state = ?, boot = ?, ticks = ?, wall = ? WHERE id = ?"
HAND_CLAIM: Final = "UPDATE claims SET token = ?, since = ? WHERE id = ?"
DROP_CLAIM: Final = "DELETE FROM claims WHERE id = ?"
END_STARTS: Final = """
    UPDATE claims SET state = 'over', boot = ?, ticks = ?, wall = ?
    WHERE run = ? AND state = 'held' AND (win IS NOT NULL OR lingers > 0)
"""
DROP_CLAIMS: Final = "DELETE FROM claims WHERE run = ? AND state <> 'over'"

KNOWS_WISHES: Final = "SELECT 1 FROM sqlite_master WHERE name = 'wishes'"
WISH: Final = "SELECT what, leaves, by, at FROM wishes WHERE run = ?"
SET_WISH: Final = """
    INSERT INTO wishes (run, what, leaves, by, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (run) DO UPDATE SET what = excluded.what, leaves = excluded.leaves,
                                    by = excluded.by, at = excluded.at
"""

_SUMMARY: Final = """
    SELECT r.run, r.pipeline, r.context_time, r.again, r.started_at, r.ended_at, r.outcome,
           r.ended_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events e WHERE e.run = r.run),
           l.token, l.host, l.pid, l.born, l.boot, l.space, l.since, l.beat, l.ticks
    FROM runs r LEFT JOIN leases l ON l.run = r.run
"""
NEWEST: Final = (
    _SUMMARY
    + """WHERE (CAST(? AS TEXT) IS NULL OR r.pipeline = ?) AND r.started_at >= ? AND r.started_at < ?
         ORDER BY r.id DESC LIMIT ?"""
)
FIND: Final = _SUMMARY + "WHERE r.pipeline = ? AND r.context_time = ? ORDER BY r.id"
ONE: Final = _SUMMARY + "WHERE r.run = ?"

# A run that is not over is left alone, whatever is asked.
FORGET: Final = tuple(
    f"DELETE FROM {table} WHERE run IN (SELECT run FROM runs WHERE run = ? AND ended_at IS NOT NULL)"  # noqa: S608
    for table in ("events", "wishes")
)

# Everything from the prefix up to it followed by the last code point there is; a run's children, whose
# ids are its own with a dot and more, only where the prefix reaches that far.
BY_PREFIX: Final = (
    "SELECT run FROM runs WHERE run >= ?1 AND run < ?1 || char(1114111)"
    " AND instr(substr(run, length(?1) + 1), '.') = 0 ORDER BY id DESC LIMIT 5"
)
RECENT: Final = "SELECT run FROM runs ORDER BY id DESC LIMIT 500"
