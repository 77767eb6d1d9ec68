"""Fetches every page of what Treasure Workflow lists."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from pydantic import Field

from pipeforge.adapters.calls import Call, Pairs
from pipeforge.adapters.http import Http
from pipeforge.adapters.treasure.rows import (
    AttemptRow,
    LogFileRow,
    ProjectRow,
    RevisionRow,
    Row,
    ScheduleRow,
    SessionRow,
    TaskRow,
    WorkflowRow,
)
from pipeforge.errors import Transient

PAGE = 100
"""The largest page that digdag gives. A larger size is refused, not cut."""


class Numbered(Protocol):
    """What pages are counted by."""

    @property
    def id(self) -> str:
        """The vendor's id."""


N = TypeVar("N", bound=Numbered)
R = TypeVar("R", bound=Row)


class Page(Row, Generic[R]):
    """One answer of a list."""

    rows: list[R]


class AttemptPage(Page[AttemptRow]):
    rows: list[AttemptRow] = Field(validation_alias="attempts")


class SessionPage(Page[SessionRow]):
    rows: list[SessionRow] = Field(validation_alias="sessions")


class TaskPage(Page[TaskRow]):
    rows: list[TaskRow] = Field(validation_alias="tasks")


class LogFilePage(Page[LogFileRow]):
    rows: list[LogFileRow] = Field(validation_alias="files")


class ProjectPage(Page[ProjectRow]):
    rows: list[ProjectRow] = Field(validation_alias="projects")


class WorkflowPage(Page[WorkflowRow]):
    rows: list[WorkflowRow] = Field(validation_alias="workflows")


class SchedulePage(Page[ScheduleRow]):
    rows: list[ScheduleRow] = Field(validation_alias="schedules")


class RevisionPage(Page[RevisionRow]):
    rows: list[RevisionRow] = Field(validation_alias="revisions")
    pagination: dict[str, Any] | None = None
    """Of the hosted service: `nextPage`, the cursor of the page that follows; null behind the last."""

    def following(self) -> str:
        """The cursor of the next page; empty where there is none."""
        cursor = (self.pagination or {}).get("nextPage")
        return cursor if isinstance(cursor, str) else ""


async def everything(
    http: Http, call: Call, page: type[Page[Any]], *, limit: int | None = None, size: str = ""
) -> list[Any]:
    """All rows of a list that goes on behind `last_id`, or its first `limit`.

    `size`: the query's word for the length of a page, where it has one. Short pages are no end: only one
    without a row is. Raises what `Http.fit` raises, and Transient for pages that do not go on.
    """
    found: list[Any] = []
    query: Pairs = [*call.query, (size, str(min(limit, PAGE)))] if size and limit else call.query
    last: Pairs = ()
    seen: set[str] = set()
    while True:
        rows: Sequence[Any] = (await http.fit(_with(call, [*query, *last]), page)).rows
        new = [row for row in rows if row.id not in seen]
        found += new
        seen |= {row.id for row in new}
        if not rows or (limit is not None and len(found) >= limit):
            return found[:limit]
        if not new:
            raise Transient(f"{http.access.name}: the pages of {call.path} do not go on", _REPEATED)
        last = [("last_id", new[-1].id)]


_REPEATED = "something on the way may answer in the vendor's place: check `base_url`"


async def revisions(http: Http, project_id: str, limit: int | None) -> list[RevisionRow]:
    """GET /api/projects/{id}/revisions: newest first; an open-source server tells of 100, and no more."""
    call = Call("GET", f"/api/projects/{project_id}/revisions")
    found: list[RevisionRow] = []
    cursors: set[str] = set()
    query: Pairs = ()
    while True:
        page = await http.fit(_with(call, query), RevisionPage)
        found += page.rows
        cursor = page.following()
        if not cursor or cursor in cursors or (limit is not None and len(found) >= limit):
            return found[:limit]
        cursors.add(cursor)
        query = [("page[after]", cursor), ("page[size]", str(PAGE))]


def filters(given: Mapping[str, str | bool | None]) -> Pairs:
    """A query of what was given; flags only where they are set."""
    words = {key: "true" if value is True else value for key, value in given.items() if value}
    return [(key, str(value)) for key, value in words.items()]


def _with(call: Call, query: Pairs) -> Call:
    return Call(call.method, call.path, query)
