"""The claims of runs as rows of a store: taken, given back, and freed when their run is found dead."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

from pipeforge.journal import Claim, Wait, sql
from pipeforge.journal.claiming import Standing, obstacle
from pipeforge.journal.committing import Crowded, Stream
from pipeforge.journal.grouping import SLOW
from pipeforge.journal.lease import lease_of, lost
from pipeforge.journal.moments import Moment
from pipeforge.journal.rows import stamp
from pipeforge.journal.store import Session, Store

T = TypeVar("T")


def take(
    session: Session, run: str, token: int, claims: Sequence[Claim], *, force: bool = False
) -> Wait | None:
    """See `Writer.claim`. In a transaction, whose caller knows that the run's lease is live."""
    _lock(session)
    now = session.claims_now()
    standing = _standing(session, claims, now)
    wait = None if force else obstacle(standing, claims, run)
    since = stamp(datetime.now(UTC))
    for claim in claims:
        mine = next((one for one in standing if one.is_of(claim, run)), None)
        if mine is None:
            state = "held" if wait is None else "waiting"
            row = (claim.resource, run, token, claim.place, claim.window, claim.lingers, state, since)
            session.execute(sql.INSERT_CLAIM, (*row, *_columns(now)))
        elif mine.state != "held" and wait is None:
            session.execute(sql.HAND_CLAIM, (token, since, mine.number))
            session.execute(sql.SET_CLAIM, ("held", *_columns(now), mine.number))
    return wait


def give_back(session: Session, run: str, claims: Sequence[Claim]) -> None:
    """See `Writer.give_back`. In a transaction."""
    _lock(session)
    now = session.claims_now()
    for one in _standing(session, claims, now):
        if any(one.is_of(claim, run) for claim in claims):
            _end(session, one.number, one.window is not None and one.state == "held", now)


def end(session: Session, run: str) -> None:
    """Nobody holds the run any more: its places are free, its starts were made now at the latest."""
    _lock(session)
    session.execute(sql.END_STARTS, (*_columns(session.claims_now()), run))
    session.execute(sql.DROP_CLAIMS, (run,))


def _lock(session: Session) -> None:
    # Runs are locked before, claims last: two transactions never wait for each other.
    if session.dialect.lock_claims:
        session.execute(session.dialect.lock_claims)


def _standing(session: Session, claims: Iterable[Claim], now: Moment) -> list[Standing]:
    """What counts on these resources. What does no longer is removed on the way."""
    windows: dict[str, float] = {}
    for claim in claims:
        windows[claim.resource] = max(windows.get(claim.resource, 0.0), claim.window or 0.0)
    found, alive = [], session.now()
    for resource, window in windows.items():
        for row in session.execute(sql.CLAIMS, (resource,)).fetchall():
            one = _kept(session, row, window, now, alive)
            if one is not None:
                found.append(one)
    return found


def _kept(
    session: Session, row: tuple[Any, ...], window: float, now: Moment, alive: Moment
) -> Standing | None:
    """A row as a claim, unless it counts no more. `alive`: now, by the clock that leases go by."""
    number, resource, run, place, win, lingers, state, since, boot, ticks, wall, *lease_columns = row
    lease = lease_of(lease_columns)
    live = lease is not None and lease.live(alive)
    age = Moment(boot, ticks, wall).until(now)
    if state != "over" and not live:
        counts = state == "held" and (win is not None or lingers > 0)
        _end(session, number, counts, now)
        if not counts:
            return None
        state, age = "over", 0.0
    elif state == "over" and age >= max(win or 0.0, lingers, window):
        session.execute(sql.DROP_CLAIM, (number,))
        return None
    elif state == "over" and age < 0:
        # A clock was set back: it is not known how long ago this was, so it counts from now.
        _end(session, number, True, now)
        age = 0.0
    holder = str(lease.holder) if lease is not None and live else ""
    when = datetime.fromisoformat(since)
    return Standing(number, resource, run, place, win, lingers, state, age, when, holder)


def _end(session: Session, number: int, counts: bool, now: Moment) -> None:
    """What still counts goes on to do so for a while; anything else is gone."""
    if counts:
        session.execute(sql.SET_CLAIM, ("over", *_columns(now), number))
    else:
        session.execute(sql.DROP_CLAIM, (number,))


def _columns(now: Moment) -> tuple[str, float, float]:
    return now.boot, now.ticks, now.wall


class Desk:
    """Where the writers of one journal claim and give back, each time in a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last_time = 0.0

    async def take(self, stream: Stream, claims: Sequence[Claim], *, force: bool) -> Wait | None:
        """See `Writer.claim`. Raises JournalError when the run was taken over."""

        def work(session: Session) -> Wait | None:
            # Asked here, so that nobody can take the run over in between.
            if not session.execute(session.dialect.holds, (stream.run, stream.token)).fetchone():
                raise lost(stream.run)
            return take(session, stream.run, stream.token, claims, force=force)

        return await self._done(work)

    async def give_back(self, stream: Stream, claims: Sequence[Claim]) -> None:
        """See `Writer.give_back`. Does nothing when the run was taken over: then they are given back."""

        def work(session: Session) -> None:
            if session.execute(session.dialect.holds, (stream.run, stream.token)).fetchone():
                give_back(session, stream.run, claims)

        await self._done(work)

    async def _done(self, work: Callable[[Session], T]) -> T:
        """In the event loop's thread while the disk is quick and nobody else is writing: that is cheapest."""
        if self._last_time <= SLOW:
            with suppress(Crowded):
                return self._timed(work, wait=False)
        return await asyncio.to_thread(self._timed, work, wait=True)

    def _timed(self, work: Callable[[Session], T], *, wait: bool) -> T:
        began = time.perf_counter()
        done = self._store.perform(work, wait=wait)
        self._last_time = time.perf_counter() - began
        return done
