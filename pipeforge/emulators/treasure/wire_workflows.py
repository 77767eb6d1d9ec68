"""The group Workflow of the API: routes and handlers."""

from datetime import datetime, timedelta
from math import floor

from pipeforge.emulators.core import Asked, Refused, Reply, Route
from pipeforge.emulators.treasure import asking
from pipeforge.emulators.treasure.catalog import Workflow
from pipeforge.emulators.treasure.parts import Parts
from pipeforge.emulators.treasure.refusing import invalid, unread
from pipeforge.emulators.treasure.scheduling import timetable
from pipeforge.emulators.treasure.shapes import session_time
from pipeforge.emulators.treasure.wire_schedules import local
from pipeforge.emulators.treasure.zones import time_zone

MODES = ("hour", "day", "schedule", "next_schedule")
HOSTED_MODES = ("second", "minute")
"""chosen: the hosted service takes what its description names; digdag's own parser refuses these two."""


class WorkflowWire:
    """Handlers around workflows."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/api/workflows", self._list),
            Route("GET", "/api/workflows/{id}", self._get),
            Route("GET", "/api/workflows/{id}/truncated_session_time", self._truncated),
        )

    def _list(self, asked: Asked) -> Reply:
        """Of latest revisions; by id upwards, or downwards."""
        order = asked.one("order") or "asc"
        if order not in ("asc", "desc"):
            raise invalid(f"Invalid order: {order}")
        last_id, size = asking.page(asked, "count")
        rows = [row for row in self._parts.catalog.latest() if self._matches(asked, row)]
        if order == "desc":
            rows = [row for row in reversed(rows) if last_id is None or row["id"] < last_id]
        else:
            rows = [row for row in rows if row["id"] > (last_id or 0)]
        return Reply(200, {"workflows": [self._parts.shapes.workflow(row) for row in rows[:size]]})

    def _matches(self, asked: Asked, row: Workflow) -> bool:
        pattern = asked.one("name_pattern") or ""
        project = self._parts.catalog.owner(row)["name"]
        return pattern in row["name"] or (asking.truth(asked, "search_project_name") and pattern in project)

    def _get(self, asked: Asked) -> Reply:
        return Reply(200, self._parts.shapes.workflow(self._workflow(asked)))

    def _truncated(self, asked: Asked) -> Reply:
        workflow, given = self._workflow(asked), asked.one("session_time")
        if not given:
            raise invalid("session_time= is required")
        _, told = self._parts.catalog.definition(workflow)
        try:
            asked_for = local(given, told)
        except Refused:
            raise unread("session_time", given) from None
        moment = self._cut(workflow, asked_for, asked.one("mode"))
        shown = self._parts.shapes.workflow(workflow)
        return Reply(
            200,
            {
                "project": shown["project"],
                "revision": shown["revision"],
                "sessionTime": session_time(moment, told),
                "timezone": told,
            },
        )

    def _cut(self, workflow: Workflow, moment: int, mode: str | None) -> int:
        if mode not in (None, *MODES, *(HOSTED_MODES if self._parts.world.hosted else ())):
            raise unread("mode", str(mode))
        config, told = self._parts.catalog.definition(workflow)
        if mode in ("schedule", "next_schedule"):
            table = timetable(config, told)
            if table is None:
                raise invalid(f"session_time_truncate={mode} is set but schedule is not set to this workflow")
            return table.first(moment) if mode == "schedule" else table.after(moment)
        there = datetime.fromtimestamp(moment, time_zone(told))
        if mode == "day":
            return floor(there.replace(hour=0, minute=0, second=0, fold=0).timestamp())
        passed = {"hour": timedelta(minutes=there.minute, seconds=there.second)}
        passed["minute"] = timedelta(seconds=there.second)
        return moment - floor(passed.get(mode or "", timedelta()).total_seconds())

    def _workflow(self, asked: Asked) -> Workflow:
        return self._parts.catalog.workflow(asked.params["id"])
