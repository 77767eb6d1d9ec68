"""What of an earlier state holds for a plan: which results are kept, and which steps run anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeforge.adapter import Outcome
from pipeforge.engine.events import StepReopened
from pipeforge.engine.state import Phase, RunState, StepState
from pipeforge.planning import Plan

Fate = Literal["kept", "goes_on", "awaited", "again", "runs", "removed", "left"]
"""kept: its result stands. goes_on: it is under way, unchanged. awaited: its job is, from before the change;
once that is over it runs anew. again: it ended, and runs anew. runs: it did not begin.
removed: it is no more. left: likewise, and its job is left to itself: at the run's end it is told to go on.
"""

Why = Literal["", "changed", "upstream", "new"]


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one step."""

    id: str
    fate: Fate
    why: Why = ""
    outcome: Outcome | None = None
    """How it ended, of one that did."""


def changes(past: RunState, plan: Plan) -> dict[str, Why]:
    """By step: whether it changed, or one that it needs, directly or through others. In the plan's order."""
    before = _returning(past) | {outline.id: outline.fingerprint for outline in past.outlines}
    found: dict[str, Why] = {}
    for step in plan.steps:
        if step.id not in before:
            found[step.id] = "new"
        elif before[step.id] != step.fingerprint:
            found[step.id] = "changed"
        elif any(found[need] for need in step.needs):
            found[step.id] = "upstream"
        else:
            found[step.id] = ""
    return found


def _returning(past: RunState) -> dict[str, str]:
    """What was done under a name that is no step's now, by its fingerprint: a new step may have that name."""
    found = {}
    for base, parts in members(past).items():
        prints = {step.fingerprint for _, step in parts if step.fingerprint}
        if any(step.phase is not Phase.WAITING for _, step in parts):
            found[base] = prints.pop() if len(prints) == 1 else ""
    return found


def carry(past: RunState, plan: Plan) -> list[Line]:
    """What becomes of each step when the run goes on by this plan; the removed ones last."""
    found, there = changes(past, plan), members(past)
    lines = [_line(_of(past, id_), there.get(id_, []), id_, why) for id_, why in found.items()]
    gone = [outline.id for outline in past.outlines if outline.id not in found]
    for id_ in gone:
        left = any(step.in_flight for _, step in there.get(id_, []))
        lines.append(Line(id_, "left" if left else "removed", "", _of(past, id_).outcome))
    return lines


def _line(step: StepState, parts: Sequence[tuple[str, StepState]], id_: str, why: Why) -> Line:
    if why in ("", "new"):
        under_way = any(one.phase is not Phase.WAITING for _, one in parts)
        fate: Fate = "kept" if step.outcome is not None else "goes_on" if under_way else "runs"
        return Line(id_, fate, why, step.outcome)
    if any(one.in_flight for _, one in parts):
        return Line(id_, "awaited", why)
    return Line(id_, "runs" if step.outcome is None else "again", why, step.outcome)


def reopenings(past: RunState, lines: Sequence[Line], at: datetime) -> list[StepReopened]:
    """The events that make the lines true: every result that does not hold any more is opened."""
    events, there = [], members(past)
    for line in lines:
        if line.why == "changed" or line.why == "upstream":
            for id_, step in there.get(line.id, []):
                if step.phase is not Phase.WAITING:
                    reopened = StepReopened(at=at, step=id_, attempt=step.attempt, reason=line.why)
                    events.append(reopened)
    return events


def stuck(past: RunState, plan: Plan) -> tuple[str, Literal["unknown", "intended", "moved"]] | None:
    """A step that changed or is gone, which only its old definition can bring to an end; None if none is."""
    places = {outline.id: outline.place for outline in past.outlines}
    now, there = {step.id: step.place for step in plan.steps}, members(past)
    for base, why in changes(past, plan).items():
        if why not in ("changed", "upstream"):
            continue
        for id_, step in there.get(base, []):
            if step.outcome is Outcome.UNKNOWN:
                return id_, "unknown"
            if step.phase is Phase.INTENDED:
                return id_, "intended"
            if step.phase is Phase.TRIGGERED and places.get(base) != now[base]:
                return id_, "moved"
    gone = (id_ for id_, step in past.steps.items() if step.outcome is Outcome.UNKNOWN)
    return next(((id_, "unknown") for id_ in gone if id_.partition("[")[0] not in now), None)


def members(past: RunState) -> dict[str, list[tuple[str, StepState]]]:
    """By step: its state, and those of its items when it is a foreach."""
    found: dict[str, list[tuple[str, StepState]]] = {}
    for id_, step in past.steps.items():
        found.setdefault(id_.partition("[")[0], []).append((id_, step))
    return found


def _of(past: RunState, id_: str) -> StepState:
    return past.steps.get(id_) or StepState()
