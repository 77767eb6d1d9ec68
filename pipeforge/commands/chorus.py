"""Tells a person of the runs of a backfill as they begin and end: live on a terminal, else lines or JSON."""

import json
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, tzinfo
from typing import Any

from pipeforge.commands.streams import is_live, talk
from pipeforge.commands.telling import LogFormat, told_absence
from pipeforge.engine.events import Event, RunResumed, RunStarted, RunWaiting, StepWarned
from pipeforge.engine.ledger import Emit
from pipeforge.engine.state import RunState
from pipeforge.journal import Absence
from pipeforge.loading import load
from pipeforge.reports import progress
from pipeforge.reports.backfill import Standing, state, when
from pipeforge.reports.progress import line


class Chorus:
    """Shows what happens to the runs of a backfill."""

    def __init__(self, standings: Sequence[Standing], log_format: LogFormat, zone: tzinfo) -> None:
        self._total = sum(one.word not in ("skipped", "taken") for one in standings)
        self._over = sum(one.word in ("succeeded", "failed", "canceled") for one in standings)
        self._json = log_format == "json"
        self._zone = zone
        live = log_format == "auto" and is_live(sys.stderr)
        self._tree: Any = load("pipeforge.reports.tree:LiveBackfill")(standings, zone) if live else None

    def around(self) -> AbstractContextManager[Any]:
        """To be entered while the runs go."""
        return self._tree if self._tree is not None else nullcontext()

    def headline(self, text: str, first: RunStarted | RunResumed) -> None:
        """What goes on. In JSON without its instants: each is told when it is its turn."""
        if self._json:
            talk(first.model_dump_json(exclude={"backfill": {"instants"}}) + "\n")
        else:
            talk(text + "\n")

    def absence(self, absence: Absence) -> None:
        """The journal is away, or back. From any thread."""
        if self._json:
            talk(told_absence(absence))
        else:
            self.say(progress.absence(absence, self._zone))

    def began(self, one: Standing, first: RunStarted | RunResumed) -> None:
        """A run was started, or taken up again."""
        if self._json:
            self._print(one.run, first)
        elif self._tree is None:
            word = "resumed" if isinstance(first, RunResumed) else "started"
            self._line(one, word, f"run {one.run}", first.at)

    def passed(self, one: Standing) -> None:
        """An instant that is not run now, although it was to be."""
        if not self._json:
            self.say(f"{when(one.instant, self._zone)}  {state(one)}: {one.detail or one.run}")

    def ended(self, one: Standing, at: datetime | None = None) -> None:
        """A run is over, or was left. `at`: when, if not now."""
        self._over += one.word in ("succeeded", "failed", "canceled")
        if self._json:
            return
        if self._tree is None:
            self._line(one, state(one), f"({self._over} of {self._total} over)", at or datetime.now(UTC))
        if one.word in ("failed", "unknown"):
            for text in filter(None, one.troubles):
                self.say(f"        {text}")

    def emit(self, writer: Emit, one: Standing) -> "Sung":
        """Where the events of one run go."""
        return Sung(writer, self, one)

    def event(self, one: Standing, event: Event, run: str = "") -> None:
        """What happened in a run; only what a person should know at once is told, or in JSON all.

        `run`: one that a step of the run made.
        """
        if self._json:
            self._print(run or one.run, event)
        elif isinstance(event, StepWarned) or (isinstance(event, RunWaiting) and _for_others(one, event)):
            self.say(f"{line(event, self._zone)}  ({when(one.instant, self._zone)})")

    def over(self, backfill: str, event: Event) -> None:
        """How the backfill itself stands; in words its summary tells that."""
        if self._json:
            self._print(backfill, event)

    def say(self, text: str) -> None:
        """A line from us."""
        if self._tree is not None:
            self._tree.say(text)
        elif not self._json:
            talk(text + "\n")

    def _line(self, one: Standing, word: str, more: str, at: datetime) -> None:
        clock = at.astimezone(self._zone).strftime("%H:%M:%S")
        talk(f"{clock}  {when(one.instant, self._zone)}  {word}  {more}\n")

    def _print(self, run: str, event: Event) -> None:
        told = {"run": run, **event.model_dump(mode="json")}
        talk(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n")


def _for_others(one: Standing, event: RunWaiting) -> bool:
    """Whether it waits for a run of no backfill of ours: that those wait for each other is no news."""
    return f"run {one.run.rpartition('.')[0]}." not in event.detail


class Sung:
    """An Emit that writes to a run's journal, then tells whose event it was."""

    def __init__(self, writer: Emit, chorus: Chorus, one: Standing, run: str = "") -> None:
        """`run`: see `Chorus.event`."""
        self._writer = writer
        self._chorus = chorus
        self._one = one
        self._run = run

    def below(self, step: str, state: RunState, writer: Emit) -> "Sung":
        """Where the events of the run go that a step of this one makes."""
        return Sung(writer, self._chorus, self._one, state.run)

    async def append(self, event: Event) -> None:
        await self._writer.append(event)
        self._chorus.event(self._one, event, self._run)

    def note(self, event: Event) -> None:
        self._writer.note(event)
        self._chorus.event(self._one, event, self._run)
