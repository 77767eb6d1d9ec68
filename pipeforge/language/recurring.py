"""How often: `1d`, `1month` or a cron expression, and the instants that follow from it in a time zone."""

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Literal, NamedTuple

from cronsim import CronSim, CronSimError

from pipeforge.errors import UsageError
from pipeforge.language.nearest import nearest

Unit = Literal["second", "day", "month", "cron"]

_UNITS: dict[str, tuple[Unit, int]] = {
    "s": ("second", 1),
    "m": ("second", 60),
    "min": ("second", 60),
    "minute": ("second", 60),
    "h": ("second", 3600),
    "hour": ("second", 3600),
    "d": ("day", 1),
    "day": ("day", 1),
    "w": ("day", 7),
    "week": ("day", 7),
    "month": ("month", 1),
    "year": ("month", 12),
}

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

_FIELDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("minute", "0-59", ()),
    ("hour", "0-23", ()),
    ("day of the month", "1-31, or L for the last", ()),
    ("month", "1-12 or JAN-DEC", _MONTHS),
    ("day of the week", "0-7 (0 and 7 are Sunday) or SUN-SAT", _DAYS),
)
"""Of a cron expression in order: what it is called, what it may hold, its names."""

_ALIASES = {"@hourly": "1h", "@daily": "1d", "@midnight": "1d", "@weekly": "1w", "@monthly": "1month"}
_ALIASES |= {"@yearly": "1year", "@annually": "1year"}

_USUAL = 'write 1h, 1d, 1w, 1month or a cron expression such as "0 2 * * 1-5"'


class Every(NamedTuple):
    """A step through time. Seconds are real time; days and months keep the clock on the wall."""

    text: str
    unit: Unit
    size: int = 0
    """How many of the unit; 0 of a cron expression."""


class Moment(NamedTuple):
    """An instant, and what is odd about it."""

    at: datetime
    note: str = ""


def every(text: str) -> Every:
    """Raises UsageError."""
    words = text.strip()
    if words.casefold() in _ALIASES:
        raise UsageError(f"--every '{text}' is not known", f"write {_ALIASES[words.casefold()]}")
    if "*" in words or len(words.split()) > 2:
        return _cron(words)
    folded = words.casefold().replace(" ", "")
    found = re.fullmatch(r"([0-9]*)([a-z]+)", folded)
    if found:
        name = found[2] if found[2] in _UNITS else found[2].removesuffix("s")
        if name in _UNITS:
            return _counted(text, found[1] or "1", name)
        near = nearest(name, _UNITS)
        raise UsageError(
            f"--every '{text}' is not known", f"did you mean '{found[1]}{near}'?" if near else _USUAL
        )
    parts = re.findall(r"([0-9]+)([smh])", folded)
    if parts and "".join(number + unit for number, unit in parts) == folded:
        return Every(words, "second", sum(int(number) * _UNITS[unit][1] for number, unit in parts))
    if folded.isdecimal():
        number = int(folded) or 1
        raise UsageError(f"--every '{text}' has no unit", f"write {number}d for days or {number}h for hours")
    raise UsageError(f"--every '{text}' is not known", _USUAL)


def _counted(text: str, number: str, name: str) -> Every:
    unit, size = _UNITS[name]
    many = int(number) * size
    if not many:
        raise UsageError(f"--every '{text}' never comes to an end", f"write 1{name} or more")
    return Every(text.strip(), unit, many)


def _cron(text: str) -> Every:
    fields = text.split()
    if len(fields) != len(_FIELDS):
        names = ", ".join(name for name, _, _ in _FIELDS)
        raise UsageError(f"--every '{text}' has {len(fields)} fields, cron has five", f"they are: {names}")
    for place, (field, (name, allowed, known)) in enumerate(zip(fields, _FIELDS, strict=True)):
        alone = ["*"] * len(_FIELDS)
        alone[place] = field
        try:
            CronSim(" ".join(alone), datetime(2024, 1, 1, tzinfo=UTC))
        except CronSimError:
            words = re.findall(r"[A-Za-z]+", field)
            near = next((found for word in words if (found := nearest(word[:3], known))), None)
            hint = (
                f"did you mean '{near}'?" if near else f"it takes {allowed}, lists 1,2, ranges 1-5, steps */2"
            )
            raise UsageError(f"--every '{text}': '{field}' is no {name}", hint) from None
    try:
        CronSim(text, datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError:
        raise UsageError(f"--every '{text}' never comes", "no such month has so many days") from None
    return Every(text, "cron")


def moments(step: Every, start: datetime, stop: datetime) -> Iterator[Moment]:
    """From `start` to `stop`, both inclusive, in the zone of `start`; each instant once, ascending.

    A wall clock time that does not exist that day is moved on by as much as the clock is; of one that exists
    twice the first counts. `start` itself is one, but for cron expressions. Days that a month lacks are its
    last.
    """
    if step.unit == "cron":
        yield from _by_cron(step, start, stop)
        return
    end = stop.astimezone(UTC)
    before = None
    for number in count():
        moment = _nth(step, start, number)
        real = moment.at.astimezone(UTC) if moment else None
        if moment is None or real is None or real > end:
            return
        if before is None or real > before:
            before = real
            yield moment


def _nth(step: Every, start: datetime, number: int) -> Moment | None:
    """The start, or so many steps after it; None behind the end of the calendar."""
    try:
        return _stepped(step, start, number) if number else _first(start)
    except (ValueError, OverflowError):
        return None


def _first(start: datetime) -> Moment:
    real = start.astimezone(UTC).astimezone(start.tzinfo)
    wall = start.replace(tzinfo=None, fold=0)
    return Moment(real) if real.replace(tzinfo=None, fold=0) == wall else _on_wall(wall, start)


def _stepped(step: Every, start: datetime, number: int) -> Moment:
    if step.unit == "second":
        real = start.astimezone(UTC) + timedelta(seconds=number * step.size)
        return Moment(real.astimezone(start.tzinfo))
    wall = start.replace(tzinfo=None, fold=0)
    if step.unit == "day":
        return _on_wall(wall + timedelta(days=number * step.size), start)
    index = wall.year * 12 + wall.month - 1 + number * step.size
    year, month = index // 12, index % 12 + 1
    day = min(wall.day, calendar.monthrange(year, month)[1])
    return _on_wall(wall.replace(year=year, month=month, day=day), start)


def _on_wall(wall: datetime, start: datetime) -> Moment:
    """The instant at which the clock on the wall shows this."""
    local = wall.replace(tzinfo=start.tzinfo)
    real = local.astimezone(UTC).astimezone(start.tzinfo)
    if real.replace(tzinfo=None, fold=0) != wall:
        return Moment(real, f"{wall:%H:%M} does not exist that day")
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        return Moment(real, f"the first of two {wall:%H:%M} that day")
    return Moment(real)


def _by_cron(step: Every, start: datetime, stop: datetime) -> Iterator[Moment]:
    end, before = stop.astimezone(UTC), None
    try:
        for at in CronSim(step.text, start - timedelta(seconds=1)):
            real = at.astimezone(UTC)
            if real > end:
                return
            if real >= start.astimezone(UTC) and (before is None or real > before):
                before = real
                yield Moment(real.astimezone(start.tzinfo))
    except CronSimError:  # it looks for fifty years and finds nothing
        return
