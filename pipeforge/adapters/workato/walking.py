"""Walks a recipe's jobs from the newest to the older, page by page, until it has what it came for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeforge.adapters.workato.choices import JOB_PAGES
from pipeforge.adapters.workato.client import Pairs, WorkatoClient
from pipeforge.adapters.workato.wire import Job, JobPage

Enough = Callable[[Sequence[Job]], bool]
"""Whether the walk is over with this page."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The jobs that were passed, newest first, each once."""

    jobs: tuple[Job, ...]
    whole: bool
    """False if it could go no further although there was more."""
    at: datetime
    """The server's time of the first page."""
    first: JobPage
    """The newest page, with the vendor's own counts."""


async def walk(
    client: WorkatoClient, recipe: int, enough: Enough, *, filters: Pairs = (), pages: int = JOB_PAGES
) -> Walk:
    """Only ever towards the older: the documents contradict each other about the other way."""
    first = await client.list_jobs(recipe, filters=filters)
    page, jobs, whole = first.value.items, dict[str, Job](), False
    for _ in range(pages):
        jobs |= {job.id: job for job in page if job.id not in jobs}
        if not page or enough(page):
            whole = True
            break
        page = (await client.list_jobs(recipe, before=page[-1].id, filters=filters)).value.items
        if page and page[0].id in jobs:  # a server that ignores the offset
            break
    return Walk(tuple(jobs.values()), whole, first.at, first.value)
