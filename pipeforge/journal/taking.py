"""How a run comes into the hands of a process: begun, or taken up where another left it."""

from contextlib import suppress
from datetime import UTC, datetime

from pipeforge.engine.events import RunStarted, TailLost
from pipeforge.errors import JournalError, RunEnded, UsageError
from pipeforge.journal import Claim, Taken, places, sql
from pipeforge.journal.committing import Stream
from pipeforge.journal.holder import this_process
from pipeforge.journal.lease import Lease, busy, held, take
from pipeforge.journal.rows import row, sound, stamp
from pipeforge.journal.store import Session


def begin(session: Session, started: RunStarted, claim: Claim | None, at: datetime) -> Stream:
    """See `Journal.start`. `at`: when the lease is taken, the same in each try."""
    run = started.run
    if session.again and _is_ours(held(session, run), at):
        return Stream(run, token=1, seq=2)
    identity = (started.pipeline, stamp(started.context_time), started.again)
    if twin := session.execute(sql.TWIN, identity).fetchone():
        raise _ran_already(started, *twin)
    if session.execute(sql.EXISTS, (run,)).fetchone():
        raise UsageError(f"there is a run '{run}' already", "give the new run another id")
    session.execute(sql.INSERT_RUN, (run, *identity, stamp(started.at), started.timezone))
    session.execute(sql.INSERT_EVENT, row(run, 1, started))
    take(session, run, 1, stamp(at))
    if claim and (wait := places.take(session, run, 1, [claim])):
        raise Taken(wait)
    return Stream(run, token=1, seq=2)


def take_up(session: Session, run: str, at: datetime) -> Stream:
    """See `Journal.open`, of a run that exists. `at`: when the lease is taken, the same in each try."""
    ended_at, outcome, fence = session.execute(session.dialect.run, (run,)).fetchone()
    if ended_at is not None:
        raise ended(run, ended_at, outcome)
    lease = held(session, run)
    ours = session.again and _is_ours(lease, at)
    if lease is not None and not ours and lease.live(now := session.now()):
        raise busy(run, lease, now)
    whole = sum(1 for _ in sound(run, session.execute(session.dialect.events, (run, 0))))
    if ours:
        return Stream(run, token=fence, seq=whole + 1)
    if lost := session.execute(sql.CUT, (run, whole)).rowcount:
        whole += 1
        _doubt(session, run, whole, lost)
    take(session, run, fence + 1, stamp(at))
    places.end(session, run)  # of whoever held it before
    return Stream(run, token=fence + 1, seq=whole + 1)


def doubt_all(session: Session) -> int:
    """Tells every run that no living process holds that its newest events may be lost; how many those are."""
    runs = [run for (run,) in session.execute(sql.OPEN_RUNS).fetchall()]
    now, count = session.now(), 0
    for run in runs:
        lease = held(session, run)
        if lease is not None and lease.live(now):
            continue
        with suppress(JournalError):  # of a run that cannot be read at all: whoever resumes it is told so
            whole = sum(1 for _ in sound(run, session.execute(session.dialect.events, (run, 0))))
            _doubt(session, run, whole + 1, session.execute(sql.CUT, (run, whole)).rowcount)
        count += 1
    return count


def _doubt(session: Session, run: str, seq: int, rows: int) -> None:
    """Whoever goes on must know that more may have happened than is told."""
    session.execute(sql.INSERT_EVENT, row(run, seq, TailLost(at=datetime.now(UTC), rows=rows)))


def ended(run: str, ended_at: str, outcome: str) -> RunEnded:
    """What is told of a run that takes nothing more."""
    at = datetime.fromisoformat(ended_at).astimezone(UTC)
    return RunEnded(
        f"run {run} ended at {at.isoformat(sep=' ', timespec='seconds')} ({outcome})",
        "start a new run: an ended one never goes on",
    )


def _is_ours(lease: Lease | None, at: datetime) -> bool:
    """Whether it is the lease that an earlier try of ours took, whose end was not heard of."""
    return lease is not None and (lease.holder, lease.since) == (this_process(), at)


def _ran_already(started: RunStarted, run: str, ended_at: str | None) -> UsageError:
    hint = (
        "add --again to run it once more"
        if ended_at
        else f"go on with it by: pipeforge resume {run}; or add --again to run it once more"
    )
    return UsageError(
        f"pipeline '{started.pipeline}' already has a run for {started.context_time.isoformat()}: '{run}'",
        hint,
    )
