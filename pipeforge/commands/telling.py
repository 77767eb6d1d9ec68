"""Tells a person what happens in a run: live on a terminal, else plain lines or JSON."""

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import tzinfo
from typing import Any, Literal

from pipeforge.commands.streams import is_live, talk
from pipeforge.engine.events import AttemptFailed, Event, StepFinished, StepObserved, StepWarned
from pipeforge.engine.ledger import Emit
from pipeforge.engine.state import RunState
from pipeforge.loading import load
from pipeforge.redaction import Redactor
from pipeforge.reports.progress import line

LogFormat = Literal["auto", "plain", "json"]

_WORDY = (StepObserved, StepWarned, AttemptFailed, StepFinished)
"""Events that carry a vendor's own words."""


class Teller:
    """Shows events as they come."""

    def __init__(self, state: RunState, log_format: LogFormat, zone: tzinfo) -> None:
        self._json = log_format == "json"
        self._zone = zone
        self._width = max((len(outline.id) for outline in state.outlines), default=0)
        live = log_format == "auto" and is_live(sys.stderr)
        self._tree: Any = load("pipeforge.reports.tree:LiveTree")(state) if live else None

    def around(self) -> AbstractContextManager[Any]:
        """To be entered while the run goes."""
        return self._tree if self._tree is not None else nullcontext()

    def event(self, event: Event) -> None:
        if self._tree is not None:
            if isinstance(event, StepWarned):
                self._tree.say(line(event, self._zone))
        elif self._json:
            talk(event.model_dump_json() + "\n")
        else:
            talk(line(event, self._zone, self._width) + "\n")

    def say(self, text: str) -> None:
        """A line from us rather than from the run."""
        if self._tree is not None:
            self._tree.say(text)
        elif not self._json:
            talk(text + "\n")


class Told:
    """An Emit that masks secrets, writes to the journal, then tells."""

    def __init__(self, writer: Emit, teller: Teller, redactors: Iterable[Redactor]) -> None:
        self._writer = writer
        self._teller = teller
        self._redactors = tuple(redactors)

    async def append(self, event: Event) -> None:
        clean = self._masked(event)
        await self._writer.append(clean)
        self._teller.event(clean)

    def note(self, event: Event) -> None:
        clean = self._masked(event)
        self._writer.note(clean)
        self._teller.event(clean)

    def _masked(self, event: Event) -> Event:
        """A vendor may quote what it was sent; nothing it says goes out unmasked."""
        if not isinstance(event, _WORDY):
            return event
        fields = {
            name: getattr(event, name)
            for name in ("detail", "hint", "message", "outputs", "word")
            if hasattr(event, name)
        }
        masked = fields
        for redactor in self._redactors:
            masked = redactor.json(masked)
        changed = {name: value for name, value in masked.items() if value != fields[name]}
        return event.model_copy(update=changed) if changed else event
