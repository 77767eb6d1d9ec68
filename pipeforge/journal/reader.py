"""What can be asked of a journal without holding a run: events, summaries, wishes, its health."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from pipeforge.engine.events import Event
from pipeforge.errors import UsageError
from pipeforge.journal import Health, RunSummary, Wish, sql
from pipeforge.journal.lease import lease_of
from pipeforge.journal.moments import Moment
from pipeforge.journal.rows import Events, Stored, sound, stamp
from pipeforge.journal.store import Session, Store

_ALL: Final = 2**62
_LAST: Final = "\U0010ffff"
"""Compares as later than every character of an id."""
_NEVER: Final = "A"
"""Compares as later than every instant: those begin with a digit."""


class Reader:
    """The half of a `Journal` that changes nothing: from any thread, of a store that may only be read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._zones = False
        """Whether the journal has been seen to know of time zones: it never forgets."""

    def read(self, run: str, after: int = 0) -> Sequence[Event]:
        """See `Journal.read`. The events are decoded as they are looked at."""
        run = self.resolve(run)

        def work(session: Session) -> list[Stored]:
            return session.execute(session.dialect.events, (run, after)).fetchall()

        stored = self._store.look(work) or []
        if not after and not stored and self.summary(run).pruned:
            raise UsageError(
                f"the events of run '{run}' were dropped by `pipeforge runs prune`",
                "what is left of it is its line in `pipeforge runs`",
            )
        return Events(run, list(sound(run, stored, after)))

    def summary(self, run: str) -> RunSummary:
        """See `Journal.summary`."""
        found = self._summaries(sql.ONE, (run,))
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
            sql.NEWEST, (pipeline, pipeline, first, last, _ALL if limit is None else limit)
        )

    def find(self, pipeline: str, context_time: datetime) -> Sequence[RunSummary]:
        """See `Journal.find`."""
        return self._summaries(sql.FIND, (pipeline, stamp(context_time)))

    def resolve(self, run_prefix: str) -> str:
        """See `Journal.resolve`."""
        # What a command line holds need not be UTF-8, and is then no id of ours.
        run_prefix = run_prefix.encode("utf-8", "replace").decode()

        def work(session: Session) -> list[str]:
            if session.execute(sql.EXISTS, (run_prefix,)).fetchone():
                return [run_prefix]
            span = (run_prefix, f"{run_prefix}{_LAST}", run_prefix)
            return [run for (run,) in session.execute(sql.BY_PREFIX, span)]

        found = (self._store.look(work) or []) if run_prefix else []
        if not found:
            raise self._unknown(run_prefix)
        if len(found) > 1:
            raise UsageError(
                f"run '{run_prefix}' may be any of several: {', '.join(found)}", "give more of its id"
            )
        return found[0]

    def wish(self, run: str) -> Wish | None:
        """See `Journal.wish`."""

        def work(session: Session) -> Any:
            if not session.execute(session.dialect.knows_wishes).fetchone():
                return None  # of a version that had none
            return session.execute(sql.WISH, (run,)).fetchone()

        found = self._store.look(work)
        if found is None:
            return None
        what, leaves, by, at = found
        return Wish(what, bool(leaves), by, datetime.fromisoformat(at))

    def health(self) -> Sequence[Health]:
        """See `Journal.health`."""
        return self._store.health()

    def _summaries(self, query: str, arguments: tuple[Any, ...]) -> list[RunSummary]:
        def work(session: Session) -> list[RunSummary]:
            self._zones = self._zones or bool(session.execute(session.dialect.knows_zones).fetchone())
            asked = query if self._zones else sql.without_zones(query)
            found = session.execute(asked, arguments).fetchall()
            return [_summary(columns, session.now) for columns in found]

        return self._store.look(work) or []

    def _unknown(self, run: str) -> UsageError:
        def work(session: Session) -> list[str]:
            return [name for (name,) in session.execute(sql.RECENT)]

        recent = self._store.look(work) or []
        # A stable sort: among equals the newest stays first.
        nearest = sorted(recent, key=lambda name: -_alike(name, run))[:3]
        hint = f"the nearest are: {', '.join(nearest)}" if nearest else "the journal has no runs yet"
        return UsageError(f"there is no run '{run}' in journal '{self._store}'", hint)


def _summary(columns: tuple[Any, ...], now: Callable[[], Moment]) -> RunSummary:
    run, pipeline, context_time, again, started_at, timezone, ended_at, outcome, pruned, *lease = columns
    held = lease_of(lease)
    return RunSummary(
        run=run,
        pipeline=pipeline,
        context_time=datetime.fromisoformat(context_time),
        again=again,
        started_at=datetime.fromisoformat(started_at),
        ended_at=None if ended_at is None else datetime.fromisoformat(ended_at),
        outcome=outcome,
        held_by=str(held.holder) if held is not None and held.live(now()) else None,
        pruned=bool(pruned),
        timezone=timezone,
    )


def _alike(one: str, other: str) -> int:
    """How many characters two ids share at their beginning and at their end."""
    return _shared(one, other) + _shared(one[::-1], other[::-1])


def _shared(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
