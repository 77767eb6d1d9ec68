"""Tells a person what happens in a run: live on a terminal, else plain lines or JSON."""

import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import tzinfo
from typing import Any, Literal

from pipeforge.commands.streams import is_live, talk
from pipeforge.engine.events import Event, RunResumed, RunStarted, RunWaiting, StepWarned
from pipeforge.engine.ledger import Emit
from pipeforge.engine.state import RunState
from pipeforge.loading import load
from pipeforge.reports.display import width
from pipeforge.reports.progress import line

LogFormat = Literal["auto", "plain", "json"]


class Teller:
    """Shows events as they come."""

    def __init__(self, state: RunState, log_format: LogFormat, zone: tzinfo) -> None:
        self._state = state
        self._json = log_format == "json"
        self._zone = zone
        self._width = max((width(outline.id) for outline in state.outlines), default=0)
        live = log_format == "auto" and is_live(sys.stderr)
        self._tree: Any = load("pipeforge.reports.tree:LiveTree")(state) if live else None

    def around(self) -> AbstractContextManager[Any]:
        """To be entered while the run goes."""
        return self._tree if self._tree is not None else nullcontext()

    def begin(self, first: RunStarted | RunResumed) -> None:
        """The run's headline."""
        if self._json:
            talk(first.model_dump_json() + "\n")
            return
        moment = self._state.context_time
        what = f"run {self._state.run} of {self._state.pipeline} for {moment.isoformat() if moment else '?'}"
        talk(what + (" resumed\n" if isinstance(first, RunResumed) else "\n"))

    def event(self, event: Event) -> None:
        if self._tree is not None:
            if isinstance(event, StepWarned | RunWaiting):
                self._tree.say(line(event, self._zone))
        elif self._json:
            talk(event.model_dump_json() + "\n")
        else:
            self._width = max(self._width, width(getattr(event, "step", "")))  # items have longer names
            talk(line(event, self._zone, self._width) + "\n")

    def say(self, text: str) -> None:
        """A line from us rather than from the run."""
        if self._tree is not None:
            self._tree.say(text)
        elif not self._json:
            talk(text + "\n")


class Told:
    """An Emit that writes to the journal, then tells."""

    def __init__(self, writer: Emit, teller: Teller) -> None:
        self._writer = writer
        self._teller = teller

    async def append(self, event: Event) -> None:
        await self._writer.append(event)
        self._teller.event(event)

    def note(self, event: Event) -> None:
        self._writer.note(event)
        self._teller.event(event)
