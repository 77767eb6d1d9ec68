"""What becomes of a run whose concurrency key is taken: it queues, is left out, or fails."""

import argparse

from pipeforge.commands import nexts
from pipeforge.commands.streams import out
from pipeforge.engine.events import RunStarted
from pipeforge.engine.queueing import conflict
from pipeforge.errors import Busy, UsageError
from pipeforge.journal import Claim, Journal, Taken, Wait, Writer
from pipeforge.planning import Concurrency, Plan


def claim(plan: Plan) -> Claim | None:
    """The place that a run of the plan needs; the same for every pipeline that names the same key."""
    policy = plan.concurrency
    return Claim(f"concurrency key '{policy.key}'", policy.limit) if policy else None


def start(
    journal: Journal, started: RunStarted, plan: Plan, args: argparse.Namespace | None = None
) -> Writer | None:
    """Starts the run; None when it is left out, which is said. Nothing is left behind then.

    Raises Busy when `on_conflict` says so, and what `Journal.start` raises.
    """
    policy = plan.concurrency
    if policy is None or policy.on_conflict == "queue":
        return journal.start(started)
    try:
        return journal.start(started, claim(plan))
    except Taken as taken:
        wait = taken.wait
    refuse(policy, wait, args)
    return None


async def take(writer: Writer, plan: Plan) -> None:
    """For a run that has started: its place, unless it queues for it later. Raises Taken."""
    place = claim(plan)
    if place is None or plan.concurrency is None or plan.concurrency.on_conflict == "queue":
        return
    wait = await writer.claim(place)
    if wait is not None:
        raise Taken(wait)


def refuse(policy: Concurrency, wait: Wait, args: argparse.Namespace | None) -> None:
    """Says why the run does not go. Raises Busy when that is a failure."""
    if policy.on_conflict == "skip":
        out(f"skipped: {conflict(wait)}\nnothing was started, as `on_conflict: skip` says\n")
        return
    mend = nexts.beside(wait.run, args) if args else "wait for it"
    raise Busy(conflict(wait), f"{mend}; `on_conflict: queue` lets runs wait for each other")


def refuse_own_key(above: Plan, below: Plan, step: str) -> None:
    """Raises UsageError for a run that would wait for the one that waits for it."""
    if above.concurrency and below.concurrency and above.concurrency.key == below.concurrency.key:
        key = below.concurrency.key
        raise UsageError(
            f"step '{step}': '{below.pipeline}' has the concurrency key '{key}' of '{above.pipeline}', "
            "which holds it until this step is over",
            "give one of them another key, or none",
        )
