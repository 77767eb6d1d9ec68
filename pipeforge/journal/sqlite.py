"""The journal in one SQLite file: the store that needs nothing set up."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pipeforge.engine.events import (
    Event,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    StepSettled,
    TailLost,
)
from pipeforge.errors import Busy, JournalError, RunEnded, UsageError
from pipeforge.journal import Claim, Journal, Taken, Wait, Wish, Writer, places, schema
from pipeforge.journal.committing import Entry, Stream
from pipeforge.journal.database import PATIENCE, Database
from pipeforge.journal.grouping import GroupCommit
from pipeforge.journal.lease import EXPIRY, HEARTBEAT, Heart, Lease, lease_of, lost, take
from pipeforge.journal.moments import Now, now
from pipeforge.journal.places import Desk
from pipeforge.journal.rows import row, sound, stamp
from pipeforge.journal.sqlite_reading import SqliteReader

_MANY = 20
"""chosen: runs whose events are dropped in one stroke."""


def open_journal(location: str | Path) -> Journal:
    """The journal at a path. Nothing is touched before it is used, nothing made before a run starts.

    Raises UsageError for a location that is not a path.
    """
    if "://" in str(location):
        raise UsageError(f"journal '{location}' is not a path", "name a file, such as .pipeforge/journal.db")
    return SqliteJournal(Path(location))


class SqliteJournal(SqliteReader):
    """A `Journal` in one file. Appends of all its writers are committed in groups."""

    def __init__(
        self, path: Path, *, patience: float = PATIENCE, heartbeat: float = HEARTBEAT, clock: Now = now
    ) -> None:
        """`patience`: seconds to wait for another program's lock; `heartbeat`: seconds between beats.

        `clock` tells when claims are made.
        """
        super().__init__(Database(path, patience))
        self._clock = clock
        self._desk = Desk(self._database, clock)
        self._group = GroupCommit(self._write)
        self._heart = Heart(self._database.connect, heartbeat)
        self._held: set[Stream] = set()

    @property
    def commits(self) -> int:
        """Transactions made for appended and noted events so far: what group commit keeps low."""
        return self._group.committer.commits

    def start(self, started: RunStarted, claim: Claim | None = None) -> Writer:
        """See `Journal.start`."""
        run, context_time, since = started.run, stamp(started.context_time), stamp(datetime.now(UTC))
        first = row(run, 1, started)
        identity = (started.pipeline, context_time, started.again)
        with self._database.transaction() as connection:
            if twin := connection.execute(schema.TWIN, identity).fetchone():
                raise _ran_already(started, *twin)
            if connection.execute(schema.RUN, (run,)).fetchone():
                raise UsageError(f"there is a run '{run}' already", "give the new run another id")
            connection.execute(schema.INSERT_RUN, (run, *identity, stamp(started.at)))
            connection.execute(schema.INSERT_EVENT, first)
            take(connection, run, 1, since)
            if claim and (wait := places.take(connection, run, 1, [claim], self._clock())):
                raise Taken(wait)
        return self._writer(Stream(run, token=1, seq=2))

    def open(self, run: str) -> Writer:
        """See `Journal.open`. A damaged end is cut off, which TailLost tells; new events follow."""
        run = self.resolve(run)
        with self._database.transaction() as connection:
            found = connection.execute(schema.RUN, (run,)).fetchone()
            if found is None:
                raise self._unknown(run)
            ended_at, outcome, fence = found
            if ended_at is not None:
                raise _ended(run, ended_at, outcome)
            lease = lease_of(connection.execute(schema.LEASE, (run,)).fetchone() or [None] * 9)
            if lease is not None and lease.live():
                raise _busy(run, lease)
            whole = sum(1 for _ in sound(run, connection.execute(schema.EVENTS, (run, 0))))
            now = datetime.now(UTC)
            if lost := connection.execute(schema.CUT, (run, whole)).rowcount:
                whole += 1  # who goes on must know that more may have happened than is told
                connection.execute(schema.INSERT_EVENT, row(run, whole, TailLost(at=now, rows=lost)))
            places.end(connection, run, self._clock())  # of whoever held it before
            take(connection, run, fence + 1, stamp(now))
        return self._writer(Stream(run, token=fence + 1, seq=whole + 1))

    def ask(self, run: str, wish: Wish) -> None:
        """See `Journal.ask`."""
        with self._database.transaction() as connection:
            found = connection.execute(schema.RUN, (run,)).fetchone()
            if found is None:
                raise self._unknown(run)
            if found[0] is not None:
                raise _ended(run, *found[:2])
            row = (run, wish.what, int(wish.leave), wish.by, stamp(wish.at))
            connection.execute(schema.SET_WISH, row)

    def forget(self, runs: Sequence[str]) -> None:
        """See `Journal.forget`."""
        # So many in a transaction, so that a run that goes on never waits long for its turn to write.
        for some in (runs[at : at + _MANY] for at in range(0, len(runs), _MANY)):
            with self._database.transaction() as connection:
                for statement in schema.FORGET:
                    connection.executemany(statement, [(run,) for run in some])

    def compact(self) -> int:
        """See `Journal.compact`. Not worth it, and left, when little of the file is free."""
        if any(run.held_by for run in self.runs(limit=None)):
            return 0
        return self._database.compact()

    def close(self) -> None:
        """Writes what is noted, gives the leases back that are still held, closes the file."""
        self._heart.stop()
        self._group.stop()
        for stream in list(self._held):
            self._release(stream)
        self._database.close()

    def _release(self, stream: Stream) -> None:
        self._heart.release(stream.run)
        self._held.discard(stream)
        # Not given back is no harm: it ends with this process, or thirty seconds later.
        with suppress(JournalError), self._database.transaction() as connection:
            if connection.execute(schema.DROP_LEASE, (stream.run, stream.token)).rowcount:
                places.end(connection, stream.run, self._clock())

    def _writer(self, stream: Stream) -> Writer:
        self._held.add(stream)
        self._heart.hold(stream.run, stream.token)
        return _SqliteWriter(stream, self._group, self._desk, self._release)

    def _write(self, batch: list[Entry], wait: bool) -> None:
        if not any(entry.row for entry in batch):
            return
        with self._database.transaction(wait=wait) as connection:
            # In the transaction: nobody can take the lease between the question and the insert.
            for stream in {id(entry.stream): entry.stream for entry in batch}.values():
                if not connection.execute(schema.HOLDS, (stream.run, stream.token)).fetchone():
                    stream.failure = lost(stream.run)
            kept = [entry for entry in batch if entry.stream.failure is None]
            connection.executemany(schema.INSERT_EVENT, [entry.row for entry in kept if entry.row])
            for entry in kept:
                if entry.ending is not None:
                    connection.execute(schema.END_RUN, (*entry.ending, entry.stream.run))


class _SqliteWriter:
    """A `Writer`: numbers the events and gives them to the group."""

    def __init__(
        self, stream: Stream, group: GroupCommit, desk: Desk, release: Callable[[Stream], None]
    ) -> None:
        self.run = stream.run
        self._stream = stream
        self._group = group
        self._desk = desk
        self._release = release
        self._ended = False
        self._closed = False

    async def append(self, event: Event) -> None:
        """See `Writer.append`. When it is cancelled while it waits, the event may be written or not."""
        await self._group.append(self._entry(event))

    def note(self, event: Event) -> None:
        """See `Writer.note`. On disk after about a second even if nothing else comes."""
        self._group.note(self._entry(event))

    async def claim(self, *claims: Claim, force: bool = False) -> Wait | None:
        """See `Writer.claim`."""
        return await self._desk.take(self._stream, claims, force=force)

    async def give_back(self, *claims: Claim) -> None:
        """See `Writer.give_back`."""
        await self._desk.give_back(self._stream, claims)

    async def close(self) -> None:
        """See `Writer.close`. May be called again. Raises JournalError when what is noted cannot be written,
        but does not repeat what an append already said.
        """
        if self._closed:
            return
        self._closed = True
        try:
            if self._group.failure(self._stream) is None:
                await self._group.append(Entry(self._stream, None))
        finally:
            self._release(self._stream)

    def _entry(self, event: Event) -> Entry:
        if self._closed:
            raise JournalError(
                f"the writer of run '{self.run}' is closed", "open the run again to append to it"
            )
        if self._ended:
            raise RunEnded(f"run '{self.run}' has ended", "start a new run: an ended one never goes on")
        stream = self._stream
        kept = row(stream.run, stream.seq, event)
        stream.seq += 1
        if isinstance(event, RunFinished):
            self._ended = True
            return Entry(stream, kept, (stamp(event.at), str(event.outcome)))
        if isinstance(event, RunPaused) and event.reason == "undecided":
            return Entry(stream, kept, (None, "unknown"))
        if isinstance(event, StepSettled | RunResumed):
            return Entry(stream, kept, (None, None))
        return Entry(stream, kept)


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


def _ended(run: str, ended_at: str, outcome: str) -> RunEnded:
    return RunEnded(
        f"run '{run}' ended at {ended_at} ({outcome})", "start a new run: an ended one never goes on"
    )


def _busy(run: str, lease: Lease) -> Busy:
    return Busy(
        f"run '{run}' is held by {lease.holder} since {lease.since.isoformat(timespec='seconds')}"
        f" (last heard of {max(0, round(lease.age()))} s ago)",
        f"wait for it or stop that process; {EXPIRY:.0f} s after its last sign of life the run is free",
    )
