"""Starts the run of one instant of a backfill, or takes it up again; never a second one for the instant."""

import argparse
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pipeforge.commands import beginning, continuing, execution, instants, lineage, linking, opening
from pipeforge.engine.events import Instant, RunResumed, RunStarted, StepFinished
from pipeforge.engine.repeating import repeat, taken_over
from pipeforge.engine.state import RunState, replay
from pipeforge.errors import Busy, UsageError
from pipeforge.journal import Journal
from pipeforge.reports.backfill import Standing


@dataclass(frozen=True, slots=True)
class Course:
    """What all runs of a backfill have in common."""

    journal: Journal
    source: opening.Opened
    link: linking.Link
    past: RunState
    """Of the backfill itself."""
    args: argparse.Namespace


def planned_for(source: opening.Opened, instant: Instant, past: RunState) -> opening.Planned:
    """The plan of one instant. Raises UsageError, also when a file it is made of has changed since."""
    given = opening.Given(past.environment, instant.at.isoformat(), custom_variables=past.custom_variables)
    planned = opening.plan(source, given)
    if past.digest and planned.plan.digest != past.digest:
        raise UsageError(
            f"'{source.path}' or a file it names has changed since backfill {past.run} began",
            "bring back the version it began with and resume it",
        )
    return planned


async def begin(course: Course, one: Standing) -> tuple[execution.Held, RunStarted | RunResumed] | None:
    """Starts the run of an instant or takes it up again; None when it is not to be had, which `one` tells."""
    rows = course.journal.find(_pipeline(course), one.instant.at)
    one.word, other = instants.standing(rows, one.instant, one.run)
    one.detail = f"run {other}" if other else ""
    if one.word not in ("waiting", "not over"):
        return None
    planned = planned_for(course.source, one.instant, course.past)
    first = None if one.word == "not over" else _started(course, one, planned)
    plan = linking.hurried(planned.plan) if course.args.emulate else planned.plan
    if plan.concurrency is not None:  # of one backfill every run gets its turn
        plan = replace(plan, concurrency=replace(plan.concurrency, on_conflict="queue"))
    planned = replace(planned, plan=plan)
    if first is not None:
        return _launched(course, one, planned, first)
    try:
        writer = course.journal.open(one.run)
    except Busy:
        one.word = "held"
        return None
    past = replay(course.journal.read(one.run))
    resumed = RunResumed(at=datetime.now(UTC), holder=execution.holder(), digest=plan.digest)
    await continuing.put(writer, past, [*lineage.settlements(course.journal, past, resumed.at), resumed])
    return execution.Held(planned, past, writer, course.journal), resumed


def _launched(
    course: Course, one: Standing, planned: opening.Planned, first: RunStarted
) -> tuple[execution.Held, RunStarted] | None:
    try:
        writer = course.journal.start(first)
    except UsageError:  # somebody was quicker: the journal lets only one have the instant
        rows = course.journal.find(first.pipeline, first.context_time)
        one.word, other = instants.standing(rows, one.instant, one.run)
        one.detail = f"run {other}" if other else ""
        if one.word == "waiting":
            raise
        return None
    return execution.Held(planned, replay([first]), writer, course.journal), first


def _started(course: Course, one: Standing, planned: opening.Planned) -> RunStarted:
    plan, now, parent = planned.plan, datetime.now(UTC), {"backfill": course.past.run}
    kept: tuple[StepFinished, ...] = ()
    earlier = one.instant.earlier
    if one.instant.action == "rerun":
        before = replay(course.journal.read(earlier))
        kept = taken_over(before, repeat(before, plan, "failed", []), now)
        parent |= {"run": earlier, "how": "rerun", "mode": "failed"}
    return beginning.started(
        planned,
        now,
        one.run,
        path=course.past.path,
        again=one.instant.again,
        environment=course.past.environment,
        custom_variables=dict(course.past.custom_variables),
        world=course.past.world,
        parent=parent,
        taken_over=kept,
    )


def _pipeline(course: Course) -> str:
    return course.source.pipeline.name
