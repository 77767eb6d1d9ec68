"""Tells a person what happens in a run: live on a terminal, else plain lines or JSON."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Literal

from pipeforge.commands.streams import is_live, talk
from pipeforge.engine.events import (
    Event,
    RunCanceling,
    RunResumed,
    RunStarted,
    RunWaiting,
    StepWarned,
)
from pipeforge.engine.ledger import Emit
from pipeforge.engine.state import RunState
from pipeforge.journal import Absence
from pipeforge.loading import load
from pipeforge.reports import progress
from pipeforge.reports.display import width
from pipeforge.reports.moments import zone_of
from pipeforge.reports.progress import headline, inside, line

LogFormat = Literal["auto", "plain", "json"]


def log_format_argument(parser: argparse.ArgumentParser) -> None:
    """--log-format, of every command that tells how a run goes."""
    parser.add_argument(
        "--log-format",
        choices=["auto", "plain", "json"],
        default="auto",
        help="default: live on a terminal, else plain",
    )


class Teller:
    """Shows events as they come."""

    def __init__(self, state: RunState, log_format: LogFormat) -> None:
        self._state = state
        self._json = log_format == "json"
        self._zone = zone_of(state.timezone)
        self._width = max((width(outline.id) for outline in state.outlines), default=0)
        live = log_format == "auto" and is_live(sys.stderr)
        self._tree: Any = load("pipeforge.reports.tree:LiveTree")(state) if live else None
        self._lines: list[str] = []
        """Told with all others of this turn of the loop: writing costs more than what is written."""

    @contextmanager
    def around(self) -> Iterator[None]:
        """To be entered while the run goes."""
        with self._tree if self._tree is not None else nullcontext():
            try:
                yield
            finally:
                self._tell()

    def begin(self, first: RunStarted | RunResumed) -> None:
        """The run's headline."""
        if self._json:
            talk(first.model_dump_json() + "\n")
            return
        talk(self._headline(" resumed" if isinstance(first, RunResumed) else "") + "\n")

    def join(self) -> None:
        """The headline of a run that goes on, for who tells nothing of what happened before."""
        self.say(self._headline(" goes on"))

    def _headline(self, how: str) -> str:
        state = self._state
        return headline(state.run, state.pipeline, state.context_time, state.timezone, how)

    def below(self, within: str, state: RunState) -> None:
        """A step runs this run: its steps are shown, too."""
        if self._tree is not None:
            self._tree.below(within, state)

    def event(self, event: Event, within: str = "", run: str = "") -> None:
        """`within`: the step whose run it happened in, and `run` that run; both empty for our own."""
        if self._tree is not None:
            if isinstance(event, StepWarned | RunWaiting | RunCanceling):
                self._tree.say(line(event, self._zone, within=within))
        elif self._json:
            text = event.model_dump_json()
            self._soon((f'{{"run":{json.dumps(run)},{text[1:]}' if run else text) + "\n")
        else:
            name = inside(within, getattr(event, "step", ""))
            self._width = max(self._width, width(name))  # items have longer names
            self._soon(line(event, self._zone, self._width, within) + "\n")

    def _soon(self, text: str) -> None:
        """With the next turn of the loop; at once where there is none."""
        self._lines.append(text)
        if len(self._lines) > 1:
            return
        try:
            asyncio.get_running_loop().call_soon(self._tell)
        except RuntimeError:
            self._tell()

    def _tell(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            talk("".join(lines))

    def absence(self, absence: Absence) -> None:
        """The journal is away, or back. From any thread."""
        if self._json:
            talk(told_absence(absence))
        else:
            self.say(progress.absence(absence, self._zone))

    def say(self, text: str) -> None:
        """A line from us rather than from the run."""
        if self._tree is not None:
            self._tree.say(text)
        elif not self._json:
            talk(text + "\n")


def told_absence(absence: Absence) -> str:
    """The same for programs: a line beside those of events."""
    until = absence.until.isoformat() if absence.until else None
    return json.dumps({"type": "journal_away", "since": absence.since.isoformat(), "until": until}) + "\n"


class Told:
    """An Emit that writes to the journal, then tells."""

    def __init__(self, writer: Emit, teller: Teller, within: str = "", run: str = "") -> None:
        """`within`, `run`: see `Teller.event`."""
        self._writer = writer
        self._teller = teller
        self._within = within
        self._run = run

    def below(self, step: str, state: RunState, writer: Emit) -> "Told":
        """Where the events of the run go that a step of this one makes."""
        within = inside(self._within, step)
        self._teller.below(within, state)
        return Told(writer, self._teller, within, state.run)

    async def append(self, event: Event) -> None:
        await self._writer.append(event)
        self._teller.event(event, self._within, self._run)

    def note(self, event: Event) -> None:
        self._writer.note(event)
        self._teller.event(event, self._within, self._run)
