"""Who holds a run, and whether others must keep off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pipeforge.errors import Busy, JournalError
from pipeforge.journal import sql
from pipeforge.journal.holder import Holder, gone, this_process
from pipeforge.journal.moments import Moment
from pipeforge.journal.store import Session

EXPIRY: Final = 30.0
"""Seconds without a beat after which anybody may take a run over. chosen: three beats."""
HEARTBEAT: Final = 10.0
"""Seconds between beats."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to append to a run, until somebody with a higher token takes it."""

    token: int
    holder: Holder
    since: datetime
    beat: Moment
    """The last sign of life, by the store's clock."""

    def live(self, now: Moment) -> bool:
        """Whether others must keep off: its process is not known to be gone and was heard of lately.

        A beat from far in the future says that a clock was set or clocks differ, not that anyone lives.
        """
        return not gone(self.holder) and abs(self.beat.until(now)) <= EXPIRY


def lease_of(columns: Iterable[Any]) -> Lease | None:
    """A lease from token, host, pid, born, boot, space, since, beat, ticks; None when there is none."""
    token, host, pid, born, boot, space, since, beat, ticks = columns
    if token is None:
        return None
    holder = Holder(host, pid, born, boot, space)
    return Lease(token, holder, datetime.fromisoformat(since), Moment(boot, ticks, beat))


def held(session: Session, run: str) -> Lease | None:
    """The lease of a run, live or not."""
    return lease_of(session.execute(sql.LEASE, (run,)).fetchone() or [None] * 9)


def take(session: Session, run: str, token: int, since: str) -> None:
    """Writes our lease with a new token; whoever held the run before can never append again."""
    us, now = this_process(), session.now()
    session.execute(sql.RAISE_FENCE, (token, run))
    holder = (us.host, us.pid, us.born, us.boot, us.space)
    session.execute(sql.TAKE_LEASE, (run, token, *holder, since, now.wall, now.ticks))


def lost(run: str) -> JournalError:
    """What a holder is told that finds its lease in other hands."""
    return JournalError(
        f"run '{run}' was taken over by another process while this one stalled: it can write no more",
        f"nothing to do here; see how the other one fares with: pipeforge show {run}",
    )


def busy(run: str, lease: Lease, now: Moment) -> Busy:
    """What a process is told that wants a run which another holds."""
    return Busy(
        f"run '{run}' is held by {lease.holder} since {lease.since.isoformat(timespec='seconds')}"
        f" (last heard of {max(0, round(lease.beat.until(now)))} s ago)",
        f"wait for it or stop that process; {EXPIRY:.0f} s after its last sign of life the run is free",
    )
