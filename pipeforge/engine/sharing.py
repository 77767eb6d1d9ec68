"""What an attempt shares with other processes: its places on its connection, kept in the journal."""

import asyncio
from typing import Literal

from pipeforge.engine.events import StepWaiting
from pipeforge.engine.life import Life
from pipeforge.journal import Claim, Wait

Reason = Literal["running", "starts", "turn"]

QUIET = 3.0
"""Seconds that a step may wait before it says for what. chosen: shorter is no news."""

# chosen: seconds until the next look whether another process gave its place back, grown up to the longest.
_FIRST_LOOK = 0.05
_LONGEST_LOOK = 1.0


_ORDER = "starts of the same follow each other, so that a lost one can be found again"


async def enter(life: Life) -> bool:
    """Waits for the attempt's places and takes them; False, without any, when the run is being stopped."""
    desk = life.around.desk
    if desk is None or not life.claims:
        return True
    if not await _turn(life):
        return False
    told, pause, began = False, _FIRST_LOOK, life.around.time()
    while not life.stopping:
        wait = await desk.claim(*life.claims)
        if wait is None:
            return True
        if not told and wait.seconds + life.around.time() - began >= QUIET:
            told = True
            say(life, _kind(wait.claim), _reason(life, wait))
        await life.nap(max(wait.seconds, pause))
        pause = min(_LONGEST_LOOK, pause * 1.5)
    await leave(life)
    return False


async def _turn(life: Life) -> bool:
    """The turn among the starts of this process, so that only one of them asks the journal."""
    if life.turn is None or life.in_turn:
        return True
    slow = say_later(life, "turn", _ORDER)
    try:
        life.in_turn = bool(await life.around.control.rest(life.turn.acquire()))
    finally:
        slow.cancel()
    return life.in_turn


async def keep(life: Life) -> None:
    """Takes the places of a job that an earlier process began and that may be going on: room or not.

    To ask what became of a start may be one more in the vendor's eyes; to look at a job is none.
    """
    known = life.state is not None and life.state.handle is not None
    wanted = [claim for claim in life.claims if not known or _kind(claim) == "running"]
    if life.around.desk is not None and wanted:
        await life.around.desk.claim(*wanted, force=True)


async def answered(life: Life) -> None:
    """What became of the start is on disk: from now its window runs, and it is others' turn."""
    await _give_back(life, tuple(claim for claim in life.claims if _kind(claim) != "running"))


async def leave(life: Life) -> None:
    """The job is over, or certainly not started."""
    await _give_back(life, life.claims)


async def _give_back(life: Life, claims: tuple[Claim, ...]) -> None:
    desk = life.around.desk
    if desk is not None and any(claim.lingers for claim in claims):
        await desk.give_back(*claims)  # lost with this process, it would keep others waiting
    elif desk is not None and claims:
        desk.let_go(*claims)
    if life.turn is not None and life.in_turn:
        life.in_turn = False
        life.turn.release()


def _kind(claim: Claim) -> Reason:
    """What the claim is for."""
    if claim.lingers:
        return "turn"
    return "running" if claim.window is None else "starts"


def say(life: Life, reason: Reason, detail: str) -> None:
    """Tells for what the step waits."""
    event = StepWaiting(
        at=life.around.clock.now(), step=life.id, attempt=life.number, reason=reason, detail=detail
    )
    life.around.ledger.note(event)


def say_later(life: Life, reason: Reason, detail: str) -> asyncio.TimerHandle:
    """Tells it in a few seconds, unless the timer is canceled."""
    return asyncio.get_running_loop().call_later(QUIET, say, life, reason, detail)


def at_once(connection: str, count: int) -> str:
    """A limit on running jobs in words."""
    return f"connection '{connection}' runs {count} at once"


def in_time(connection: str, count: int, seconds: float) -> str:
    """A limit on starts in words."""
    return f"connection '{connection}' starts {count} in {seconds:g}s"


def _reason(life: Life, wait: Wait) -> str:
    claim, name = wait.claim, life.step.connection
    if claim.lingers:
        return _not_its_turn(wait)
    if claim.window is not None:
        soon = f"; the next in {wait.seconds:.0f}s" if wait.seconds >= 1 else ""
        return in_time(name, claim.limit, claim.window) + soon
    whose = "" if wait.run == life.around.ledger.state.run else f" of run {wait.run} ({wait.holder})"
    since = wait.since.isoformat(timespec="seconds")
    return f"{at_once(name, claim.limit)}; step '{wait.place}'{whose} holds a place since {since}"


def _not_its_turn(wait: Wait) -> str:
    said = f"step '{wait.place}' of run {wait.run}"
    if wait.holder:
        return f"{said} ({wait.holder}) is starting the same; {_ORDER}"
    longest = f"{wait.claim.lingers / 60:.0f} minutes"
    return f"{said} may have started the same when it was lost: resuming that run settles it, or {longest}"
