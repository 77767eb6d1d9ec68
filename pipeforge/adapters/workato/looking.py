"""Reads what the awaiting of jobs is decided by: the baseline, the new jobs, whether the recipe runs."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from pipeforge.adapters.calls import Refused
from pipeforge.adapters.workato.awaiting import (
    Baseline,
    Sight,
    Watch,
    baseline,
    by_counters,
    by_jobs,
    counted,
)
from pipeforge.adapters.workato.belonging import is_before, of_the_poll
from pipeforge.adapters.workato.choices import ACTIVATION, ACTIVATION_LOOK, ERROR_LENGTH, STOPS_SOON
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.adapters.workato.kinds import RunRecipeParams
from pipeforge.adapters.workato.walking import walk
from pipeforge.adapters.workato.wire import Job
from pipeforge.errors import AdapterError, Rejected

_FORBIDDEN = frozenset([401, 403, 404])


async def take_baseline(client: WorkatoClient, params: RunRecipeParams) -> Baseline:
    """The recipe before it polls. Raises Rejected if it does not exist or its jobs may not be read."""
    recipe = await client.get_recipe(params.recipe_id)
    if params.await_by == "counters":
        return baseline(recipe.value, (), None, recipe.at)
    running = recipe.value.running
    try:
        found = await walk(client, params.recipe_id, lambda page: running or page[-1].begun is not None)
    except Refused as refusal:
        if refusal.status not in _FORBIDDEN:
            raise
        hint = "give the API client the right to list jobs, or write `await_by: counters`"
        raise Rejected(refusal.message, hint) from None
    return baseline(recipe.value, found.jobs, found.first.job_count, recipe.at)


async def look(client: WorkatoClient, watch: Watch) -> Sight:
    """The jobs of the poll, in the way the step chose."""
    if watch.await_by == "counters":
        recipe = await client.get_recipe(watch.recipe_id)
        return by_counters(watch, recipe.value, recipe.at)
    found = await new_jobs(client, watch.recipe_id, watch.baseline)
    if watch.named and found.whole and all(job.id != watch.named for job in found.jobs):
        told = f"recipe {watch.recipe_id} shows no job '{watch.named}' since {watch.baseline.at.isoformat()}"
        raise Rejected(told, "look at the recipe's jobs once more")
    sight = by_jobs(of_the_poll(watch, found.jobs) if found.whole else found.jobs, found.at)
    if not found.whole:
        sight = counted(watch, (await client.get_recipe(watch.recipe_id)).value, sight)
    # Masked before it is shortened: half a secret is not known for one.
    return replace(sight, error=client.redactor.text(sight.error)[:ERROR_LENGTH])


@dataclass(frozen=True, slots=True)
class New:
    """The jobs since the baseline, newest first."""

    jobs: list[Job]
    whole: bool
    """False if there are more than can be listed."""
    at: datetime


async def new_jobs(client: WorkatoClient, recipe: int, start: Baseline) -> New:
    """All jobs since the baseline. A job that was there before may come first in a list: it hides none."""
    found = await walk(client, recipe, lambda page: is_before(start, page[-1]))
    new = [job for job in found.jobs if not is_before(start, job)]
    return New(new, found.whole or _all_counted(start, found.first.job_count, len(new)), found.at)


def _all_counted(start: Baseline, job_count: int | None, new: int) -> bool:
    """Whether the vendor's own count says that there are no more."""
    if start.job_count is None or job_count is None:
        return False
    return new >= job_count - start.job_count


async def stops_soon(client: WorkatoClient, recipe: int) -> bool:
    """Whether a recipe that was asked to stop is seen stopped within STOPS_SOON. Raises no AdapterError."""
    waited = 0.0
    while True:
        try:
            if not (await client.get_recipe(recipe)).value.running:
                return True
        except AdapterError:
            pass
        if waited >= STOPS_SOON:
            return False
        await asyncio.sleep(ACTIVATION_LOOK)
        waited += ACTIVATION_LOOK


async def await_running(client: WorkatoClient, recipe: int, since: datetime) -> tuple[bool, datetime]:
    """Whether a started recipe was seen running in time, and the server's time of the last look.

    `since` stands in where no look succeeded. Raises no AdapterError: the start has been accepted.
    """
    waited, at = 0.0, since
    while waited < ACTIVATION:
        try:
            seen = await client.get_recipe(recipe)
        except AdapterError:
            pass
        else:
            at = seen.at
            if seen.value.running:
                return True, at
        await asyncio.sleep(ACTIVATION_LOOK)
        waited += ACTIVATION_LOOK
    return False, at
