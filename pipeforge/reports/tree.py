"""The live view of a run on a terminal. The one door to rich."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, TextIO, cast

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from pipeforge.adapter import Outcome
from pipeforge.engine.events import StepOutline
from pipeforge.engine.state import Phase, RunState, StepState
from pipeforge.reports.progress import visible
from pipeforge.reports.runs import describe

_MARKS = {
    Outcome.SUCCEEDED: ("✓", "green"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.TIMED_OUT: ("✗", "red"),
    Outcome.CANCELED: ("✗", "yellow"),
    Outcome.UNKNOWN: ("?", "magenta bold"),
    Outcome.BLOCKED: ("·", "dim"),
    Outcome.SKIPPED: ("·", "dim"),
}
_SPARE = 4
"""Terminal lines left free above and below."""


class _Lasting:
    """A terminal that may be closed while it is drawn on: the run goes on without its view."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class LiveTree:
    """Redraws a run's steps from its state, four times a second."""

    def __init__(self, state: RunState, columns: int | None = None) -> None:
        self._state = state
        self._console = Console(file=cast(TextIO, _Lasting(sys.stderr)), width=columns)
        self._spinner = Spinner("dots")
        self._live = Live(get_renderable=self._draw, console=self._console, refresh_per_second=4)

    def __enter__(self) -> "LiveTree":
        self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        """A line that stays, above the tree."""
        self._console.print(Text(text, style="yellow"))

    def _draw(self) -> Table:
        table = Table.grid(padding=(0, 2))
        depths = _depths(self._state.outlines)
        for outline in self._fitting():
            step = self._state.steps.get(outline.id, StepState())
            mark, style = _MARKS.get(step.outcome, ("", "")) if step.outcome else ("", "cyan")
            running = step.outcome is None and self._busy(outline.id, step)
            sign = self._spinner if running else Text(mark or "○", style=style or "dim")
            name = Text("  " * depths[outline.id] + outline.id, style="bold" if running else "")
            items = self._items(outline.id)
            words = items if items and step.outcome is None else describe(step) + (items and f", {items}")
            table.add_row(sign, name, Text(outline.uses, style="dim"), Text(words, style=style))
            if step.detail and not step.ok:
                table.add_row("", "", "", Text(visible(step.detail)[:200], style="dim"))
        return table

    def _busy(self, id_: str, step: StepState) -> bool:
        return step.phase is not Phase.WAITING or any(True for _ in self._inner(id_))

    def _inner(self, id_: str) -> Iterator[StepState]:
        return (step for name, step in self._state.steps.items() if name.startswith(f"{id_}["))

    def _items(self, id_: str) -> str:
        items = list(self._inner(id_))
        over = sum(step.outcome is not None for step in items)
        return f"{over} of {len(items)} items" if items else ""

    def _fitting(self) -> Sequence[StepOutline]:
        """All steps, or where they do not fit those that are under way and the last that ended."""
        room = max(5, self._console.height - _SPARE)
        if len(self._state.outlines) <= room:
            return self._state.outlines
        steps = self._state.steps
        begun = [outline for outline in self._state.outlines if outline.id in steps]
        active = [outline for outline in begun if steps[outline.id].outcome is None]
        ended = [outline for outline in begun if steps[outline.id].outcome is not None]
        keep = {
            outline.id for outline in [*active[:room], *ended[-max(0, room - len(active)) or len(ended) :]]
        }
        return [outline for outline in self._state.outlines if outline.id in keep][:room]


def _depths(outlines: Sequence[StepOutline]) -> dict[str, int]:
    """How far each step is from the ones that need nothing; the outlines are in topological order."""
    depths: dict[str, int] = {}
    for outline in outlines:
        depths[outline.id] = max((depths[need] + 1 for need in outline.needs), default=0)
    return depths
