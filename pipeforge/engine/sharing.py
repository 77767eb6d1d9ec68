"""What an attempt shares with other processes: its places on its connection, kept in the journal."""

import asyncio
from typing import Literal

from pipeforge.engine.events import StepWaiting
from pipeforge.engine.life import Life
from pipeforge.journal import Wait

Reason = Literal["running", "starts", "turn"]

QUIET = 3.0
"""Seconds that a step may wait before it says for what. chosen: shorter is no news."""

# chosen: seconds until the next look whether another process gave its place back, grown up to the longest.
_FIRST_LOOK = 0.05
_LONGEST_LOOK = 1.0


async def enter(life: Life) -> bool:
    """Waits for the attempt's places and takes them; False, without any, when the run is being stopped."""
    desk = life.around.desk
    if desk is None or not life.claims:
        return True
    told, pause, began = False, _FIRST_LOOK, life.around.time()
    while not life.stopping:
        wait = await desk.claim(*life.claims)
        if wait is None:
            return True
        if not told and wait.seconds + life.around.time() - began >= QUIET:
            told = True
            say(life, "running" if wait.claim.window is None else "starts", _reason(life, wait))
        await life.nap(max(wait.seconds, pause))
        pause = min(_LONGEST_LOOK, pause * 1.5)
    await desk.give_back(*life.claims)
    return False


async def keep(life: Life) -> None:
    """Takes the places of a job that an earlier process began and that may be going on: room or not.

    To ask what became of a start may be one more in the vendor's eyes; to look at a job is none.
    """
    known = life.state is not None and life.state.handle is not None
    wanted = [claim for claim in life.claims if claim.window is None or not known]
    if life.around.desk is not None and wanted:
        await life.around.desk.claim(*wanted, force=True)


async def answered(life: Life) -> None:
    """The vendor answered the start, or nobody waits for it any more: from now its window runs."""
    starts = [claim for claim in life.claims if claim.window is not None]
    if life.around.desk is not None and starts:
        await life.around.desk.give_back(*starts)


async def leave(life: Life) -> None:
    """The job is over, or certainly not started."""
    if life.around.desk is not None and life.claims:
        await life.around.desk.give_back(*life.claims)


def say(life: Life, reason: Reason, detail: str) -> None:
    """Tells for what the step waits."""
    event = StepWaiting(
        at=life.around.clock.now(), step=life.id, attempt=life.number, reason=reason, detail=detail
    )
    life.around.ledger.note(event)


def say_later(life: Life, reason: Reason, detail: str) -> asyncio.TimerHandle:
    """Tells it in a few seconds, unless the timer is cancelled."""
    return asyncio.get_running_loop().call_later(QUIET, say, life, reason, detail)


def at_once(connection: str, count: int) -> str:
    """A limit on running jobs in words."""
    return f"connection '{connection}' runs {count} at once"


def in_time(connection: str, count: int, seconds: float) -> str:
    """A limit on starts in words."""
    return f"connection '{connection}' starts {count} in {seconds:g}s"


def _reason(life: Life, wait: Wait) -> str:
    claim, name = wait.claim, life.step.connection
    if claim.window is not None:
        soon = f"; the next in {wait.seconds:.0f}s" if wait.seconds >= 1 else ""
        return in_time(name, claim.limit, claim.window) + soon
    whose = "" if wait.run == life.around.ledger.state.run else f" of run {wait.run} ({wait.holder})"
    since = wait.since.isoformat(timespec="seconds")
    return f"{at_once(name, claim.limit)}; step '{wait.place}'{whose} holds a place since {since}"
