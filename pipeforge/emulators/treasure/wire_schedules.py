"""The group Schedule of the API, and a project's schedules: routes and handlers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import floor

from pipeforge.emulators.core import Asked, Json, Reply, Route
from pipeforge.emulators.treasure import asking
from pipeforge.emulators.treasure.filling import Backfill
from pipeforge.emulators.treasure.parts import Parts
from pipeforge.emulators.treasure.refusing import invalid
from pipeforge.emulators.treasure.shelves import Schedule
from pipeforge.emulators.treasure.zones import time_zone


class ScheduleWire:
    """Handlers around schedules."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._schedules = parts.schedules

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/api/schedules", self._list),
            Route("GET", "/api/schedules/{id}", self._get),
            Route("POST", "/api/schedules/{id}/enable", self._enable),
            Route("POST", "/api/schedules/{id}/disable", self._disable),
            Route("POST", "/api/schedules/{id}/skip", self._skip),
            Route("POST", "/api/schedules/{id}/backfill", self._backfill),
            Route("GET", "/api/projects/{id}/schedules", self._of_project),
        )

    def _list(self, asked: Asked) -> Reply:
        return self._page(asked, self._schedules.all())

    def _of_project(self, asked: Asked) -> Reply:
        project = self._parts.catalog.project(asked.params["id"])
        return self._page(asked, self._schedules.of(project, asked.one("workflow")))

    def _page(self, asked: Asked, rows: Sequence[Schedule]) -> Reply:
        """By id from the smallest on, always 100."""
        last_id, size = asking.page(asked, "")
        chosen = [row for row in rows if row["id"] > (last_id or 0)][:size]
        return Reply(200, {"schedules": [self._parts.timetables.schedule(row) for row in chosen]})

    def _get(self, asked: Asked) -> Reply:
        return Reply(200, self._parts.timetables.schedule(self._row(asked)))

    def _row(self, asked: Asked) -> Schedule:
        return self._schedules.demand(asked.params["id"])

    def _summary(self, row: Schedule) -> Reply:
        return Reply(200, self._parts.timetables.schedule(row, summary=True))

    def _disable(self, asked: Asked) -> Reply:
        row = self._row(asked)
        self._schedules.disable(row)
        return self._summary(row)

    def _enable(self, asked: Asked) -> Reply:
        """The body may be left out. Missed times are skipped by default (hosted), or run (oss)."""
        row, body = self._row(asked), asking.json_object(asked, optional=True)
        skip = _flag(body, "skipSchedule", default=self._parts.world.hosted)
        self._schedules.enable(row, skip=skip, to=self._local(row, body.get("nextTime")))
        return self._summary(row)

    def _skip(self, asked: Asked) -> Reply:
        row, body = self._row(asked), asking.json_object(asked)
        _demand(body, "dryRun")
        table, to = self._schedules.table(row), self._local(row, body.get("nextTime"))
        if to is not None:
            target = table.first(to)
        elif body.get("fromTime") is not None and body.get("count") is not None:
            target = table.first(asking.whole_second(body["fromTime"]))
            for _ in range(_whole(body, "count")):
                target = table.after(target)
        else:
            raise invalid("nextTime or (fromTime and count) are required")
        run = None if body.get("nextRunTime") is None else asking.whole_second(body["nextRunTime"])
        return self._summary(self._schedules.skip(row, target, run, dry_run=_flag(body, "dryRun")))

    def _backfill(self, asked: Asked) -> Reply:
        row, body = self._row(asked), asking.json_object(asked)
        fill, shapes = self._read(row, body), self._parts.timetables
        if _flag(body, "dryRun"):
            planned = [shapes.planned(row, time, fill.name) for time in self._parts.filler.times(row, fill)]
            return Reply(200, shapes.filled(row, planned))
        made = self._parts.filler.fill(row, fill)
        shown = [self._parts.shapes.attempt(attempt, asked.now) for attempt in made]
        return Reply(200, shapes.filled(row, shown), started=[each["id"] for each in shown] or None)

    def _read(self, row: Schedule, body: Mapping[str, Json]) -> Backfill:
        """digdag wants a time and a name; the hosted service can do without one of them."""
        hosted = self._parts.world.hosted
        skip = hosted and _flag(body, "skipExisting")
        advance = hosted and _flag(body, "advanceSchedule")
        if advance and (not skip or body.get("attemptName") is not None):
            raise invalid("advanceSchedule requires skipExisting, and no attemptName")
        _demand(body, "dryRun")
        if not advance:
            _demand(body, "fromTime")
        if not skip:
            _demand(body, "attemptName")
        since = row["next_run"] if body.get("fromTime") is None else asking.whole_second(body["fromTime"])
        count = None if body.get("count") is None else _whole(body, "count")
        return Backfill(
            since, asking.attempt_name(body.get("attemptName")), count, skip_existing=skip, advance=advance
        )

    def _local(self, row: Schedule, given: Json) -> int | None:
        """An instant, or a time on the clocks of the workflow's zone."""
        return None if given is None else local(given, self._schedules.table(row).zone)


def local(given: Json, there: str) -> int:
    """UNIX seconds of an instant, or of a time without an offset in a zone. 400."""
    try:
        moment = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise invalid(f"Invalid time format: {given}") from None
    return floor((moment if moment.tzinfo else moment.replace(tzinfo=time_zone(there))).timestamp())


def _demand(body: Mapping[str, Json], name: str) -> None:
    if body.get(name) is None:
        raise invalid(f"Cannot read the schedule request, required attributes are not set [{name}]")


def _flag(body: Mapping[str, Json], name: str, *, default: bool = False) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise invalid(f"{name} is not true or false: {value}")
    return value


def _whole(body: Mapping[str, Json], name: str) -> int:
    value = body[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(f"{name} is not a number: {value}")
    return value
