"""What can be asked of a SQLite journal without holding a run: events, summaries, wishes, its health."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pipeforge.engine.events import Event
from pipeforge.errors import JournalError, UsageError
from pipeforge.journal import Health, RunSummary, Wish, schema
from pipeforge.journal.database import Database
from pipeforge.journal.lease import lease_of
from pipeforge.journal.rows import Events, sound, stamp

_ALL: Final = 2**62
_NEVER: Final = "A"
"""Compares as later than every instant: those begin with a digit."""


class SqliteReader:
    """The half of a `Journal` that changes nothing: from any thread, of a file that may only be read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, run: str, after: int = 0) -> Sequence[Event]:
        """See `Journal.read`. The events are decoded as they are looked at."""
        run = self.resolve(run)
        with self._database.reading() as connection:
            stored = connection.execute(schema.EVENTS, (run, after)).fetchall() if connection else []
        if not after and not stored and self.summary(run).pruned:
            raise UsageError(
                f"the events of run '{run}' were dropped by `pipeforge runs prune`",
                "what is left of it is its line in `pipeforge runs`",
            )
        return Events(run, list(sound(run, stored, after)))

    def summary(self, run: str) -> RunSummary:
        """See `Journal.summary`."""
        found = self._summaries(schema.ONE, (run,))
        if not found:
            raise self._unknown(run)
        return found[0]

    def runs(
        self,
        *,
        pipeline: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = 50,
    ) -> Sequence[RunSummary]:
        """See `Journal.runs`: in the order they were started, whatever the clock said."""
        first, last = stamp(since) if since else "", stamp(until) if until else _NEVER
        return self._summaries(
            schema.NEWEST, (pipeline, pipeline, first, last, _ALL if limit is None else limit)
        )

    def find(self, pipeline: str, context_time: datetime) -> Sequence[RunSummary]:
        """See `Journal.find`."""
        return self._summaries(schema.FIND, (pipeline, stamp(context_time)))

    def resolve(self, run_prefix: str) -> str:
        """See `Journal.resolve`."""
        with self._database.reading() as connection:
            if connection is None or not run_prefix:
                raise self._unknown(run_prefix)
            if connection.execute(schema.RUN, (run_prefix,)).fetchone():
                return run_prefix
            found = [run for (run,) in connection.execute(schema.BY_PREFIX, (run_prefix,))]
        if not found:
            raise self._unknown(run_prefix)
        if len(found) > 1:
            raise UsageError(
                f"run '{run_prefix}' may be any of several: {', '.join(found)}", "give more of its id"
            )
        return str(found[0])

    def wish(self, run: str) -> Wish | None:
        """See `Journal.wish`."""
        with self._database.reading() as connection:
            if connection is None or not connection.execute(schema.KNOWS_WISHES).fetchone():
                return None  # of a version that had none
            found = connection.execute(schema.WISH, (run,)).fetchone()
        if found is None:
            return None
        what, leaves, by, at = found
        return Wish(what, bool(leaves), by, datetime.fromisoformat(at))

    def health(self) -> Sequence[Health]:
        """See `Journal.health`."""
        path = self._database.path
        try:
            with self._database.reading() as connection:
                if connection is None:
                    return [Health("journal", "ok", f"'{path}' is made when the first run starts")]
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                said = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
                count = connection.execute("SELECT count(*) FROM runs").fetchone()[0]
        except JournalError as error:
            return [Health("journal", "fail", error.message, error.hint)]
        whole = said == ["ok"]
        mend = "restore it from a copy, or move it away and look at the vendors' side before running again"
        told = f"'{path}' reads well, {count} runs" if whole else f"'{path}' is damaged: {'; '.join(said)}"
        old = version < schema.VERSION
        brought = f"{version}; it is brought to {schema.VERSION} when next written to"
        return [
            Health("journal", "ok" if whole else "fail", told, "" if whole else mend),
            Health("journal schema", "ok", brought if old else f"{version}, the newest"),
            *self._writing(),
        ]

    def _writing(self) -> list[Health]:
        """Whether it can be written to; a transaction that changes nothing."""
        try:
            with self._database.trial():
                pass
        except JournalError as error:
            return [Health("journal writing", "fail", error.message, error.hint)]
        return [Health("journal writing", "ok", "it can be written to")]

    def _summaries(self, query: str, arguments: tuple[Any, ...]) -> list[RunSummary]:
        with self._database.reading() as connection:
            return (
                [_summary(columns) for columns in connection.execute(query, arguments)] if connection else []
            )

    def _unknown(self, run: str) -> UsageError:
        with self._database.reading() as connection:
            recent = [name for (name,) in connection.execute(schema.RECENT)] if connection else []
        # A stable sort: among equals the newest stays first.
        nearest = sorted(recent, key=lambda name: -_alike(name, run))[:3]
        hint = f"the nearest are: {', '.join(nearest)}" if nearest else "the journal has no runs yet"
        return UsageError(f"there is no run '{run}' in journal '{self._database.path}'", hint)


def _summary(columns: tuple[Any, ...]) -> RunSummary:
    run, pipeline, context_time, again, started_at, ended_at, outcome, pruned, *lease_columns = columns
    lease = lease_of(lease_columns)
    return RunSummary(
        run=run,
        pipeline=pipeline,
        context_time=datetime.fromisoformat(context_time),
        again=again,
        started_at=datetime.fromisoformat(started_at),
        ended_at=None if ended_at is None else datetime.fromisoformat(ended_at),
        outcome=outcome,
        held_by=str(lease.holder) if lease is not None and lease.live() else None,
        pruned=bool(pruned),
    )


def _alike(one: str, other: str) -> int:
    """How many characters two ids share at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
