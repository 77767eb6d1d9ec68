"""A run's own place, among the runs that share its concurrency key: waited for before anything starts."""

import asyncio

from pipeforge.engine.events import RunWaiting
from pipeforge.engine.life import Surroundings
from pipeforge.journal import Claim, Wait

# chosen: seconds until the next look whether another run is over, grown up to the longest.
_FIRST_LOOK = 0.1
_LONGEST_LOOK = 2.0


async def in_line(around: Surroundings, claim: Claim | None) -> bool:
    """Waits for the run's place and takes it; False, without it, when the run is being stopped."""
    if claim is None or around.desk is None:
        return True
    told, pause = False, _FIRST_LOOK
    while around.control.reason is None:
        wait = await around.desk.claim(claim)
        if wait is None:
            return True
        if not told:
            told = True
            await around.ledger.append(RunWaiting(at=around.clock.now(), detail=conflict(wait)))
        await around.control.rest(asyncio.sleep(pause))
        pause = min(_LONGEST_LOOK, pause * 1.5)
    await around.desk.give_back(claim)
    return False


def conflict(wait: Wait) -> str:
    """Why the run has no place, in words."""
    runs = "one run" if wait.claim.limit == 1 else f"{wait.claim.limit} runs"
    since = wait.since.isoformat(timespec="seconds")
    who = f"run {wait.run} ({wait.holder})" if wait.holder else f"run {wait.run}"
    return f"{wait.claim.resource} lets {runs} go at once; {who} has its place since {since}"
