"""What a backfill is to do, decided before it starts: its instants, and what was run for each before."""

import argparse
from collections.abc import Sequence
from datetime import UTC
from itertools import islice

from pipeforge.commands import instants, launching, nexts, opening
from pipeforge.engine.events import Backfill, Instant
from pipeforge.engine.repeating import repeat
from pipeforge.engine.state import RunState, replay
from pipeforge.errors import Busy, UsageError
from pipeforge.journal import Journal
from pipeforge.language import values
from pipeforge.language.filters import zone
from pipeforge.language.periods import period
from pipeforge.language.recurring import Moment, every, moments
from pipeforge.planning import Plan

_MOST = 100_000
"""chosen: instants of one backfill."""


def in_order(args: argparse.Namespace, source: opening.Opened) -> list[Moment]:
    """The instants in the order they are begun. Raises UsageError when there are none, or beyond measure."""
    step = every(args.every)
    start, stop = period(args.from_, args.to, zone(source.pipeline.timezone))
    found = list(islice(moments(step, start, stop), _MOST + 1))
    if not found:
        raise UsageError(
            f"--every '{args.every}' never comes from {start.isoformat()} to {stop.isoformat()}",
            "choose a longer period",
        )
    if len(found) > _MOST:
        raise UsageError(
            f"these are more than {_MOST:,} instants", "choose a shorter period, or longer steps"
        )
    return found[::-1] if args.reverse else found


def asked(args: argparse.Namespace, source: opening.Opened, found: Sequence[Moment]) -> RunState:
    """The backfill that the command asks for; what it does for each instant is not decided yet."""
    pipeline = source.pipeline
    start, stop = period(args.from_, args.to, zone(pipeline.timezone))
    plan = Backfill(
        pipeline=pipeline.name,
        start=start.astimezone(UTC),
        stop=stop.astimezone(UTC),
        every=" ".join(args.every.split()),
        timezone=pipeline.timezone,
        mode="failed" if args.failed else "again" if args.again else "new",
        parallel=args.parallel or 1,
        fail_fast=args.fail_fast,
        instants=tuple(Instant(at=one.at, why=one.note) for one in found),
    )
    return RunState(
        pipeline=instants.PREFIX + pipeline.name,
        path=str(source.path.resolve()),
        context_time=found[0].at,
        environment=args.env,
        custom_variables=values.given(pipeline, tuple(args.set)),
        backfill=plan,
    )


def unfinished(journal: Journal, asked: RunState, args: argparse.Namespace) -> RunState | None:
    """The backfill that this very command began, when it is not over. Raises Busy."""
    assert asked.context_time is not None
    for row in reversed(journal.find(asked.pipeline, asked.context_time)):
        if row.ended_at is None:
            past = replay(journal.read(row.run))
            if _alike(past, asked):
                if row.held_by:
                    said = f"backfill {row.run} does just this, held by {row.held_by}"
                    raise Busy(said, nexts.beside(row.run, args))
                return past
    return None


def _alike(past: RunState, asked: RunState) -> bool:
    """Whether both are the same period and values; how many at once does not matter."""
    one, other = past.backfill, asked.backfill
    if one is None or other is None:
        return False
    same = all(
        getattr(one, name) == getattr(other, name)
        for name in ("start", "stop", "every", "timezone", "mode", "fail_fast")
    )
    first = one.instants[0].at.astimezone(UTC) == other.instants[0].at.astimezone(UTC)
    given = dict(past.custom_variables) == dict(asked.custom_variables)
    return same and first and given and past.environment == asked.environment and past.path == asked.path


def decided(
    journal: Journal, args: argparse.Namespace, source: opening.Opened, asked: RunState
) -> tuple[RunState, opening.Planned | None]:
    """The backfill with what it does for each instant, and the plan of one; every plan is made once to see
    that it can be. Raises UsageError.
    """
    plan = asked.backfill
    assert plan is not None
    where = zone(plan.timezone)
    found = [Moment(one.at.astimezone(where), one.why) for one in plan.instants]

    def resume(run_id: str) -> str:
        return nexts.resume_command(run_id, args)

    decided, planned = [], None
    for one in instants.decide(journal, plan.pipeline, found, plan.mode, resume):
        instant = one
        if one.action != "skip":
            try:
                made = launching.planned_for(source, one, asked)
            except UsageError as error:
                raise UsageError(f"for {one.at.isoformat()}: {error.message}", error.hint) from None
            planned = planned or made
            instant = _detailed(journal, one, made.plan) if one.action == "rerun" else one
        decided.append(instant)
    asked.backfill = plan.model_copy(update={"instants": tuple(decided)})
    asked.digest = planned.plan.digest if planned else ""
    return asked, planned


def _detailed(journal: Journal, instant: Instant, plan: Plan) -> Instant:
    """With how much of it is done again."""
    lines = repeat(replay(journal.read(instant.earlier)), plan, "failed", [])
    todo = sum(line.fate != "kept" for line in lines)
    said = f"{instant.why}; {todo} of its {len(lines)} steps run"
    return instant.model_copy(update={"why": said})
