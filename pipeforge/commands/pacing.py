"""What other runs did lately on our connections: limits on starts hold across runs, by the journal."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pipeforge.adapter import Limits
from pipeforge.engine.events import StepIntended
from pipeforge.engine.state import replay
from pipeforge.journal import Journal
from pipeforge.planning import Plan

_RECENT_RUNS = 50
"""chosen: a window on starts is a minute; more runs than this do not begin in one."""


def earlier(
    journal: Journal, plan: Plan, limits: Mapping[str, Limits], run: str
) -> dict[str, Sequence[datetime]]:
    """By connection with a limit on starts: when runs other than `run` triggered at its vendor, oldest first.

    A journal does not tell which connection of a vendor another pipeline used: all of them count, which is
    at worst slower than it need be.
    """
    vendors = {step.connection: step.kind.vendor for step in plan.steps}
    windows = {name: starts[1] for name in vendors if (starts := limits[name].starts)}
    if not windows:
        return {}
    since = datetime.now(UTC) - timedelta(seconds=max(windows.values()))
    times: dict[str, list[datetime]] = {vendors[name]: [] for name in windows}
    for other in journal.runs(limit=_RECENT_RUNS):
        if other.run != run and (other.ended_at is None or other.ended_at > since):
            for vendor, at in _starts(journal, other.run, since):
                if vendor in times:
                    times[vendor].append(at)
    return {name: sorted(times[vendors[name]]) for name in windows}


def _starts(journal: Journal, run: str, since: datetime) -> list[tuple[str, datetime]]:
    """The vendor and time of each intent of a run since then."""
    events = journal.read(run)
    vendors = {outline.id: outline.uses.partition(".")[0] for outline in replay(events[:1]).outlines}
    return [
        (vendors.get(event.step.partition("[")[0], ""), event.at)
        for event in events
        if isinstance(event, StepIntended) and event.at > since
    ]
