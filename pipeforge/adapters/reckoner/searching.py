"""Finds a workflow's jobs by difference of numbers, whatever the order of Reckoner's list."""

from itertools import pairwise

from pipeforge.adapters.reckoner.client import ReckonerClient
from pipeforge.adapters.reckoner.wire import OURS, ListedJob

_MOST_PAGES = 50  # chosen: 5,000 jobs


async def highest_job(client: ReckonerClient, workflow: int) -> int | None:
    """The highest number there is, 0 where there is no job; None when the list is too long to tell."""
    jobs = await _jobs_above(client, workflow, 0, enough=1)
    return None if jobs is None else max((job.id for job in jobs), default=0)


async def jobs_of_the_api(client: ReckonerClient, workflow: int, above: int) -> list[int] | None:
    """The numbers above `above` of jobs that the API started, ascending; None when it cannot be told."""
    jobs = await _jobs_above(client, workflow, above, enough=None)
    return None if jobs is None else sorted({job.id for job in jobs if job.trigger.casefold() == OURS})


async def _jobs_above(
    client: ReckonerClient, workflow: int, above: int, *, enough: int | None
) -> list[ListedJob] | None:
    """The jobs above a number. A list that begins with the newest is read no further than needed."""
    found: list[ListedJob] = []
    seen = 0
    for number in range(1, _MOST_PAGES + 1):
        page = await client.list_jobs(workflow, number)
        ids = [job.id for job in page.jobs]
        found += [job for job in page.jobs if job.id > above]
        descending = all(earlier > later for earlier, later in pairwise(ids))
        seen += len(ids)
        if not ids or (page.total is not None and seen >= page.total):
            return found
        if descending and len(ids) > 1 and (ids[-1] <= above or enough is not None):
            return found
    return None
