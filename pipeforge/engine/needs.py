"""Which step's turn it is: counts down what each still waits for, and judges how that went."""

from collections.abc import Collection, Mapping
from typing import Literal

from pipeforge.adapter import Outcome
from pipeforge.engine.state import StepState
from pipeforge.planning import Plan, PlannedStep

Verdict = Literal["run", "blocked", "not_needed"]


class Countdown:
    """The needs that are not over yet, per step. One pass over the edges in all, however long the run."""

    __slots__ = ("_dependents", "_waiting")

    def __init__(self, plan: Plan, over: Collection[str]) -> None:
        """`over`: the steps that ended already."""
        self._waiting: dict[str, int] = {}
        self._dependents: dict[str, list[PlannedStep]] = {}
        known: set[str] = set()
        for step in plan.steps:
            if not known.issuperset(step.needs):
                raise ValueError(f"the plan is not in order: {step.id!r} comes before what it needs")
            known.add(step.id)
            if step.id in over:
                continue
            waiting = [need for need in step.needs if need not in over]
            self._waiting[step.id] = len(waiting)
            for need in waiting:
                self._dependents.setdefault(need, []).append(step)

    def ready(self, plan: Plan) -> list[PlannedStep]:
        """The steps not over that wait for nothing, in the plan's order."""
        return [step for step in plan.steps if self._waiting.get(step.id) == 0]

    def ended(self, step: str) -> list[PlannedStep]:
        """The steps whose last need this was."""
        free = []
        for dependent in self._dependents.pop(step, ()):
            self._waiting[dependent.id] -= 1
            if not self._waiting[dependent.id]:
                free.append(dependent)
        return free


def judge(step: PlannedStep, states: Mapping[str, StepState]) -> Verdict:
    """What `run_when` says once every need is over."""
    if step.run_when == "always":
        return "run"
    well = all(states[need].ok for need in step.needs)
    if step.run_when == "failure":
        return "not_needed" if well else "run"
    return "run" if well else "blocked"


def run_outcome(plan: Plan, states: Mapping[str, StepState]) -> Outcome:
    """What the steps come to. Unknown weighs more than failed: somebody has to decide."""
    ends = [states[step.id] for step in plan.steps]
    if any(end.outcome is Outcome.UNKNOWN for end in ends):
        return Outcome.UNKNOWN
    return Outcome.SUCCEEDED if all(end.ok for end in ends) else Outcome.FAILED


def bad(step: PlannedStep, states: Mapping[str, StepState]) -> str:
    """The needs that did not succeed, for a person."""
    return ", ".join(f"'{need}' ({states[need].outcome})" for need in step.needs if not states[need].ok)
