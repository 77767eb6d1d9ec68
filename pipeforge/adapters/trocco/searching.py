"""Finds a definition's jobs that are newer than a mark, whatever the order of trocco's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pipeforge.adapter import Evidence, Json
from pipeforge.adapters.claims import Newer
from pipeforge.adapters.instants import written
from pipeforge.adapters.trocco.client import TroccoClient
from pipeforge.adapters.trocco.wire import ListedJob
from pipeforge.errors import Transient

_MOST_PAGES = 50  # chosen: 5,000 jobs


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest job before a start: its number (0 for none), when it was made, and when we looked.

    The times are trocco's own, so that no difference between two clocks can hide a job.
    """

    highest: int
    since: datetime | None
    at: datetime

    def to_json(self) -> dict[str, Json]:
        since = self.since.isoformat() if self.since else None
        return {"highest": self.highest, "since": since, "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, evidence: Evidence) -> "Mark":
        since = evidence["since"]
        at = datetime.fromisoformat(evidence["at"])
        return cls(int(evidence["highest"]), datetime.fromisoformat(since) if since else None, at)


async def newest_mark(client: TroccoClient, definition: int) -> Mark | None:
    """One page is enough where the list begins with the newest, as lists do; else all are read.

    None when that would be too many.
    """
    newest: ListedJob | None = None
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page, now = await client.list_jobs(definition, None, cursor)
        items = page.items or []
        newest = max([*items, *([newest] if newest else [])], key=lambda job: job.id, default=None)
        ids = [job.id for job in items]
        cursor = page.next_cursor
        if not cursor or (len(ids) > 1 and all(earlier > later for earlier, later in pairwise(ids))):
            return Mark(newest.id, written(newest.created_at), now) if newest else Mark(0, None, now)
    return None


async def newer_jobs(client: TroccoClient, definition: int, mark: Mark) -> tuple[Sequence[Newer], datetime]:
    """The jobs above the mark, and trocco's time."""
    found: dict[int, Newer] = {}
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page, now = await client.list_jobs(definition, mark.since, cursor)
        newer = [job for job in page.items or () if job.id > mark.highest]
        found |= {job.id: Newer(job.id, written(job.created_at)) for job in newer}
        cursor = page.next_cursor
        if not cursor:
            return list(found.values()), now
    raise Transient(f"trocco's job list of definition {definition} does not end")
