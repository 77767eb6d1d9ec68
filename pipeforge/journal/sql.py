"""What the journal asks of a store that speaks SQL, in words that every such store knows."""

from typing import Final

INSERT_RUN: Final = """
    INSERT INTO runs (run, pipeline, context_time, again, started_at, timezone, fence)
    VALUES (?, ?, ?, ?, ?, ?, 1)
"""
TWIN: Final = "SELECT run, ended_at FROM runs WHERE pipeline = ? AND context_time = ? AND again = ?"
EXISTS: Final = "SELECT 1 FROM runs WHERE run = ?"
OPEN_RUNS: Final = "SELECT run FROM runs WHERE ended_at IS NULL"
END_RUN: Final = "UPDATE runs SET ended_at = ?, outcome = ? WHERE run = ?"

INSERT_EVENT: Final = "INSERT INTO events (run, seq, type, body, checksum) VALUES (?, ?, ?, ?, ?)"
CHECKSUM: Final = "SELECT checksum FROM events WHERE run = ? AND seq = ?"
CUT: Final = "DELETE FROM events WHERE run = ? AND seq > ?"

LEASE: Final = "SELECT token, host, pid, born, boot, space, since, beat, ticks FROM leases WHERE run = ?"
TAKE_LEASE: Final = """
    INSERT INTO leases (run, token, host, pid, born, boot, space, since, beat, ticks)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (run) DO UPDATE SET
      token = excluded.token, host = excluded.host, pid = excluded.pid, born = excluded.born,
      boot = excluded.boot, space = excluded.space, since = excluded.since, beat = excluded.beat,
      ticks = excluded.ticks
"""
RAISE_FENCE: Final = "UPDATE runs SET fence = ? WHERE run = ?"
BEAT: Final = "UPDATE leases SET beat = ?, ticks = ? WHERE run = ? AND token = ?"
DROP_LEASE: Final = "DELETE FROM leases WHERE run = ? AND token = ?"

# How many claims of ours there are on a resource, whether one is this place's, and whether others have any.
CLAIMS_AT_A_GLANCE: Final = """
    SELECT (SELECT count(*) FROM claims WHERE resource = ? AND run = ?),
           EXISTS (SELECT 1 FROM claims WHERE resource = ? AND run = ? AND place = ?)
           OR EXISTS (SELECT 1 FROM claims WHERE resource = ? AND run < ?)
           OR EXISTS (SELECT 1 FROM claims WHERE resource = ? AND run > ?)
"""
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
_OF_A_START: Final = "WHERE resource = ? AND run = ? AND place = ? AND win IS NOT NULL"
DROP_PLACE: Final = "DELETE FROM claims WHERE resource = ? AND run = ? AND place = ? AND win IS NULL"
LEAVE_LINE: Final = f"DELETE FROM claims {_OF_A_START} AND state = 'waiting'"  # noqa: S608
END_START: Final = f"""
    UPDATE claims SET state = 'over', boot = ?, ticks = ?, wall = ? {_OF_A_START} AND state = 'held'
"""  # noqa: S608
END_STARTS: Final = """
    UPDATE claims SET state = 'over', boot = ?, ticks = ?, wall = ?
    WHERE run = ? AND state = 'held' AND (win IS NOT NULL OR lingers > 0)
"""
DROP_CLAIMS: Final = "DELETE FROM claims WHERE run = ? AND state <> 'over'"

WISH: Final = "SELECT what, leaves, by, at FROM wishes WHERE run = ?"
SET_WISH: Final = """
    INSERT INTO wishes (run, what, leaves, by, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (run) DO UPDATE SET what = excluded.what, leaves = excluded.leaves,
                                    by = excluded.by, at = excluded.at
"""

_SUMMARY: Final = """
    SELECT r.run, r.pipeline, r.context_time, r.again, r.started_at, r.timezone, r.ended_at, r.outcome,
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


def without_zones(query: str) -> str:
    """One of these three, for a journal of a version whose runs had no time zone: all are told in UTC."""
    return query.replace("r.timezone", "'UTC'")


# A run that is not over is left alone, whatever is asked.
FORGET: Final = tuple(
    f"DELETE FROM {table} WHERE run IN (SELECT run FROM runs WHERE run = ? AND ended_at IS NOT NULL)"  # noqa: S608
    for table in ("events", "wishes")
)

# Everything from the prefix up to it followed by the last code point there is; a run's children, whose
# ids are its own with a dot and more, only where the prefix reaches that far.
BY_PREFIX: Final = """
    SELECT run FROM runs WHERE run >= ? AND run < ?
      AND substr(run, length(CAST(? AS TEXT)) + 1) NOT LIKE '%.%' ORDER BY id DESC LIMIT 5
"""
RECENT: Final = "SELECT run FROM runs ORDER BY id DESC LIMIT 500"
