"""Backfills: which past times of a schedule they are for, and the attempts that they make."""

from dataclasses import dataclass

from pipeforge.emulators.treasure.catalog import Workflow
from pipeforge.emulators.treasure.ledger import Ledger
from pipeforge.emulators.treasure.records import Attempt, Start
from pipeforge.emulators.treasure.refusing import conflict, invalid
from pipeforge.emulators.treasure.schedules import Schedules
from pipeforge.emulators.treasure.shapes import instant
from pipeforge.emulators.treasure.shelves import Schedule
from pipeforge.emulators.treasure.state import Attempts

MOST_TIMES = 10_000
"""Times that a backfill looks at. chosen."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """A backfill, read and found well-formed."""

    since: int
    name: str | None
    count: int | None = None
    skip_existing: bool = False
    advance: bool = False


class Filler:
    """Runs past times of schedules."""

    def __init__(self, schedules: Schedules, attempts: Attempts, ledger: Ledger) -> None:
        self._schedules = schedules
        self._attempts = attempts
        self._ledger = ledger

    def times(self, row: Schedule, asked: Backfill) -> list[int]:
        """The session times that it is for: from the first on, up to the one that the schedule has next.

        400 if there are fewer than are to be counted, 409 if an attempt of the name exists for any of them.
        """
        workflow, found = self._schedules.workflow(row), self._between(row, asked)
        if asked.skip_existing:
            return [time for time in found if self._ledger.at(workflow, time) is None]
        for time in found:
            self._refuse_taken(workflow, time, asked.name)
        return found

    def fill(self, row: Schedule, asked: Backfill) -> list[Attempt]:
        """Makes all attempts or none; each waits for the end of the one before it."""
        workflow, times = self._schedules.workflow(row), self.times(row, asked)
        self._attempts.demand_room(len(times))
        made: list[Attempt] = []
        for time in times:
            start = Start(str(workflow["id"]), time, asked.name, after=made[-1]["id"] if made else None)
            made.append(self._attempts.start(start)[0])
        if asked.advance and self._between(row, asked):
            table = self._schedules.table(row)
            self._schedules.skip(row, table.after(self._between(row, asked)[-1]), None)
        return made

    def _between(self, row: Schedule, asked: Backfill) -> list[int]:
        table = self._schedules.table(row)
        found: list[int] = []
        time = table.first(asked.since)
        while time < row["next_time"] and (asked.count is None or len(found) < asked.count):
            found.append(time)
            if len(found) > MOST_TIMES:
                raise invalid("Too many sessions to backfill")
            time = table.after(time)
        if asked.count is not None and len(found) < asked.count:
            raise invalid(
                f"count is set to {asked.count} but there are only {len(found)} attempts until the next "
                "schedule time"
            )
        return found

    def _refuse_taken(self, workflow: Workflow, time: int, name: str | None) -> None:
        session = self._ledger.at(workflow, time)
        if session is not None and any(each["name"] == name for each in self._ledger.siblings(session)):
            raise conflict(
                f"Attempt of project id={workflow['project']} workflow={workflow['name']} "
                f"instant={instant(time)} attempt name={name} already exists"
            )
