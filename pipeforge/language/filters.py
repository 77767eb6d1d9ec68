"""The filters and attributes of expressions: times, texts, lists. Pure and bounded; types in `SIGNATURES`."""

from collections.abc import Callable, Mapping
from datetime import date as date_type
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipeforge.language.nearest import equals, likely
from pipeforge.language.saying import UNSAID, Said, say
from pipeforge.loading import load

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MAX_TEXT = 1_000_000
"""Characters any expression may give."""

PARTS = frozenset(["year", "month", "day", "hour", "minute", "second"])
"""What a template can take from a time, as `context_time.year`."""


class FilterError(ValueError):
    """A filter was given what it cannot take."""

    def __init__(self, message: Said, hint: Said = UNSAID) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def attribute(obj: Any, name: str, missing: Callable[[], Any]) -> Any:
    """`obj.name`: a key of a mapping or a part of a time, and nothing else."""
    if isinstance(obj, Mapping):
        return obj[name] if name in obj else missing()
    if isinstance(obj, datetime) and name in PARTS:
        return getattr(obj, name)
    return missing()


_ZONES = {"jst": "Asia/Tokyo", "japan time": "Asia/Tokyo", "+09:00": "Asia/Tokyo", "utc+9": "Asia/Tokyo"}
"""What people call a zone that has another name, or none."""


def zone(name: str) -> "ZoneInfo":
    """A time zone by its IANA name. Raises FilterError."""
    try:
        found: ZoneInfo = load("zoneinfo:ZoneInfo")(name)
        return found
    except (KeyError, ValueError, OSError, TypeError):
        known = _ZONES.get(name.casefold()) if isinstance(name, str) else None
        near = (
            [known]
            if known
            else equals(name, load("zoneinfo:available_timezones")())
            if isinstance(name, str)
            else []
        )
        hint = likely(near) or say("use an IANA name such as Asia/Tokyo or UTC")
        raise FilterError(say("unknown time zone {name}", name=repr(name)), hint) from None


