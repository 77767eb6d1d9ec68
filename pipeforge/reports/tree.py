"""The live view of a run on a terminal. The one door to rich."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import tzinfo
from typing import Any, Self, TextIO, cast

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from pipeforge.adapter import Outcome
from pipeforge.engine.events import StepOutline
from pipeforge.engine.state import Phase, RunState, StepState
from pipeforge.reports.backfill import Standing, counted, when
from pipeforge.reports.backfill import state as state_words
from pipeforge.reports.display import amount
from pipeforge.reports.progress import inside, visible
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


class _View:
    """Draws itself anew, four times a second, while it is entered."""

    def __init__(self, columns: int | None) -> None:
        """To be called last: the first picture is made here."""
        self._console = Console(file=cast(TextIO, _Lasting(sys.stderr)), width=columns)
        self._spinner = Spinner("dots")
        self._live = Live(get_renderable=self._draw, console=self._console, refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        """A line that stays, above the view."""
        self._console.print(Text(text, style="yellow"))

    def _draw(self) -> Table:
        raise NotImplementedError


class LiveTree(_View):
    """A run's steps, by its state."""

    def __init__(self, state: RunState, columns: int | None = None) -> None:
        self._state = state
        self._inside: dict[str, RunState] = {}
        """By step, from our own inwards: the runs that steps run."""
        super().__init__(columns)

    def below(self, within: str, state: RunState) -> None:
        """A step runs this run: its steps are shown under it while they go on."""
        self._inside[within] = state

    def _draw(self) -> Table:
        table = Table.grid(padding=(0, 2))
        self._draw_steps(table, self._state, "", 0)
        return table

    def _draw_steps(self, table: Table, state: RunState, within: str, indent: int) -> None:
        depths = _depths(state.outlines)
        for outline in self._fitting(state):
            step = state.steps.get(outline.id, StepState())
            mark, style = _MARKS.get(step.outcome, ("", "")) if step.outcome else ("", "cyan")
            running = step.outcome is None and _busy(state, outline.id, step)
            sign = self._spinner if running else Text(mark or "○", style=style or "dim")
            name = Text("  " * (indent + depths[outline.id]) + outline.id, style="bold" if running else "")
            items = _items(state, outline.id)
            words = items if items and step.outcome is None else describe(step) + (items and f", {items}")
            table.add_row(sign, name, Text(outline.uses, style="dim"), Text(words, style=style))
            if step.detail and not step.ok:
                table.add_row("", "", "", Text(visible(step.detail)[:200], style="dim"))
            if running and self._inside:
                self._draw_inside(
                    table, state, (inside(within, outline.id), outline.id), indent + depths[outline.id] + 1
                )

    def _draw_inside(self, table: Table, state: RunState, place: tuple[str, str], indent: int) -> None:
        """What goes on in the runs that a step, or its items, run."""
        within, id_ = place
        if within in self._inside:
            self._draw_steps(table, self._inside[within], within, indent)
        for name, _ in list(_inner(state, id_)):
            item = within.removesuffix(id_) + name
            child = self._inside.get(item)
            if child is not None and child.outcome is None:
                table.add_row("", Text("  " * indent + name), Text(child.pipeline, style="dim"), "")
                self._draw_steps(table, child, item, indent + 1)

    def _fitting(self, state: RunState) -> Sequence[StepOutline]:
        """All steps, or where they do not fit those that are under way and the last that ended."""
        room = max(5, self._console.height - _SPARE)
        if len(state.outlines) <= room:
            return state.outlines
        steps = state.steps
        begun = [outline for outline in state.outlines if outline.id in steps]
        active = [outline for outline in begun if steps[outline.id].outcome is None]
        ended = [outline for outline in begun if steps[outline.id].outcome is not None]
        keep = {
            outline.id for outline in [*active[:room], *ended[-max(0, room - len(active)) or len(ended) :]]
        }
        return [outline for outline in state.outlines if outline.id in keep][:room]


def _busy(state: RunState, id_: str, step: StepState) -> bool:
    return step.phase is not Phase.WAITING or any(True for _ in _inner(state, id_))


def _inner(state: RunState, id_: str) -> Iterator[tuple[str, StepState]]:
    return ((name, step) for name, step in state.steps.items() if name.startswith(f"{id_}["))


def _items(state: RunState, id_: str) -> str:
    items = [step for _, step in _inner(state, id_)]
    over = sum(step.outcome is not None for step in items)
    return f"{over} of {amount(len(items), 'item')}" if items else ""


_STATES = {
    "succeeded": ("✓", "green"),
    "failed": ("✗", "red"),
    "canceled": ("✗", "yellow"),
    "unknown": ("?", "magenta bold"),
}


class LiveBackfill(_View):
    """A backfill: how far it is, the runs under way, and the last that ended."""

    def __init__(self, standings: Sequence[Standing], zone: tzinfo, columns: int | None = None) -> None:
        self._standings = standings
        self._zone = zone
        super().__init__(columns)

    def _draw(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_row("", Text(counted(self._standings), style="bold"), "", "")
        room = max(3, self._console.height - _SPARE - 1)
        running = [one for one in self._standings if one.word == "running"][:room]
        ended = [one for one in self._standings if one.word in _STATES]
        for one in [*ended[len(ended) - max(0, min(len(ended), room - len(running))) :], *running]:
            mark, style = _STATES.get(one.word, ("", "cyan"))
            sign = Text(mark, style=style) if mark else self._spinner
            moment = Text(when(one.instant, self._zone), style="" if mark else "bold", no_wrap=True)
            words = Text(_progress(one), style=style, no_wrap=True, overflow="ellipsis")
            table.add_row(sign, moment, words, Text("." + one.run.rpartition(".")[2], style="dim"))
        return table


def _progress(one: Standing) -> str:
    """How far a run is: its steps that are over, and what goes on."""
    if one.state is None:
        return state_words(one)
    steps = one.state.steps
    over = sum(1 for outline in one.state.outlines if (s := steps.get(outline.id)) and s.outcome is not None)
    busy = [f"{id_} {describe(step)}" for id_, step in steps.items() if step.outcome is None]
    told = ", ".join(busy[:2]) + (f" and {len(busy) - 2} more" if len(busy) > 2 else "")
    waits = f"waits: {visible(one.state.waiting)}" if one.state.waiting else told
    return f"{over} of {len(one.state.outlines)} steps over{': ' + waits if waits else ''}"


def _depths(outlines: Sequence[StepOutline]) -> dict[str, int]:
    """How far each step is from the ones that need nothing; the outlines are in topological order."""
    depths: dict[str, int] = {}
    for outline in outlines:
        depths[outline.id] = max((depths[need] + 1 for need in outline.needs), default=0)
    return depths
