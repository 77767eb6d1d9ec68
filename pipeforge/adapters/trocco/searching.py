"""Finds a definition's jobs that are newer than a mark, whatever the order of trocco's list."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pipeforge.adapter import Evidence, Json
from pipeforge.adapters.trocco.client import TroccoClient
from pipeforge.adapters.trocco.wire import ListedJob, created
from pipeforge.errors import Transient

_MOST_PAGES = 50  # chosen: 5,000 jobs


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest job before a start: its number (0 for none) and when trocco says it was made.

    The time is trocco's own, so that no difference between two clocks can hide a job.
    """

    highest: int
    since: datetime | None

    def to_json(self) -> dict[str, Json]:
        return {"highest": self.highest, "since": self.since.isoformat() if self.since else None}

    @classmethod
    def from_json(cls, evidence: Evidence) -> "Mark":
        since = evidence.get("since")
        return cls(int(evidence["highest"]), datetime.fromisoformat(since) if since else None)


async def newest_mark(client: TroccoClient, definition: int) -> Mark | None:
    """One page is enough where the list begins with the newest, as lists do; else all are read.

    None when that would be too many.
    """
    newest: ListedJob | None = None
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_jobs(definition, None, cursor)
        newest = max([*page.items, *([newest] if newest else [])], key=lambda job: job.id, default=None)
        ids = [job.id for job in page.items]
        cursor = page.next_cursor
        if not cursor or (len(ids) > 1 and all(earlier > later for earlier, later in pairwise(ids))):
            return Mark(newest.id if newest else 0, created(newest) if newest else None)
    return None


async def newer_jobs(client: TroccoClient, definition: int, mark: Mark) -> list[int]:
    """The numbers above the mark, ascending."""
    found: set[int] = set()
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_jobs(definition, mark.since, cursor)
        found |= {job.id for job in page.items if job.id > mark.highest}
        cursor = page.next_cursor
        if not cursor:
            return sorted(found)
    raise Transient(f"trocco's job list of definition {definition} does not end")
