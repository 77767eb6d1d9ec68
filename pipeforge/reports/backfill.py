"""A backfill for people and programs: what will be done, how each instant stands, how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Literal

from pipeforge.engine.events import Backfill, Instant
from pipeforge.engine.state import RunState
from pipeforge.language.filters import zone
from pipeforge.reports.decisions import Decision, decisions_text
from pipeforge.reports.display import padded, width
from pipeforge.reports.progress import UNFINISHED
from pipeforge.reports.runs import VERSION

Word = Literal[
    "waiting", "running", "not over", "unknown", "succeeded", "failed", "canceled", "skipped", "taken", "held"
]

_SHOWN = 40
"""chosen: lines of a plan that is shown before it is carried out; --dry-run shows all of them."""

_TOLD = 20
"""chosen: instants that are told at the end with what went wrong in them; of decisions all are told."""

_NOTABLE = ("failed", "canceled", "unknown", "taken", "held")

_ACTIONS = {"run": "run", "rerun": "run what failed", "skip": "skip"}


@dataclass(slots=True)
class Standing:
    """How one instant of a backfill stands."""

    number: int
    instant: Instant
    run: str
    """The id of its run, which there is or will be."""
    word: Word
    """`taken`: another than this backfill ran it meanwhile · `held`: another process goes on with its run."""
    detail: str = ""
    state: RunState | None = None
    """While it goes on in this process."""
    troubles: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = field(default=())


def when(instant: Instant, timezone: tzinfo) -> str:
    """The instant as its pipeline sees it."""
    return instant.at.astimezone(timezone).isoformat()


def headline(plan: Backfill) -> str:
    """From when to when, in which steps."""
    where = zone(plan.timezone)
    first, last = plan.start.astimezone(where).isoformat(), plan.stop.astimezone(where).isoformat()
    count = len(plan.instants)
    return (
        f"backfill of {plan.pipeline}: {count} {'instant' if count == 1 else 'instants'} "
        f"from {first} to {last} (both inclusive), every {plan.every} in {plan.timezone}"
    )


def plan_text(plan: Backfill, *, whole: bool) -> str:
    """What will be done, in its order. `whole`: however much it is."""
    where = zone(plan.timezone)
    rows = [(when(one, where), _action(one), one.why) for one in plan.instants]
    shown = rows if whole or len(rows) <= _SHOWN else rows[: _SHOWN // 2]
    lines = [headline(plan), *_aligned(shown)]
    if len(shown) < len(rows):
        lines.append(f"  … and {len(rows) - len(shown)} more: --dry-run shows all")
    return "\n".join([*lines, _counts(plan)]) + "\n"


def _action(instant: Instant) -> str:
    again = instant.action == "run" and instant.again
    return "run again" if again else _ACTIONS[instant.action]


def _counts(plan: Backfill) -> str:
    todo = sum(one.action != "skip" for one in plan.instants)
    skipped = len(plan.instants) - todo
    told = f"{todo} {'run' if todo == 1 else 'runs'} to start, {plan.parallel} at once"
    told += ", none more after one that does not succeed" if plan.fail_fast else ""
    return told + (f"; {skipped} skipped" if skipped else "")


def table(standings: Sequence[Standing], timezone: tzinfo) -> list[str]:
    """One line an instant."""
    return _aligned([(when(one.instant, timezone), state(one), run(one)) for one in standings])


def state(one: Standing) -> str:
    """How it stands, in words."""
    said = {
        "waiting": "not begun",
        "unknown": "unknown: needs a decision",
        "held": "going on elsewhere",
        "taken": "skipped: run by another meanwhile",
    }
    return said.get(one.word, one.word)


def run(one: Standing) -> str:
    """Which run is meant."""
    if one.word == "waiting":
        return ""
    return one.detail or one.instant.why if one.word in ("skipped", "taken") else f"run {one.run}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(map(padded, row, widths)).rstrip() for row in rows]


_SHORT = {"taken": "skipped", "held": "going on elsewhere", "waiting": "not begun"}


def counted(standings: Sequence[Standing]) -> str:
    """How many stand how."""
    counts: dict[str, int] = {}
    for one in standings:
        word = _SHORT.get(one.word, one.word)
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def show_text(past: RunState, standings: Sequence[Standing], held_by: str | None, onward: str) -> str:
    """A backfill, instant by instant. `onward`: what to type while it is not over."""
    plan = past.backfill
    assert plan is not None
    ended = f"outcome {past.outcome or 'none yet: ' + UNFINISHED.get(past.paused or '', 'not over')}"
    lines = [headline(plan), f"run {past.run}, pipeline file {past.path}"]
    lines.append(f"going on, held by {held_by}" if held_by and past.outcome is None else ended)
    lines += ["", *table(standings, zone(plan.timezone)), "", counted(standings)]
    if past.outcome is None:
        lines.append(onward)
    return "\n".join(lines) + "\n"


def show_json(past: RunState, standings: Sequence[Standing]) -> dict[str, Any]:
    """The same for programs."""
    plan = past.backfill
    assert plan is not None
    return {
        "version": VERSION,
        "run": past.run,
        "pipeline": past.pipeline,
        "path": past.path,
        "outcome": past.outcome,
        "paused": past.paused,
        "backfill": plan.model_dump(mode="json", exclude={"instants"}),
        "instants": [_instant_json(one) for one in standings],
    }


def _instant_json(one: Standing) -> dict[str, Any]:
    begun = one.word not in ("waiting", "skipped", "taken")
    return {
        "number": one.number,
        "context_time": one.instant.at.isoformat(),
        "action": one.instant.action,
        "state": one.word,
        "run": one.run if begun else None,
        "earlier": one.instant.earlier or None,
        "why": one.detail or one.instant.why,
    }


def plan_json(plan: Backfill) -> dict[str, Any]:
    """What will be done, for programs."""
    return {"version": VERSION, "backfill": plan.model_dump(mode="json")}


def summary(past: RunState, standings: Sequence[Standing], nexts: Sequence[str]) -> str:
    """How it ended. `nexts`: what there is to do next, a line each."""
    plan = past.backfill
    assert plan is not None
    where = zone(plan.timezone)
    ended = f" {past.outcome}" if past.outcome else " is not over"
    lines = [f"backfill {past.run} of {plan.pipeline}{ended}: {counted(standings)}"]
    notable = [one for one in standings if one.word in _NOTABLE or one.troubles]
    for number, one in enumerate(notable):
        if number < _TOLD or one.decisions:
            lines.append(f"  {when(one.instant, where)} {state(one)}: {run(one)}")
            lines += [f"  {line}" for line in one.troubles if line]
            lines += [f"    {line}" for line in decisions_text(one.decisions, "")[:-1] if line]
    lines += [f"  and {len(notable) - _TOLD} more that did not succeed"] if len(notable) > _TOLD else []
    return "\n".join([*lines, *([""] if nexts else []), *nexts]) + "\n"