def _instant(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise FilterError(
                say("{value} is not a time", value=repr(value)), say("give an ISO 8601 time with an offset")
            ) from None
    if not isinstance(value, datetime):
        raise FilterError(
            say("{value} is not a time", value=repr(value)), say("give context_time or an ISO 8601 time")
        )
    if value.tzinfo is None:
        raise FilterError(
            say("{value} has no time zone", value=repr(value.isoformat())),
            say("add an offset such as +09:00"),
        )
    return value


def date(value: Any, format: str, tz: str | None = None) -> str:
    moment = _instant(value)
    return (moment.astimezone(zone(tz)) if tz else moment).strftime(format)


def shift(
    value: Any, *, months: int = 0, weeks: int = 0, days: int = 0, hours: int = 0, minutes: int = 0
) -> datetime:
    """Calendar steps keep the wall clock; hours and minutes are real time."""
    moment = _instant(value)
    if months:
        index = moment.year * 12 + moment.month - 1 + months
        year, month = divmod(index, 12)
        if not 1 <= year <= 9999:
            raise FilterError(say("{months} months lead out of the calendar", months=months))
        day = min(moment.day, load("calendar:monthrange")(year, month + 1)[1])
        moment = moment.replace(year=year, month=month + 1, day=day)
    moment += timedelta(days=days, weeks=weeks)
    elapsed = timedelta(hours=hours, minutes=minutes)
    if not elapsed or moment.tzinfo is None:
        return moment
    return (moment.astimezone(zone("UTC")) + elapsed).astimezone(moment.tzinfo)


def start_of(value: Any, unit: str) -> datetime:
    moment = _instant(value)
    if unit == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "day":
        return midnight
    if unit == "week":
        return midnight - timedelta(days=midnight.weekday())
    if unit == "month":
        return midnight.replace(day=1)
    if unit == "year":
        return midnight.replace(month=1, day=1)
    raise FilterError(say("unknown unit {unit}", unit=repr(unit)), say("use hour, day, week, month or year"))


def tz(value: Any, name: str) -> datetime:
    return _instant(value).astimezone(zone(name))


def iso(value: Any) -> str:
    return _instant(value).isoformat()


def unix(value: Any) -> int:
    return int(_instant(value).timestamp())


def plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    if isinstance(value, datetime | date_type):
        return value.isoformat()
    raise FilterError(say("a {type} has no JSON form", type=type(value).__name__))


def json(value: Any) -> str:
    return str(load("json:dumps")(value, ensure_ascii=False, default=plain))


def string(value: Any) -> str:
    """How a value reads inside a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: ""}[value]
    if isinstance(value, datetime):
        return value.isoformat()
    return json(value) if isinstance(value, dict | list | tuple) else str(value)


def b64(value: Any) -> str:
    return bytes(load("base64:b64encode")(string(value).encode())).decode()


def default(value: Any, other: Any) -> Any:
    undefined = type(value).__name__ == "StrictUndefined"
    return other if undefined or value is None else value


def replace(value: Any, old: str, new: str) -> str:
    text = string(value)
    if len(text) + text.count(old) * len(new) > MAX_TEXT:
        raise FilterError(say("the text grows beyond all bounds"))
    return text.replace(old, new)


def join(value: Any, separator: str = "") -> str:
    text = separator.join(string(item) for item in value)
    if len(text) > MAX_TEXT:
        raise FilterError(say("the text grows beyond all bounds"))
    return text


def split(value: Any, separator: str) -> list[str]:
    if not separator:
        raise FilterError(say("split wants a separator"))
    return string(value).split(separator)


def length(value: Any) -> int:
    return len(value)


def first(value: Any) -> Any:
    if not value:
        raise FilterError(say("the list is empty"))
    return value[0]


def last(value: Any) -> Any:
    if not value:
        raise FilterError(say("the list is empty"))
    return value[-1]


def greatest(value: Any) -> Any:
    return max(value)


def least(value: Any) -> Any:
    return min(value)


def total(value: Any) -> Any:
    return sum(value)


def ordered(value: Any) -> list[Any]:
    return sorted(value)


def to_int(value: Any) -> int:
    return int(value)


def to_float(value: Any) -> float:
    return float(value)


def round_(value: Any, digits: int = 0) -> float:
    return round(float(value), digits)


FILTERS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "b64": b64,
    "date": date,
    "default": default,
    "first": first,
    "float": to_float,
    "int": to_int,
    "iso": iso,
    "join": join,
    "json": json,
    "last": last,
    "length": length,
    "lower": lambda value: string(value).lower(),
    "max": greatest,
    "min": least,
    "replace": replace,
    "round": round_,
    "shift": shift,
    "sort": ordered,
    "split": split,
    "start_of": start_of,
    "string": string,
    "sum": total,
    "trim": lambda value: string(value).strip(),
    "tz": tz,
    "unique": lambda value: list(dict.fromkeys(value)),
    "unix": unix,
    "upper": lambda value: string(value).upper(),
}

SIGNATURES: dict[str, str] = {
    "abs": "number | abs -> number",
    "b64": "text | b64 -> text in Base64",
    "date": 'time | date("%Y-%m-%d", tz="Asia/Tokyo") -> text; tz may be left out',
    "default": "value | default(other) -> other when the value is missing or null",
    "first": "list | first -> its first item",
    "float": "text or number | float -> number",
    "int": "text or number | int -> whole number",
    "iso": "time | iso -> text in ISO 8601 with an offset",
    "join": 'list | join(", ") -> text',
    "json": "value | json -> text in JSON",
    "last": "list | last -> its last item",
    "length": "list, mapping or text | length -> whole number",
    "lower": "text | lower -> text",
    "max": "list | max -> its greatest item",
    "min": "list | min -> its least item",
    "replace": 'text | replace("a", "b") -> text',
    "round": "number | round(2) -> number",
    "shift": "time | shift(months=, weeks=, days=, hours=, minutes=) -> time",
    "sort": "list | sort -> list",
    "split": 'text | split(",") -> list',
    "start_of": 'time | start_of("hour" or "day", "week", "month", "year") -> time',
    "string": "value | string -> text",
    "sum": "list | sum -> number",
    "trim": "text | trim -> text without blanks at its ends",
    "tz": 'time | tz("Asia/Tokyo") -> the same instant in that zone',
    "unique": "list | unique -> list without repeats",
    "unix": "time | unix -> seconds since 1970 as a whole number",
    "upper": "text | upper -> text",
}
"""Each filter with what it takes and gives, for `pipeforge explain templates`."""
