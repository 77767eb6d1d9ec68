"""Reads what the awaiting of jobs is decided by: the baseline, the new jobs, whether the recipe runs."""

import asyncio
from datetime import datetime

from pipeforge.adapters.calls import Refused
from pipeforge.adapters.workato.awaiting import Baseline, Sight, Watch, baseline, by_counters, by_jobs
from pipeforge.adapters.workato.choices import ACTIVATION, ACTIVATION_LOOK, JOB_PAGES
from pipeforge.adapters.workato.client import Seen, WorkatoClient
from pipeforge.adapters.workato.kinds import RunRecipeParams
from pipeforge.adapters.workato.wire import Job, JobPage
from pipeforge.errors import AdapterError, Rejected

_FORBIDDEN = frozenset([401, 403, 404])


async def take_baseline(client: WorkatoClient, params: RunRecipeParams) -> Baseline:
    """The recipe before it polls. Raises Rejected if it does not exist or its jobs may not be read."""
    recipe = await client.get_recipe(params.recipe_id)
    page = None
    if params.await_by == "jobs":
        try:
            page = (await client.list_jobs(params.recipe_id)).value
        except Refused as refusal:
            if refusal.status not in _FORBIDDEN:
                raise
            hint = "give the API client the right to list jobs, or write `await_by: counters`"
            raise Rejected(refusal.message, hint) from None
    return baseline(recipe.value, page, recipe.at)


async def look(client: WorkatoClient, watch: Watch) -> Sight:
    """The jobs since the baseline, in the way the step chose."""
    if watch.await_by == "counters":
        recipe = await client.get_recipe(watch.recipe_id)
        return by_counters(watch, recipe.value, recipe.at)
    first = await client.list_jobs(watch.recipe_id)
    new, whole = await _walk(client, watch, first)
    return by_jobs(new, first.at, whole=whole)


async def _walk(client: WorkatoClient, watch: Watch, first: Seen[JobPage]) -> tuple[list[Job], bool]:
    """All jobs newer than the baseline; False if the walk could not come back to it.

    Only ever towards the older: the documents contradict each other about the other way.
    """
    known, seen, new = set(watch.baseline.ids), set[str](), list[Job]()
    page = first.value.items
    for _ in range(JOB_PAGES):
        for job in page:
            if job.id in known:
                return new, True
            if job.id not in seen:
                seen.add(job.id)
                new.append(job)
        if not page:
            return new, True
        page = (await client.list_jobs(watch.recipe_id, before=page[-1].id)).value.items
        if page and page[0].id in seen:  # a server that ignores the offset
            break
    return new, _all_counted(watch.baseline, first.value, len(new))


def _all_counted(start: Baseline, page: JobPage, new: int) -> bool:
    """Whether the vendor's own count says that there are no more."""
    if start.job_count is None or page.job_count is None:
        return False
    return new >= page.job_count - start.job_count


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
