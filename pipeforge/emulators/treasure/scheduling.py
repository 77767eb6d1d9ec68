"""When a schedule is due: session times and the times at which they run, in the workflow's zone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from pipeforge.emulators.core import Json
from pipeforge.emulators.treasure.refusing import invalid
from pipeforge.emulators.treasure.zones import time_zone

_START = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Session times by a cron expression; each runs `delay` seconds later."""

    cron: str
    zone: str
    delay: int = 0

    def after(self, moment: int) -> int:
        """The session time after a moment. Both in UNIX seconds."""
        start = datetime.fromtimestamp(moment, time_zone(self.zone))
        try:
            return int(next(CronSim(self.cron, start)).timestamp())
        except (StopIteration, CronSimError):
            raise invalid(f"The schedule never comes: {self.cron}") from None

    def first(self, moment: int) -> int:
        """The first session time that runs at a moment or later."""
        return self.after(moment - 1 - self.delay)


def timetable(config: Mapping[str, Json], zone: str) -> Timetable | None:
    """What `schedule:` says; None where there is none. 400 where it cannot be read."""
    given = config.get("schedule")
    if not isinstance(given, dict):
        return None
    operators = [key for key in given if key.endswith(">")]
    if len(operators) != 1:
        raise invalid(
            "schedule: one of daily>, hourly>, weekly>, monthly>, minutes_interval>, cron> is wanted"
        )
    made = _made(operators[0], str(given[operators[0]]).strip(), zone, given.get("delay"))
    try:
        CronSim(made.cron, _START)
    except CronSimError:
        raise invalid(f"schedule: {operators[0]} cannot be read: {given[operators[0]]}") from None
    return made


def _made(operator: str, said: str, zone: str, delay: Json) -> Timetable:
    """digdag's own: days and hours run later than they stand for, by the time that is given."""
    day, _, at = said.partition(",")
    late = int(delay) if isinstance(delay, int) else 0
    if operator == "daily>":
        return Timetable("0 0 * * *", zone, _clock(said, 3))
    if operator == "hourly>":
        return Timetable("0 * * * *", zone, _clock(said, 2))
    if operator == "weekly>":
        return Timetable(f"0 0 * * {day.strip()[:3]}", zone, _clock(at, 3))
    if operator == "monthly>":
        return Timetable(f"0 0 {day.strip()} * *", zone, _clock(at, 3))
    if operator == "minutes_interval>":
        return Timetable(f"*/{said} * * * *", zone, late)
    if operator == "cron>":
        return Timetable(said, zone, late)
    raise invalid(f"schedule: unknown type {operator}")


def _clock(text: str, parts: int) -> int:
    """hh:mm:ss or mm:ss in seconds."""
    found = re.fullmatch(":".join([r"(\d{1,2})"] * parts), text.strip())
    if found is None:
        raise invalid(f"scheduler requires {'hh:' if parts == 3 else ''}mm:ss format: {text}")
    seconds = 0
    for part in found.groups():
        seconds = seconds * 60 + int(part)
    return seconds
