"""Gets a recipe to poll: by asking a running one, or by starting one; and finds out after a lost answer."""

import asyncio

from pipeforge.adapter import Evidence, Handle
from pipeforge.adapters.workato.awaiting import Baseline, watch_of
from pipeforge.adapters.workato.choices import RECOVERY_LOOK, SERVER_WORKS
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.adapters.workato.kinds import RunRecipeParams
from pipeforge.adapters.workato.looking import await_running, look
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


async def start_stopped(client: WorkatoClient, recipe: int) -> None:
    """The start; a refusal by a recipe that runs by now is none."""
    try:
        await client.start_recipe(recipe)
    except Rejected:
        if not (await client.get_recipe(recipe)).value.running:
            raise


async def find(client: WorkatoClient, params: RunRecipeParams, evidence: Evidence) -> Handle | None:
    """The handle if a new job, or a recipe that runs now, proves the trigger; None once none can come.

    A request whose answer was lost may still be at work: looks until the vendor has certainly given up.
    Raises InDoubt for a recipe on a schedule, of which a second poll could be a second run.
    """
    before = Baseline.model_validate(evidence)
    waited = 0.0
    while True:
        recipe = await client.get_recipe(params.recipe_id)
        watch = watch_of(params, before, recipe.at)
        if (await look(client, watch)).jobs or (recipe.value.running and not before.running):
            return watch.handle()
        if waited >= SERVER_WORKS:
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


async def state_after(client: WorkatoClient, recipe: int, *, running: bool) -> Recipe | None:
    """The recipe once it is (or is not) running; None when a lost request can no longer make it so."""
    waited = 0.0
    while True:
        seen = (await client.get_recipe(recipe)).value
        if seen.running is running:
            return seen
        if waited >= SERVER_WORKS:
            return None
        await asyncio.sleep(RECOVERY_LOOK)
        waited += RECOVERY_LOOK
