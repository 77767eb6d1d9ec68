"""The claims of runs as rows of a store: taken, given back, and freed when their run is found dead."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from pipeforge.journal import Claim, Wait, sql
from pipeforge.journal.claiming import Standing, State, obstacle
from pipeforge.journal.lease import lease_of
from pipeforge.journal.moments import Moment
from pipeforge.journal.rows import stamp
from pipeforge.journal.store import Session


def take(
    session: Session, run: str, token: int, claims: Sequence[Claim], *, force: bool = False
) -> Wait | None:
    """See `Writer.claim`. In a transaction, whose caller knows that the run's lease is live."""
    _lock(session)
    now = session.claims_now()
    if not force and all(_free_at_a_glance(session, run, claim) for claim in claims):
        for claim in claims:
            _add(session, run, token, claim, "held", now)
        return None
    standing = _standing(session, claims, now)
    wait = None if force else obstacle(standing, claims, run)
    for claim in claims:
        mine = next((one for one in standing if one.is_of(claim, run)), None)
        if mine is None:
            _add(session, run, token, claim, "held" if wait is None else "waiting", now)
        elif mine.state != "held" and wait is None:
            session.execute(sql.HAND_CLAIM, (token, stamp(datetime.now(UTC)), mine.number))
            session.execute(sql.SET_CLAIM, ("held", *_columns(now), mine.number))
    return wait


def give_back(session: Session, run: str, claims: Sequence[Claim]) -> None:
    """See `Writer.give_back`. In a transaction, whose caller knows that the run's lease is live."""
    _lock(session)
    for claim in claims:
        whose = (claim.resource, run, claim.place)
        if claim.window is None:
            session.execute(sql.DROP_PLACE, whose)
        else:
            session.execute(sql.END_START, (*_columns(session.claims_now()), *whose))
            session.execute(sql.LEAVE_LINE, whose)


def end(session: Session, run: str) -> None:
    """Nobody holds the run any more: its places are free, its starts were made now at the latest."""
    _lock(session)
    session.execute(sql.END_STARTS, (*_columns(session.claims_now()), run))
    session.execute(sql.DROP_CLAIMS, (run,))


def _lock(session: Session) -> None:
    # Runs are locked before, claims last: two transactions never wait for each other.
    if session.dialect.lock_claims:
        session.execute(session.dialect.lock_claims)


def _free_at_a_glance(session: Session, run: str, claim: Claim) -> bool:
    """Whether nobody else wants any of it, and all that is ours, whatever it is, leaves room.

    As mostly; then nothing needs to be known of those who hold places, which are many.
    """
    whose = (claim.resource, run)
    values = (*whose, *whose, claim.place, *whose, *whose)
    count, other = session.execute(sql.CLAIMS_AT_A_GLANCE, values).fetchone()
    return not other and count < claim.limit


def _add(session: Session, run: str, token: int, claim: Claim, state: State, now: Moment) -> None:
    since = stamp(datetime.now(UTC))
    row = (claim.resource, run, token, claim.place, claim.window, claim.lingers, state, since)
    session.execute(sql.INSERT_CLAIM, (*row, *_columns(now)))


def _standing(session: Session, claims: Iterable[Claim], now: Moment) -> list[Standing]:
    """What counts on these resources. What does no longer is removed on the way."""
    windows: dict[str, float] = {}
    for claim in claims:
        windows[claim.resource] = max(windows.get(claim.resource, 0.0), claim.window or 0.0)
    found, holders = [], _Holders(session.now())
    for resource, window in windows.items():
        for row in session.execute(sql.CLAIMS, (resource,)).fetchall():
            one = _kept(session, row, window, now, holders)
            if one is not None:
                found.append(one)
    return found


def _kept(
    session: Session, row: tuple[Any, ...], window: float, now: Moment, holders: "_Holders"
) -> Standing | None:
    """A row as a claim, unless it counts no more."""
    number, resource, run, place, win, lingers, state, since, boot, ticks, wall, *lease = row
    holder = holders.of(tuple(lease))
    live = bool(holder)
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
    when = datetime.fromisoformat(since)
    return Standing(number, resource, run, place, win, lingers, state, age, when, holder)


def _end(session: Session, number: int, counts: bool, now: Moment) -> None:
    """What still counts goes on to do so for a while; anything else is gone."""
    if counts:
        session.execute(sql.SET_CLAIM, ("over", *_columns(now), number))
    else:
        session.execute(sql.DROP_CLAIM, (number,))


class _Holders:
    """Who lives, asked once of each: a run may hold a thousand places."""

    def __init__(self, now: Moment) -> None:
        """`now` by the clock that leases go by."""
        self._now = now
        self._known: dict[tuple[Any, ...], str] = {}

    def of(self, columns: tuple[Any, ...]) -> str:
        """The holder of a lease for a person; empty when nobody has it, or its holder is gone."""
        known = self._known.get(columns)
        if known is None:
            lease = lease_of(columns)
            live = lease is not None and lease.live(self._now)
            known = self._known[columns] = str(lease.holder) if lease is not None and live else ""
        return known


def _columns(now: Moment) -> tuple[str, float, float]:
    return now.boot, now.ticks, now.wall
