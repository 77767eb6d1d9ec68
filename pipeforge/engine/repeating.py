"""Which steps of a run that ended a new run does again, and which results it takes over."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeforge.adapter import Outcome
from pipeforge.engine.carrying import changes, members
from pipeforge.engine.events import StepFinished
from pipeforge.engine.needs import judge
from pipeforge.engine.state import RunState, StepState
from pipeforge.planning import Plan, PlannedStep

Mode = Literal["failed", "from", "only"]


@dataclass(frozen=True, slots=True)
class Repeat:
    """What becomes of one step."""

    id: str
    fate: Literal["kept", "again", "runs"]
    why: Literal["", "asked", "failed", "changed", "new", "upstream"] = ""
    outcome: Outcome | None = None
    """How it ended before."""
    items: int = 0
    """Of a foreach that runs again: the items whose results are kept."""


def repeat(past: RunState, plan: Plan, mode: Mode, named: Sequence[str]) -> list[Repeat]:
    """What becomes of each step, in the plan's order. `named`: the steps of `from` and `only`."""
    changed = {id_: why for id_, why in changes(past, plan).items() if why in ("changed", "new")}
    whys: dict[str, Literal["asked", "failed", "changed", "new", "upstream"]] = {}
    if mode == "failed":
        whys = {step.id: "failed" for step in plan.steps if not _ok(past, step.id)}
    else:
        whys = dict.fromkeys(named, "asked")
    if mode != "only":
        for id_, why in changed.items():
            whys.setdefault(id_, "new" if why == "new" else "changed")
        for id_ in _behind(plan, whys):
            whys.setdefault(id_, "upstream")
    there = members(past)
    return [_one(step, past, there.get(step.id, []), whys, frozenset(changed)) for step in plan.steps]


def _one(
    step: PlannedStep,
    past: RunState,
    parts: Sequence[tuple[str, StepState]],
    whys: Mapping[str, Literal["asked", "failed", "changed", "new", "upstream"]],
    changed: frozenset[str],
) -> Repeat:
    outcome = past.steps[step.id].outcome if step.id in past.steps else None
    why = whys.get(step.id)
    if why is None:
        return Repeat(step.id, "kept", "", outcome)
    kept = 0
    if why == "failed" and step.foreach and step.id not in changed and not whys.keys() & set(step.needs):
        kept = sum(state.ok for id_, state in parts if id_ != step.id)
    began = any(state.attempt for _, state in parts)
    return Repeat(step.id, "again" if began else "runs", why, outcome, kept)


def _ok(past: RunState, id_: str) -> bool:
    step = past.steps.get(id_)
    return step is not None and step.ok


def _behind(plan: Plan, ids: Iterable[str]) -> list[str]:
    """All that need one of these, directly or through others."""
    after: dict[str, list[str]] = {}
    for step in plan.steps:
        for need in step.needs:
            after.setdefault(need, []).append(step.id)
    todo, found = deque(ids), []
    while todo:
        for id_ in after.pop(todo.popleft(), ()):
            found.append(id_)
            todo.append(id_)
    return found


def taken_over(past: RunState, lines: Sequence[Repeat], at: datetime) -> tuple[StepFinished, ...]:
    """The results that hold in the new run, as its own events."""
    there, out = members(past), []
    for line in lines:
        for id_, step in there.get(line.id, []):
            keep = line.fate == "kept" or (line.items and id_ != line.id and step.ok)
            if keep and step.outcome is not None:
                out.append(_copied(id_, step, past.run, at))
    return tuple(out)


def _copied(id_: str, step: StepState, run: str, at: datetime) -> StepFinished:
    return StepFinished(
        at=step.finished_at or at,
        step=id_,
        attempt=step.attempt,
        outcome=step.outcome or Outcome.UNKNOWN,
        word=step.word,
        detail=step.detail,
        hint=step.hint,
        outputs=step.outputs,
        accepted=step.accepted,
        origin=step.origin or run,
    )


def hindered(past: RunState, plan: Plan, lines: Sequence[Repeat]) -> tuple[str, str] | None:
    """A step that would be blocked at once by a result that is kept, and that result's step."""
    fates = {line.id: line.fate for line in lines}
    for step in plan.steps:
        kept = [need for need in step.needs if fates[need] == "kept"]
        if fates[step.id] != "kept" and len(kept) == len(step.needs):
            bad = [need for need in kept if not _ok(past, need)]
            if bad and judge(step, past.steps) == "blocked":
                return step.id, bad[0]
    return None
