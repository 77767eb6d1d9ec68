"""The claims of runs in the SQLite journal: taken, given back, and freed when their run is found dead."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

from pipeforge.journal import Claim, Wait, schema
from pipeforge.journal.claiming import Standing, obstacle
from pipeforge.journal.committing import Crowded, Stream
from pipeforge.journal.database import Database
from pipeforge.journal.grouping import SLOW
from pipeforge.journal.lease import lease_of, lost
from pipeforge.journal.moments import Moment, Now
from pipeforge.journal.rows import stamp

T = TypeVar("T")


def take(
    connection: sqlite3.Connection,
    run: str,
    token: int,
    claims: Sequence[Claim],
    now: Moment,
    *,
    force: bool = False,
) -> Wait | None:
    """See `Writer.claim`. In a transaction, whose caller knows that the run's lease is live."""
    standing = _standing(connection, claims, now)
    wait = None if force else obstacle(standing, claims, run)
    since = stamp(datetime.now(UTC))
    for claim in claims:
        mine = next((one for one in standing if one.is_of(claim, run)), None)
        if mine is None:
            state = "held" if wait is None else "waiting"
            row = (claim.resource, run, token, claim.place, claim.window, claim.lingers, state, since)
            connection.execute(schema.INSERT_CLAIM, (*row, *_columns(now)))
        elif mine.state != "held" and wait is None:
            connection.execute(schema.HAND_CLAIM, (token, since, mine.number))
            connection.execute(schema.SET_CLAIM, ("held", *_columns(now), mine.number))
    return wait


def give_back(connection: sqlite3.Connection, run: str, claims: Sequence[Claim], now: Moment) -> None:
    """See `Writer.give_back`. In a transaction."""
    standing = _standing(connection, claims, now)
    for one in standing:
        if any(one.is_of(claim, run) for claim in claims):
            _end(connection, one.number, one.window is not None and one.state == "held", now)


def end(connection: sqlite3.Connection, run: str, now: Moment) -> None:
    """Nobody holds the run any more: its places are free, its starts were made now at the latest."""
    connection.execute(schema.END_STARTS, (*_columns(now), run))
    connection.execute(schema.DROP_CLAIMS, (run,))


def _standing(connection: sqlite3.Connection, claims: Iterable[Claim], now: Moment) -> list[Standing]:
    """What counts on these resources. What does no longer is removed on the way."""
    windows: dict[str, float] = {}
    for claim in claims:
        windows[claim.resource] = max(windows.get(claim.resource, 0.0), claim.window or 0.0)
    found = []
    for resource, window in windows.items():
        for row in connection.execute(schema.CLAIMS, (resource,)).fetchall():
            one = _kept(connection, row, window, now)
            if one is not None:
                found.append(one)
    return found


def _kept(
    connection: sqlite3.Connection, row: tuple[Any, ...], window: float, now: Moment
) -> Standing | None:
    number, resource, run, place, win, lingers, state, since, boot, ticks, wall, *lease_columns = row
    lease = lease_of(lease_columns)
    live = lease is not None and lease.live()
    age = Moment(boot, ticks, wall).until(now)
    if state != "over" and not live:
        counts = state == "held" and (win is not None or lingers > 0)
        _end(connection, number, counts, now)
        if not counts:
            return None
        state, age = "over", 0.0
    elif state == "over" and age >= max(win or 0.0, lingers, window):
        connection.execute(schema.DROP_CLAIM, (number,))
        return None
    elif state == "over" and age < 0:
        # A clock was set back: it is not known how long ago this was, so it counts from now.
        _end(connection, number, True, now)
        age = 0.0
    holder = str(lease.holder) if lease is not None and live else ""
    when = datetime.fromisoformat(since)
    return Standing(number, resource, run, place, win, lingers, state, age, when, holder)


def _end(connection: sqlite3.Connection, number: int, counts: bool, now: Moment) -> None:
    """What still counts goes on to do so for a while; anything else is gone."""
    if counts:
        connection.execute(schema.SET_CLAIM, ("over", *_columns(now), number))
    else:
        connection.execute(schema.DROP_CLAIM, (number,))


def _columns(now: Moment) -> tuple[str, float, float]:
    return now.boot, now.ticks, now.wall


class Desk:
    """Where the writers of one journal claim and give back, each time in a transaction of its own."""

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now
        self._last_time = 0.0

    async def take(self, stream: Stream, claims: Sequence[Claim], *, force: bool) -> Wait | None:
        """See `Writer.claim`. Raises JournalError when the run was taken over."""

        def work(connection: sqlite3.Connection) -> Wait | None:
            # Asked here, so that nobody can take the run over in between.
            if not connection.execute(schema.HOLDS, (stream.run, stream.token)).fetchone():
                raise lost(stream.run)
            return take(connection, stream.run, stream.token, claims, self._now(), force=force)

        return await self._done(work)

    async def give_back(self, stream: Stream, claims: Sequence[Claim]) -> None:
        """See `Writer.give_back`. Does nothing when the run was taken over: then they are given back."""

        def work(connection: sqlite3.Connection) -> None:
            if connection.execute(schema.HOLDS, (stream.run, stream.token)).fetchone():
                give_back(connection, stream.run, claims, self._now())

        await self._done(work)

    async def _done(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """In the event loop's thread while the disk is quick and nobody else is writing: that is cheapest."""
        if self._last_time <= SLOW:
            with suppress(Crowded):
                return self._timed(work, wait=False)
        return await asyncio.to_thread(self._timed, work, wait=True)

    def _timed(self, work: Callable[[sqlite3.Connection], T], *, wait: bool) -> T:
        began = time.perf_counter()
        with self._database.transaction(wait=wait) as connection:
            done = work(connection)
        self._last_time = time.perf_counter() - began
        return done
