"""The items of one foreach: which may start, and what they come to together."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeforge.adapter import Outcome
from pipeforge.engine.state import Phase, StepState, phase
from pipeforge.planning import PlannedStep

GONE: Final = object()
"""In place of an item: what the foreach goes over is not known any more, or no longer has it."""


@dataclass(slots=True)
class Job:
    """A step, or one item of a foreach, on its way through the engine."""

    step: PlannedStep
    id: str
    crowd: "Crowd | None" = None
    item: Any = None

    @property
    def names(self) -> Mapping[str, Any] | None:
        """What the item is called in templates, and its value."""
        if self.crowd is None or self.step.foreach is None or self.item is GONE:
            return None
        return {self.step.foreach.name: self.item}


class Crowd:
    """One foreach under way. Every item has its turn, whatever becomes of the others."""

    __slots__ = ("_items", "_left", "_pending", "_room", "step")

    def __init__(self, step: PlannedStep, items: Sequence[Any], states: Mapping[str, StepState]) -> None:
        """`states`: what earlier processes did; an item that they saw end is over."""
        assert step.foreach is not None
        self.step = step
        self._items = items
        # In the items' order, so what was begun comes before what was not.
        places = range(len(items))
        self._pending = deque(n for n in places if phase(states, self.id(n)) is not Phase.FINISHED)
        self._left = len(self._pending)
        self._room = step.foreach.max_parallel or len(items)

    def id(self, index: int) -> str:
        """An item's name in the journal."""
        return f"{self.step.id}[{index}]"

    @property
    def over(self) -> bool:
        return self._left == 0

    def take(self) -> list[Job]:
        """The items that may start now."""
        jobs = []
        while self._room and self._pending:
            self._room -= 1
            index = self._pending.popleft()
            jobs.append(Job(self.step, self.id(index), self, self._items[index]))
        return jobs

    def job(self, id_: str) -> Job:
        """An item by its name, to go on with what was begun of it."""
        index = int(id_.removeprefix(self.step.id)[1:-1])
        if index < len(self._items):
            return Job(self.step, id_, self, self._items[index])
        # In a crowd of its own, which is never over: the foreach itself does not wait for it.
        return Job(self.step, id_, Crowd(self.step, (), {}), GONE)

    def ended(self) -> None:
        """One item is over."""
        self._left -= 1
        self._room += 1

    def total(self, states: Mapping[str, StepState]) -> tuple[Outcome, str, list[Any]]:
        """The foreach's own outcome, its detail, and its outputs: a list, one place for each item."""
        ends = [states[self.id(index)] for index in range(len(self._items))]
        outputs = [end.outputs for end in ends]
        bad = [self.id(index) for index, end in enumerate(ends) if not end.ok]
        if not bad:
            return Outcome.SUCCEEDED, "", outputs
        kinds = {end.outcome for end in ends if not end.ok}
        detail = f"{len(bad)} of {len(ends)} items did not succeed, the first is {bad[0]!r}"
        if kinds == {Outcome.CANCELED}:
            return Outcome.CANCELED, detail, outputs
        return Outcome.UNKNOWN if Outcome.UNKNOWN in kinds else Outcome.FAILED, detail, outputs
