"""From when to when: two texts of a command line become instants in a pipeline's zone."""

import calendar
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipeforge.errors import UsageError

_DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}")
_YEARS = (1000, 9000)
"""chosen: with room for every zone and step at both ends."""

_USUAL = "write 2026-01-31, 2026-01-31T02:00 or 2026-01-31T02:00:00+09:00"


def period(first: str, last: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From and to, both inclusive; a date alone is that day's beginning, at the end the whole day.

    Without an offset a time is the clock on the wall in `zone`. Raises UsageError.
    """
    start, stop = _read("--from", first), _read("--to", last)
    if (start.tzinfo is None) != (stop.tzinfo is None):
        with_, without = ("--from", "--to") if start.tzinfo else ("--to", "--from")
        raise UsageError(
            f"{with_} has an offset and {without} has none",
            f"give both an offset, or neither: without one a time is in the pipeline's zone, {zone.key}",
        )
    begin = _in(start, zone)
    end = _in(stop, zone)
    if _DATE.fullmatch(last.strip()):
        next_day = _in(stop + timedelta(days=1), zone)
        end = (next_day.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)
    if begin.astimezone(UTC) > end.astimezone(UTC):
        raise UsageError(f"--from '{first}' is after --to '{last}'", "swap them; --reverse begins at the end")
    return begin, end


def _in(moment: datetime, zone: ZoneInfo) -> datetime:
    """To the second; a clock on the wall that does not show this time that day stays as it is."""
    local = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    return local.replace(microsecond=0)


def _read(flag: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        near = _near(text)
        raise UsageError(
            f"{flag} '{text}' is not a time", f"did you mean {near}?" if near else _USUAL
        ) from None
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        hint = f"years go from {_YEARS[0]} to {_YEARS[1]}"
        raise UsageError(f"{flag} '{text}' is out of the calendar", hint)
    return moment


def _near(text: str) -> str | None:
    """The date that was probably meant: other signs between, a digit left out, a day that the month lacks."""
    half = unicodedata.normalize("NFKC", text).strip()
    found = re.match(r"([0-9]{4})[^0-9]{1,2}([0-9]{1,2})[^0-9]{1,2}([0-9]{1,2})日?(.*)", half)
    if not found:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if month > 12 >= day:
        month, day = day, month
    if not (1 <= month <= 12 and day >= 1 and year >= 1):
        return None
    meant = date(year, month, min(day, calendar.monthrange(year, month)[1])).isoformat() + found[4].strip()
    try:
        datetime.fromisoformat(meant)
    except ValueError:
        return meant[:10]
    return meant
