"""A journal on a store of rows: the same for every store."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from pipeforge.engine.events import RunStarted
from pipeforge.errors import JournalError
from pipeforge.journal import Absence, Claim, Wish, Writer, places, sql
from pipeforge.journal.committing import Entry, Stream
from pipeforge.journal.grouping import GroupCommit
from pipeforge.journal.heart import Heart
from pipeforge.journal.lease import HEARTBEAT, lost
from pipeforge.journal.reader import Reader
from pipeforge.journal.rows import Row, stamp
from pipeforge.journal.store import Session, Store
from pipeforge.journal.taking import begin, ended, take_up
from pipeforge.journal.writing import StoredWriter

_MANY = 20
"""chosen: runs whose events are dropped in one stroke."""


class StoredJournal(Reader):
    """A `Journal`. Appends of all its writers are committed in groups."""

    def __init__(self, store: Store, heartbeat: float = HEARTBEAT) -> None:
        """`heartbeat`: seconds between beats."""
        super().__init__(store)
        self._group = GroupCommit(self._write)
        self._heart = Heart(store.beat, heartbeat)
        self._held: set[Stream] = set()

    @property
    def commits(self) -> int:
        """Transactions made for appended and noted events so far: what group commit keeps low."""
        return self._group.committer.commits

    def start(self, started: RunStarted, claim: Claim | None = None) -> Writer:
        """See `Journal.start`."""
        at = datetime.now(UTC)
        return self._writer(self._store.perform(lambda session: begin(session, started, claim, at)))

    def open(self, run: str) -> Writer:
        """See `Journal.open`. A damaged end is cut off, which TailLost tells; new events follow."""
        run, at = self.resolve(run), datetime.now(UTC)
        return self._writer(self._store.perform(lambda session: take_up(session, run, at)))

    def heed(self, tell: Callable[[Absence], None]) -> None:
        """See `Journal.heed`. What is no server is never away."""

    def ask(self, run: str, wish: Wish) -> None:
        """See `Journal.ask`."""

        def work(session: Session) -> bool:
            found = session.execute(session.dialect.run, (run,)).fetchone()
            if found is not None and found[0] is not None:
                raise ended(run, *found[:2])
            if found is not None:
                values = (run, wish.what, int(wish.leave), wish.by, stamp(wish.at))
                session.execute(sql.SET_WISH, values)
            return found is not None

        if not self._store.perform(work):
            raise self._unknown(run)

    def forget(self, runs: Sequence[str]) -> None:
        """See `Journal.forget`."""

        # So many in a transaction, so that a run that goes on never waits long for its turn to write.
        for at in range(0, len(runs), _MANY):
            some = [(run,) for run in runs[at : at + _MANY]]
            self._store.perform(partial(_forget, some=some))

    def compact(self) -> int:
        """See `Journal.compact`. Not worth it, and left, when little of the store is free."""
        if any(run.held_by for run in self.runs(limit=None)):
            return 0
        return self._store.compact()

    def close(self) -> None:
        """Writes what is noted, gives the leases back that are still held, closes the store."""
        self._heart.stop()
        self._group.stop()
        for stream in list(self._held):
            self._release(stream)
        self._store.close()

    def _release(self, stream: Stream) -> None:
        self._heart.release(stream.run)
        self._held.discard(stream)

        def work(session: Session) -> None:
            if session.execute(session.dialect.holds, (stream.run, stream.token)).fetchone():
                session.execute(sql.DROP_LEASE, (stream.run, stream.token))
                places.end(session, stream.run)

        # Not given back is no harm: it ends with this process, or thirty seconds later.
        with suppress(JournalError):
            self._store.perform(work)

    def _writer(self, stream: Stream) -> Writer:
        self._held.add(stream)
        self._heart.hold(stream.run, stream.token)
        return StoredWriter(stream, self._group, self._release)

    def _write(self, batch: list[Entry], wait: bool) -> None:
        if not all(entry.empty for entry in batch):
            late = self._heart.late
            self._store.perform(lambda session: _append(session, batch, late), wait=wait)


def _forget(session: Session, some: list[tuple[str]]) -> None:
    for statement in sql.FORGET:
        session.executemany(statement, some)


def _append(session: Session, batch: list[Entry], late: bool) -> None:
    """`late`: the heart has not beaten for too long. What is written is a sign of life just as well."""
    streams = {entry.stream.run: entry.stream for entry in batch}
    # In the transaction: nobody can take the lease between the question and the insert. In the order of
    # their names, so that two processes which write to several runs never wait for each other.
    for _, stream in sorted(streams.items()):
        if not session.execute(session.dialect.holds, (stream.run, stream.token)).fetchone():
            stream.failure = lost(stream.run)
        elif late:
            now = session.now()
            session.execute(sql.BEAT, (now.wall, now.ticks, stream.run, stream.token))
    kept = [entry for entry in batch if entry.stream.failure is None]
    rows = [entry.row for entry in kept if entry.row]
    session.executemany(sql.INSERT_EVENT, _missing(session, rows) if session.again else rows)
    for entry in kept:
        if entry.ending is not None:
            session.execute(sql.END_RUN, (*entry.ending, entry.stream.run))
        if entry.work is not None:
            entry.work(session)


def _missing(session: Session, rows: list[Row]) -> list[Row]:
    """Those that an earlier try, whose end was not heard of, did not write."""
    missing = []
    for one in rows:
        run, seq, *_, checksum = one
        found = session.execute(sql.CHECKSUM, (run, seq)).fetchone()
        if found is None:
            missing.append(one)
        elif found[0] != checksum:
            raise JournalError(
                f"event {seq} of run '{run}' is another than the one that was written",
                "somebody changed the journal: look at the vendors' side before going on",
            )
    return missing
