"""Instants and ages as a person types them to narrow a list: a date, a time, or how long ago."""

import re
from datetime import datetime, timedelta, tzinfo

from pipeforge.errors import UsageError

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}

_PART = re.compile("([0-9]+)([wdhms])")


def instant(text: str, flag: str, now: datetime) -> datetime:
    """`7d` is so long before `now`; without an offset it has no zone, see `compared`. Raises UsageError."""
    try:
        long_ago = _age(text)
        return datetime.fromisoformat(text) if long_ago is None else now - long_ago
    except (ValueError, OverflowError):
        hint = "write a date such as 2026-01-31, a time such as 2026-01-31T02:00, or how long ago, such as 7d"
        raise UsageError(f"'{flag} {text}' is not a time", hint) from None


def compared(at: datetime, then: datetime, where: tzinfo) -> timedelta:
    """How long `at` is after `then`; where that has no zone, by what a clock in the zone of `at` showed."""
    if then.tzinfo is None:
        return at.astimezone(where).replace(tzinfo=None) - then
    return at - then


def before(text: str, flag: str, now: datetime) -> datetime:
    """The instant so long before `now`. Raises UsageError."""
    try:
        long_ago = _age(text)
        if long_ago is not None:
            return now - long_ago
    except OverflowError:
        pass
    raise UsageError(f"'{flag} {text}' is no age", "write it in days or weeks, such as 90d or 12w")


def _age(text: str) -> timedelta | None:
    """`90d`, `12w`, `1d12h`; None for anything else. Raises OverflowError."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))
