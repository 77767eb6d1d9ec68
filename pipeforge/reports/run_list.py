"""The list of runs, for people and programs."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pipeforge.journal import RunSummary
from pipeforge.language.durations import text as duration
from pipeforge.reports.display import aligned
from pipeforge.reports.json_schema import DIALECT, object_
from pipeforge.reports.moments import zone_of

VERSION = 1

Status = Literal["running", "open", "unknown", "succeeded", "failed", "canceled"]

STATUSES: dict[str, str] = {
    "running": "a process holds it",
    "open": "it is not over and nobody holds it: resume or cancel it",
    "unknown": "a person has to decide what became of a step",
    "succeeded": "all its steps did, or were taken so",
    "failed": "a step did not succeed",
    "canceled": "a person canceled it",
}
"""How a run can stand, and what that means."""


def status(run: RunSummary) -> str:
    """One of STATUSES."""
    if run.held_by:
        return "running"
    return run.outcome or "open"


def table(runs: Sequence[RunSummary]) -> str:
    """One line a run, in its own zone; those that another one made stand under it, the first one first."""
    if not runs:
        return "no runs yet\n"
    rows = [("RUN", "PIPELINE", "CONTEXT TIME", "STARTED", "TOOK", "OUTCOME")]
    for depth, run in _tree(runs):
        took = duration((run.ended_at - run.started_at).total_seconds()) if run.ended_at else ""
        where = zone_of(run.timezone)
        context = run.context_time.astimezone(where).isoformat()
        again = f" (again {run.again})" if run.again and not _of_a_step(run) else ""
        started = run.started_at.astimezone(where).isoformat(sep=" ", timespec="minutes")
        rows.append(("  " * depth + run.run, run.pipeline, context + again, started, took, _state(run)))
    return "\n".join(aligned(rows)) + "\n"


def _tree(runs: Sequence[RunSummary]) -> Iterator[tuple[int, RunSummary]]:
    """Each run with how far it stands in."""
    listed = {run.run for run in runs}
    below: dict[str, list[RunSummary]] = {}
    for run in reversed(runs):
        below.setdefault(_parent(run), []).append(run)
    todo = [(0, run) for run in reversed(runs) if _parent(run) not in listed]
    while todo:
        depth, run = todo.pop()
        yield depth, run
        todo += [(depth + 1, child) for child in reversed(below.get(run.run, ()))]


def _parent(run: RunSummary) -> str:
    """The run that made it; empty for one that nobody made."""
    return run.run.rpartition(".")[0]


def _of_a_step(run: RunSummary) -> bool:
    """Whether a step runs it: there may be several for one instant. Those of a backfill have numbers."""
    own = run.run.rpartition(".")[2]
    return bool(_parent(run)) and not own.isdecimal()


def _state(run: RunSummary) -> str:
    if run.held_by:
        return f"running, held by {run.held_by}"
    if run.outcome and not run.ended_at:
        return "unknown: needs a decision"
    return (run.outcome or "not over: resume it") + (", its events are dropped" if run.pruned else "")


def table_json(runs: Sequence[RunSummary]) -> str:
    """The same for programs; `schema` describes it."""
    value = [
        {
            "run": run.run,
            "pipeline": run.pipeline,
            "context_time": run.context_time.isoformat(),
            "again": run.again,
            "status": status(run),
            "started_at": run.started_at.isoformat(),
            "ended_at": run.ended_at.isoformat() if run.ended_at else None,
            "outcome": run.outcome,
            "held_by": run.held_by,
            "pruned": run.pruned,
            "parent": _parent(run) or None,
        }
        for run in runs
    ]
    return json.dumps({"version": VERSION, "runs": value}, ensure_ascii=False, indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of `table_json`."""
    moment = {"type": "string", "format": "date-time"}
    row = {
        "run": {"type": "string", "description": "Its id: begins with the time it started, in UTC."},
        "pipeline": {"type": "string"},
        "context_time": moment | {"description": "The instant it is for."},
        "again": {"type": "integer", "minimum": 0, "description": "How many runs for it came before."},
        "status": {
            "enum": list(STATUSES),
            "description": "; ".join(f"{name}: {means}" for name, means in STATUSES.items()),
        },
        "started_at": moment,
        "ended_at": _or_null(moment),
        "outcome": {"enum": ["succeeded", "failed", "canceled", "unknown", None]},
        "held_by": _or_null({"type": "string", "description": "The process that holds it."}),
        "parent": _or_null({"type": "string", "description": "The backfill or the run that made it."}),
        "pruned": {"type": "boolean", "description": "Its events were dropped by `pipeforge runs prune`."},
    }
    return {
        "$schema": DIALECT,
        "title": "pipeforge runs",
        "description": "What `pipeforge runs --format json` prints, the newest run first.",
        **object_(
            {
                "version": {"const": VERSION, "description": "Changes when a reader would have to."},
                "runs": {"type": "array", "items": object_(row)},
            }
        ),
    }


def _or_null(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"type": [one["type"], "null"]}
