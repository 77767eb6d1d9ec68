"""Begins the run that a step makes: under the one id that follows from its place, with what it is handed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pipeforge.adapter import Outcome
from pipeforge.commands import beginning, lineage, linking, opening, places
from pipeforge.engine.control import Control
from pipeforge.engine.events import RunStarted, StepFinished
from pipeforge.engine.ledger import Emit
from pipeforge.engine.queueing import conflict
from pipeforge.engine.repeating import repeat, taken_over
from pipeforge.engine.state import RunState
from pipeforge.errors import UsageError
from pipeforge.journal import Journal, RunSummary, Taken, Writer
from pipeforge.planning import Plan, PlannedStep

_TRIES = 5
"""chosen: how often a run's number is looked for anew when another process took it meanwhile."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The run whose steps they are, as this process holds it."""

    planned: opening.Planned
    past: RunState
    link: linking.Link
    emit: Emit
    control: Control
    journal: Journal
    keys: frozenset[str] = frozenset()
    """The concurrency keys that it holds, or that a run above it does."""


@dataclass(frozen=True, slots=True)
class Child:
    """One attempt of a step, or of one of its items, that runs a pipeline."""

    step: PlannedStep
    id: str
    attempt: int


class Skipped(Exception):
    """The run was not begun, as its pipeline's `on_conflict` says. `detail` tells why."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def run_of(parent: str, child: Child) -> str:
    """The id of a child's run. It follows from its place alone, so that a second one can never be begun."""
    again = f"+{child.attempt}" if child.attempt > 1 else ""
    return f"{parent}.{child.id.replace('[', ':').rstrip(']')}{again}"


def keys(above: Parent) -> frozenset[str]:
    """The concurrency keys that a child must not want: their runs wait for it."""
    own = above.planned.plan.concurrency
    return above.keys | {own.key} if own else above.keys


def planned(above: Parent, child: Child, handed: Mapping[str, Any]) -> opening.Planned:
    """What the child's run does. Raises UsageError."""
    source = above.planned.opened.children[child.step.id]
    found = opening.handed_down(source, handed, above.planned.plan, above.past.environment)
    return replace(found, plan=linking.hurried(found.plan)) if above.link.emulated else found


def start(above: Parent, child: Child, of: opening.Planned) -> tuple[RunStarted, Writer, str]:
    """The run in the journal, and what to warn of. Raises UsageError, Skipped."""
    plan = of.plan
    if plan.concurrency is not None and plan.concurrency.key in keys(above):
        raise UsageError(
            f"'{plan.pipeline}' has the concurrency key '{plan.concurrency.key}' of a run that waits for it",
            "give one of them another key, or none",
        )
    tries = 0
    while True:
        rows = above.journal.find(plan.pipeline, plan.context_time)
        started = _started(above, child, of, max((row.again for row in rows), default=-1) + 1)
        try:
            return started, _enter(above.journal, started, plan), _before(rows, started)
        except UsageError:
            tries += 1
            if tries == _TRIES:
                raise


def _started(above: Parent, child: Child, of: opening.Planned, again: int) -> RunStarted:
    plan, now, run = of.plan, datetime.now(UTC), above.past.run
    whence = {"how": "step", "run": run, "step": child.id, "attempt": child.attempt}
    before = _earlier(above, child)
    kept: tuple[StepFinished, ...] = ()
    if before is not None and before.outcome in (Outcome.FAILED, Outcome.CANCELED):
        # What succeeded before is not done again, also further down.
        kept = taken_over(before, repeat(before, plan, "failed", ()), now)
        whence |= {"mode": "failed", "repeats": before.run}
    return beginning.started(
        of,
        now,
        run_of(run, child),
        again=again,
        environment=above.past.environment,
        world=above.past.world,
        parent=whence,
        taken_over=kept,
    )


def _earlier(above: Parent, child: Child) -> RunState | None:
    """What it repeats: the run of the attempt before, or that of its step in what the run above repeats."""
    state = above.past.steps.get(child.id)
    opened = state.before if state is not None else 0
    for attempt in range(child.attempt - 1, opened, -1):
        found = _ended(above.journal, run_of(above.past.run, replace(child, attempt=attempt)))
        if found is not None:
            return found
    return _repeated(above.journal, above.past, child.id)


def _repeated(journal: Journal, past: RunState, id_: str) -> RunState | None:
    """The last run that the step made in the runs that this one repeats; one of them may never have begun it.

    Not beyond a run that was told to do the step anew: what it then would have done still is to be done.
    """
    whence = past.parent or {}
    while whence.get("mode") == "failed":
        old = _ended(journal, str(whence.get("repeats", whence["run"])))
        step = old.steps.get(id_) if old else None
        while step is not None and step.origin:  # kept there: what became of it is told where it was done
            old = _ended(journal, step.origin)
            step = old.steps.get(id_) if old else None
        inner = (step.handle or {}).get("run_id") if step else None
        if inner:
            return _ended(journal, str(inner))
        whence = (old.parent if old else None) or {}
    return None


def _ended(journal: Journal, run: str) -> RunState | None:
    """A run to be repeated; None when it was never begun. Raises UsageError: what it did is not known."""
    found = lineage.read(journal, run)
    if found is None and lineage.pruned(journal, run):
        raise UsageError(
            f"the events of run {run} were dropped: it is not known what of it succeeded",
            "start a new run, which does all of it: pipeforge run … --again",
        )
    if found is not None and found.outcome is None:
        raise UsageError(
            f"run {run}, which this would repeat, is not over",
            f"`pipeforge resume {run}` goes on with it, `pipeforge cancel {run}` ends it",
        )
    return found


def _enter(journal: Journal, started: RunStarted, plan: Plan) -> Writer:
    policy = plan.concurrency
    if policy is None or policy.on_conflict == "queue":
        return journal.start(started)
    try:
        return journal.start(started, places.claim(plan))
    except Taken as taken:
        why = conflict(taken.wait)
    if policy.on_conflict == "skip":
        raise Skipped(why)
    raise UsageError(why, "wait for it, or let runs wait with `on_conflict: queue`")


def _before(rows: Sequence[RunSummary], started: RunStarted) -> str:
    """What to say of the last run of the pipeline for the instant that was not of the same family."""
    root = started.run.partition(".")[0]
    earlier = [row.run for row in rows if row.run.partition(".")[0] != root]
    return f"'{started.pipeline}' was run for this context_time before: run {earlier[-1]}" if earlier else ""
