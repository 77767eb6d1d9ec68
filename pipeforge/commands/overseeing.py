"""Follows a backfill that another process holds, run by run, and tells what its runs came to."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from pipeforge.commands import instants, nexts, verdicts
from pipeforge.commands.chorus import Chorus
from pipeforge.engine.events import Event, RunFinished, RunPaused, RunResumed, RunStarted
from pipeforge.engine.state import RunState, apply, replay
from pipeforge.journal import Journal
from pipeforge.reports import backfill as report
from pipeforge.reports.backfill import Standing
from pipeforge.reports.moments import zone_of
from pipeforge.reports.runs import troubles

LOOK = 1.0
"""Seconds between looks. chosen: one asks for each instant, and runs take longer."""

_UNBEGUN = ("waiting", "skipped", "taken")


def follow(journal: Journal, run: str, args: argparse.Namespace, *, anew: bool) -> RunState:
    """Tells of each run as it begins and ends, until nobody holds the backfill; gives how that stands then.

    `anew`: only of what happens from now on.
    """
    past = replay(events := journal.read(run))
    watch = _Watch(journal, past, args, anew=anew)
    seen = len(events)
    with watch.chorus.around():
        while True:
            held = journal.summary(run).held_by  # asked first: what the holder wrote last is read after it
            for event in (new := journal.read(run, seen)):
                apply(past, event)
            seen += len(new)
            watch.look()
            if past.outcome is not None or past.paused or not held:
                return past
            time.sleep(LOOK)


class _Watch:
    """What has been told of each run."""

    def __init__(self, journal: Journal, past: RunState, args: argparse.Namespace, *, anew: bool) -> None:
        plan = past.backfill
        assert plan is not None
        self._journal = journal
        self._past = past
        self._standings = instants.standings(journal, past)
        begun = [one for one in self._standings if one.word not in _UNBEGUN]
        self._seen = {one.run: len(journal.read(one.run)) for one in begun} if anew else {}
        self._over = {one.run for one in begun if anew and one.word in ("succeeded", "failed", "canceled")}
        known = self._standings if anew else [_unbegun(one) for one in self._standings]
        self.chorus = Chorus(known, "plain" if args.log_format == "auto" else args.log_format, _zone(past))
        self.chorus.say(f"backfill {past.run} of {plan.pipeline}: {report.counted(self._standings)}")

    def look(self) -> None:
        """Tells what is new, in the order of the instants."""
        for one in instants.standings(self._journal, self._past):
            if one.word in _UNBEGUN or one.run in self._over:
                continue
            events = self._journal.read(one.run, self._seen.get(one.run, 0))
            self._seen[one.run] = self._seen.get(one.run, 0) + len(events)
            for event in events:
                self._tell(one, event)

    def _tell(self, one: Standing, event: Event) -> None:
        if isinstance(event, RunStarted | RunResumed):
            self.chorus.began(one, event)
            return
        self.chorus.event(one, event)
        if isinstance(event, RunFinished):
            self._over.add(one.run)
            one.word = instants.ended(event.outcome)
        elif isinstance(event, RunPaused):
            one.word = "unknown" if event.reason == "undecided" else "not over"
        else:
            return
        if one.word in ("failed", "unknown"):
            one.troubles = tuple(troubles(replay(self._journal.read(one.run))))
        self.chorus.ended(one, event.at)


def _unbegun(one: Standing) -> Standing:
    return one if one.word in _UNBEGUN else replace(one, word="waiting")


def _zone(past: RunState) -> tzinfo:
    assert past.backfill is not None
    return zone_of(past.backfill.timezone)


def ending(journal: Journal, past: RunState, args: argparse.Namespace) -> str:
    """How a backfill ended, or stands: its runs counted, what went wrong in them, what to type next."""
    found = instants.standings(journal, past)
    for one in found:
        if one.word in ("failed", "unknown", "canceled"):
            state = replay(journal.read(one.run))
            one.troubles = tuple(troubles(state))
            one.decisions = tuple(nexts.decisions(state, args, journal))
    held = past.outcome is None and journal.summary(past.run).held_by
    more = [nexts.beside(past.run, args)] if held else verdicts.next_steps(past, found, args)
    return report.summary(past, found, more)


def left(journal: Journal, past: RunState) -> bool:
    """Whether a job of one of its runs may be going on although the run is over."""
    runs: Sequence[str] = [one.run for one in instants.standings(journal, past) if one.word == "canceled"]
    return any(step.left for run in runs for step in replay(journal.read(run)).steps.values())
