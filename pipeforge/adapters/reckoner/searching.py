"""Finds a workflow's jobs by difference of numbers, whatever the order of Reckoner's list."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from pipeforge.adapters.claims import Newer
from pipeforge.adapters.instants import written
from pipeforge.adapters.reckoner.client import ReckonerClient
from pipeforge.adapters.reckoner.wire import OURS, ListedJob
from pipeforge.errors import InDoubt

_MOST_PAGES = 50  # chosen: 5,000 jobs


async def highest_job(client: ReckonerClient, workflow: int) -> tuple[int | None, datetime]:
    """The highest number there is, 0 where there is no job, None when the list is too long to tell; and
    Reckoner's time."""
    jobs, now = await _jobs_above(client, workflow, 0, enough=True)
    return (None if jobs is None else max((job.id for job in jobs), default=0)), now


async def jobs_of_the_api(
    client: ReckonerClient, workflow: int, above: int
) -> tuple[Sequence[Newer], datetime]:
    """The jobs above `above` that the API started, and Reckoner's time. Raises InDoubt if none can tell."""
    jobs, now = await _jobs_above(client, workflow, above, enough=False)
    if jobs is None:
        raise InDoubt(
            f"the history of Reckoner's workflow {workflow} is too long to be searched",
            "look at it in Reckoner before starting the workflow again",
        )
    newer = {job.id: written(job.started_at) for job in jobs if job.trigger.casefold() == OURS}
    return [Newer(*job) for job in newer.items()], now


async def _jobs_above(
    client: ReckonerClient, workflow: int, above: int, *, enough: bool
) -> tuple[list[ListedJob] | None, datetime]:
    """The jobs above a number. A list that begins with the newest is read no further than needed.

    `enough`: its first page will do.
    """
    found: list[ListedJob] = []
    seen = 0
    for number in range(1, _MOST_PAGES + 1):
        page, now = await client.list_jobs(workflow, number)
        ids = [job.id for job in page.jobs]
        found += [job for job in page.jobs if job.id > above]
        descending = all(earlier > later for earlier, later in pairwise(ids))
        seen += len(ids)
        if not ids or (page.total is not None and seen >= page.total):
            return found, now
        if descending and len(ids) > 1 and (enough or ids[-1] <= above):
            return found, now
    return None, now
