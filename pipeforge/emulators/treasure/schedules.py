"""Schedules: what they start when the time comes, switching, skipping, running past times again."""

from collections.abc import Mapping, Sequence
from math import floor

from pipeforge.emulators.core import Desk, Json, Refused
from pipeforge.emulators.treasure.catalog import Catalog, Project, Workflow
from pipeforge.emulators.treasure.records import Start
from pipeforge.emulators.treasure.refusing import conflict, missing, of_the_world
from pipeforge.emulators.treasure.scheduling import Timetable, timetable
from pipeforge.emulators.treasure.shelves import Schedule
from pipeforge.emulators.treasure.state import Attempts
from pipeforge.emulators.treasure.world import TreasureWorld

FIRST_SCHEDULE = 7_001
AT_ONCE = 1_000
"""Times that are caught up with at one look. chosen: what a long jump leaves behind comes with the next."""
PAST = "Specified time to skip schedules is already past"
PUT_OFF = 600
"""Seconds until a start that found no room is tried again, as digdag does."""


class Schedules:
    """All schedules of one account."""

    def __init__(self, world: TreasureWorld, catalog: Catalog, attempts: Attempts, desk: Desk) -> None:
        self._world = world
        self._catalog = catalog
        self._attempts = attempts
        self._desk = desk
        self._rows: dict[str, Schedule] = desk.shelf("schedules")
        for kept in self._rows.values():
            kept.setdefault("last", None)  # of a state file from before it was kept
        for project in catalog.projects():
            for workflow in catalog.workflows(project):
                config, zone = catalog.definition(workflow)
                with of_the_world(project["name"], workflow["name"], "config.schedule"):
                    table = timetable(config, zone)
                self._keep(project, workflow["name"], table, None)

    @staticmethod
    def read(config: Mapping[str, Json]) -> Timetable | None:
        """The timetable of a definition that is pushed. 400 where it cannot be read."""
        return timetable(config, str(config.get("timezone", "UTC")))

    def follow(
        self,
        project: Project,
        tables: Mapping[str, Timetable | None],
        since: int | None,
        *,
        forget: Sequence[str],
        anew: bool,
    ) -> None:
        """After a push: schedules of workflows that have none any more go, those of others are kept.

        `forget`: of these the last start is forgotten; with `anew`, of all.
        """
        for key, row in list(self._rows.items()):
            if row["project"] != project["id"]:
                continue
            if anew or row["workflow"] in forget:
                row["last"] = None
            if tables.get(row["workflow"]) is None:
                del self._rows[key]
        for name, table in tables.items():
            self._keep(project, name, table, since)

    def all(self) -> list[Schedule]:
        """Those of projects that stand, by id."""
        standing = {project["id"] for project in self._catalog.projects()}
        return [row for row in self._rows.values() if row["project"] in standing]

    def of(self, project: Project, workflow: str | None) -> list[Schedule]:
        """Those of one project, or the one of one of its workflows.

        chosen: where everything exists, a workflow that is asked for has a daily schedule.
        """
        if workflow is not None and self._world.projects is None and not project["pushed"]:
            self._catalog.workflow_named(project, workflow)
            if self._row_of(project, workflow) is None:
                self._keep(project, workflow, Timetable("0 0 * * *", "UTC"), None)
        mine = [row for row in self.all() if row["project"] == project["id"]]
        return [row for row in mine if workflow in (None, row["workflow"])]

    def demand(self, schedule_id: str) -> Schedule:
        """404 if there is none."""
        found = self._rows.get(schedule_id)
        if found is None or found not in self.all():
            raise missing(f"schedule id={schedule_id}")
        return found

    def workflow(self, row: Schedule) -> Workflow:
        """The workflow of the latest revision that it starts."""
        project = self._catalog.project(str(row["project"]))
        return self._catalog.demand_workflow(project, row["workflow"])

    def table(self, row: Schedule) -> Timetable:
        """When it is due."""
        config, zone = self._catalog.definition(self.workflow(row))
        return timetable(config, zone) or Timetable("0 0 * * *", zone)

    def disable(self, row: Schedule) -> None:
        if row["disabled"] is None:
            row["disabled"] = row["updated"] = self._desk.clock.now()

    def enable(self, row: Schedule, *, skip: bool, to: int | None) -> None:
        """Switch it on. 409 for a time to skip to that is past; nothing is changed then."""
        if to is not None and skip:
            self.skip(row, self.table(row).first(to), None)
        elif skip and row["disabled"] is not None:
            self._move(row, max(row["next_time"], self.table(row).first(floor(self._desk.clock.now()))))
        row["disabled"], row["updated"] = None, self._desk.clock.now()

    def skip(self, row: Schedule, to: int, run: int | None, *, dry_run: bool = False) -> Schedule:
        """Move it on to a session time; 409 if it has come as far. The row as it is, or would be, then."""
        if row["next_time"] >= to:
            raise conflict(PAST)
        moved = row.copy() if dry_run else row
        self._move(moved, to, run)
        return moved

    def settle(self) -> None:
        """Start what has become due; to be called before anything is looked at."""
        now, left = self._desk.clock.now(), AT_ONCE
        for row in self.all():
            while row["disabled"] is None and row["next_run"] <= now and left:
                left -= 1
                self._start(row)

    def _start(self, row: Schedule) -> None:
        """A start that conflicts was made by somebody else: the schedule goes on all the same."""
        try:
            self._attempts.start(Start(str(self.workflow(row)["id"]), row["next_time"], by="hand"))
            row["last"] = row["next_time"]
        except Refused:
            row["next_run"] += PUT_OFF
            return
        self._move(row, self.table(row).after(row["next_time"]))

    def _move(self, row: Schedule, to: int, run: int | None = None) -> None:
        row["next_time"] = to
        row["next_run"] = to + self.table(row).delay if run is None else run

    def _keep(self, project: Project, workflow: str, table: Timetable | None, since: int | None) -> None:
        """One row for a workflow with a timetable; one that is there keeps its id, and goes on from its last
        start, or from now where there was none.
        """
        if table is None:
            return
        now = self._desk.clock.now()
        first = table.first(floor(now) if since is None else since)
        row = self._row_of(project, workflow)
        if row is not None:
            row["next_time"] = first if row["last"] is None else table.after(row["last"])
            row["next_run"], row["updated"] = row["next_time"] + table.delay, now
            return
        number = self._desk.number("schedule", FIRST_SCHEDULE)
        self._rows[str(number)] = _new(number, project, workflow, first, first + table.delay, now)

    def _row_of(self, project: Project, workflow: str) -> Schedule | None:
        mine = (row for row in self._rows.values() if row["project"] == project["id"])
        return next((row for row in mine if row["workflow"] == workflow), None)


def _new(number: int, project: Project, workflow: str, first: int, run: int, now: float) -> Schedule:
    return Schedule(
        id=number,
        project=project["id"],
        workflow=workflow,
        next_time=first,
        next_run=run,
        last=None,
        disabled=None,
        created=now,
        updated=now,
    )
