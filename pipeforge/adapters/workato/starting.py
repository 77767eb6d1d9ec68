"""Gets a recipe to poll: by asking a running one, or by starting one; and finds out after a lost answer."""

import asyncio
from datetime import datetime

from pipeforge.adapter import Evidence, Handle
from pipeforge.adapters.workato.awaiting import Baseline, watch_of
from pipeforge.adapters.workato.choices import ACTIVATION, PROVES_FOR, RECOVERY_LOOK, SERVER_WORKS
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.adapters.workato.kinds import RunRecipeParams
from pipeforge.adapters.workato.looking import await_running, look, new_jobs
from pipeforge.adapters.workato.requesting import Seen
from pipeforge.adapters.workato.wire import Recipe
from pipeforge.errors import InDoubt, Rejected


async def poll(client: WorkatoClient, params: RunRecipeParams, evidence: Evidence) -> Handle:
    """Asks a running recipe to poll now."""
    start = Baseline.model_validate(evidence)
    return watch_of(params, start, await client.poll_now(params.recipe_id)).handle()


async def start(client: WorkatoClient, params: RunRecipeParams, evidence: Evidence) -> Handle:
    """Starts a stopped recipe, which makes it poll, and waits until it is active.

    Once the start was accepted nothing may raise: not seen active yet is told in the handle.
    """
    before = Baseline.model_validate(evidence)
    await start_stopped(client, params.recipe_id)
    active, at = await await_running(client, params.recipe_id, before.at)
    return watch_of(params, before, at, activated=active).handle()


async def start_stopped(client: WorkatoClient, recipe: int) -> datetime:
    """The start, and the server's time of its answer; a refusal by a recipe that runs by now is none."""
    try:
        return await client.start_recipe(recipe)
    except Rejected:
        seen = await client.get_recipe(recipe)
        if not seen.value.running:
            raise
        return seen.at


async def find(client: WorkatoClient, params: RunRecipeParams, evidence: Evidence) -> Handle | None:
    """The handle if a new job, or a recipe that runs now, proves the trigger; None once none can come.

    A request whose answer was lost may still be at work: looks until the vendor has certainly given up.
    Raises InDoubt for a recipe on a schedule, of which a second poll could be a second run.
    """
    before = Baseline.model_validate(evidence)
    waited, limit = 0.0, SERVER_WORKS if before.running else SERVER_WORKS + ACTIVATION
    while True:
        since = await _proof(client, params, before)
        if since is not None:
            return watch_of(params, before, since).handle()
        if waited >= limit:
            break
        await asyncio.sleep(RECOVERY_LOOK)
        waited += RECOVERY_LOOK
    if before.running and before.scheduled:
        raise InDoubt(
            f"recipe {params.recipe_id} runs on a schedule and shows no new job: "
            "polling it again could run it twice",
            f"look at the jobs of recipe {params.recipe_id}; if none is there, run the step again",
        )
    return None


async def _proof(client: WorkatoClient, params: RunRecipeParams, before: Baseline) -> datetime | None:
    """As `_polled`. Raises InDoubt where the token may not look."""
    try:
        recipe = await client.get_recipe(params.recipe_id)
        return await _polled(client, params, before, recipe)
    except Rejected as refusal:
        said = f"whether recipe {params.recipe_id} has polled cannot be seen: {refusal.message}"
        look = f"look at the jobs of recipe {params.recipe_id} before it is polled again"
        raise InDoubt(said, "; ".join(filter(None, (look, refusal.hint)))) from None


async def _polled(
    client: WorkatoClient, params: RunRecipeParams, before: Baseline, recipe: Seen[Recipe]
) -> datetime | None:
    """The moment from which on jobs are awaited, if there is proof of the poll.

    It is that of the first job, so that a process which comes a day later awaits no other people's. Jobs
    that wait prove nothing of a recipe that was stopped: they may have waited before.
    """
    started = recipe.at if recipe.value.running and not before.running else None
    if params.await_by == "counters":
        seen = await look(client, watch_of(params, before, recipe.at))
        return recipe.at if seen.jobs else started
    new = (await new_jobs(client, params.recipe_id, before)).jobs
    begun = [job.begun for job in new if job.begun is not None]
    if begun:
        return _near(params, before, min(begun))
    return recipe.at if new and before.running else started


def _near(params: RunRecipeParams, before: Baseline, first: datetime) -> datetime:
    """Raises InDoubt for a first job that somebody else's poll must have made."""
    after = (first - before.at).total_seconds()
    if after <= PROVES_FOR:
        return first
    raise InDoubt(
        f"recipe {params.recipe_id} shows no job until {after:.0f}s after the intent: another poll made it",
        f"look at the jobs of recipe {params.recipe_id}; if they did what was wanted nothing is left to do",
    )


async def state_after(client: WorkatoClient, recipe: int, *, running: bool) -> Seen[Recipe] | None:
    """The recipe once it is (or is not) running; None when a lost request can no longer make it so."""
    waited, limit = 0.0, SERVER_WORKS + ACTIVATION if running else SERVER_WORKS
    while True:
        seen = await client.get_recipe(recipe)
        if seen.value.running is running:
            return seen
        if waited >= limit:
            return None
        await asyncio.sleep(RECOVERY_LOOK)
        waited += RECOVERY_LOOK
