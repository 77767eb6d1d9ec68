"""The items of one foreach: which may start, and what they come to together."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from pipeforge.adapter import Outcome
from pipeforge.engine.state import Phase, StepState, phase
from pipeforge.planning import PlannedStep

GONE: Final = object()
"""In place of an item: what the foreach goes over is not known any more, or no longer has it."""


class End(NamedTuple):
    """How a step ends that has no job of its own."""

    outcome: Outcome
    detail: str
    hint: str = ""
    outputs: Any = None


@dataclass(slots=True)
class Job:
    """A step, or one item of a foreach, on its way through the engine."""

    step: PlannedStep
    id: str
    crowd: "Crowd | None" = None
    item: Any = None

    @property
    def gone(self) -> bool:
        """Whether the step has no place for it any more: it is watched to its end, and nothing follows."""
        return self.item is GONE

    @property
    def names(self) -> Mapping[str, Any] | None:
        """What the item is called in templates, and its value."""
        if self.crowd is None or self.step.foreach is None or self.gone:
            return None
        return {self.step.foreach.name: self.item}


class Crowd:
    """One foreach under way. Every item has its turn, whatever becomes of the others.

    And so has every job that an earlier process began under the step's name and that is going on, whether
    the list still has its item or not: none is left unseen.
    """

    __slots__ = ("_begun", "_end", "_items", "_left", "_pending", "_room", "gone", "step")

    def __init__(
        self,
        step: PlannedStep,
        items: Sequence[Any],
        states: Mapping[str, StepState],
        earlier: Iterable[str] = (),
        end: End | None = None,
    ) -> None:
        """`states`: what earlier processes did; an item that they saw end is over.

        `earlier`: the ids that they left there. `end`: how the step ends when no item may start; of a step
        that is no foreach (any more) None: it begins after what is going on of its items.
        """
        self.step = step
        self._items = items
        self._end = end
        jobs = [self._job(id_) for id_ in earlier]
        # What the step has no place for any more; what is going on of it is watched to its end.
        self.gone = [job.id for job in jobs if job.gone]
        self._begun = [job for job in jobs if states[job.id].in_flight]
        begun = {job.id for job in self._begun}
        # In the items' order, so what was begun comes before what was not.
        ids = ((n, self.id(n)) for n in range(len(items)))
        self._pending = deque(
            n for n, id_ in ids if id_ not in begun and phase(states, id_) is not Phase.FINISHED
        )
        self._left = len(self._begun) + len(self._pending)
        most = step.foreach.max_parallel if step.foreach is not None else None
        self._room = (most or len(items)) - sum(not job.gone for job in self._begun)

    def id(self, index: int) -> str:
        """An item's name in the journal."""
        return f"{self.step.id}[{index}]"

    def _job(self, id_: str) -> Job:
        index = id_.removeprefix(self.step.id)[1:-1]
        known = self.step.foreach is not None and index and int(index) < len(self._items)
        return Job(self.step, id_, self, self._items[int(index)] if known else GONE)

    @property
    def over(self) -> bool:
        return self._left == 0

    def begun(self) -> list[Job]:
        """What was going on when this process came, once: somebody has to look at it, room or not."""
        begun, self._begun = self._begun, []
        return begun

    def take(self) -> list[Job]:
        """The items that may start now."""
        jobs = []
        while self._room > 0 and self._pending:
            self._room -= 1
            index = self._pending.popleft()
            jobs.append(Job(self.step, self.id(index), self, self._items[index]))
        return jobs

    def ended(self, job: Job) -> None:
        """One of them is over."""
        self._left -= 1
        self._room += not job.gone

    def undecided(self, states: Mapping[str, StepState]) -> list[str]:
        """Of what the step has no place for: that of which it is not known how it ended."""
        return [id_ for id_ in self.gone if states[id_].outcome is Outcome.UNKNOWN]

    def total(self, states: Mapping[str, StepState]) -> End:
        """The foreach's own end; its outputs are a list, one place for each item."""
        ends = [states[self.id(index)] for index in range(len(self._items))]
        outputs = [end.outputs for end in ends] if self._end is None else None
        if undecided := self.undecided(states):
            detail = f"it has no item {undecided[0]!r} any more, and it cannot be known how that ended"
            return End(Outcome.UNKNOWN, detail, outputs=outputs)
        if self._end is not None:
            return self._end
        bad = [self.id(index) for index, end in enumerate(ends) if not end.ok]
        if not bad:
            return End(Outcome.SUCCEEDED, "", outputs=outputs)
        kinds = {end.outcome for end in ends if not end.ok}
        detail = f"{len(bad)} of {len(ends)} items did not succeed, the first is {bad[0]!r}"
        if kinds == {Outcome.CANCELED}:
            return End(Outcome.CANCELED, detail, outputs=outputs)
        outcome = Outcome.UNKNOWN if Outcome.UNKNOWN in kinds else Outcome.FAILED
        return End(outcome, detail, outputs=outputs)


def begun_before(states: Mapping[str, StepState]) -> dict[str, list[str]]:
    """By step: the items that earlier processes left something of. One pass, however many steps there are."""
    found: dict[str, list[str]] = {}
    for id_ in states:
        if id_.endswith("]"):
            found.setdefault(id_.partition("[")[0], []).append(id_)
    return found
