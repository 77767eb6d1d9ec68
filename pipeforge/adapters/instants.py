"""Instants as authors give them to a kind, and as vendors write them."""

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from pipeforge.adapters.settings import is_late

JAPAN = ZoneInfo("Asia/Tokyo")


def instant(value: Any, zone: tzinfo | None) -> datetime | str:
    """An aware datetime from one, or from ISO 8601 (a blank may stand for the `T`).

    A text without an offset is meant in `zone`; where that is None it is an error. A text with a template
    stays as it is. Raises PydanticCustomError `pipeforge.instant`.
    """
    if isinstance(value, str) and is_late(value):
        return value
    try:
        when = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong(value, "write it as 2024-05-01 00:00:00 or 2024-05-01T00:00:00+09:00") from None
    if when.tzinfo is not None:
        return when
    if zone is None:
        raise _wrong(value, f"add the offset, as in {when.isoformat()}+09:00")
    return when.replace(tzinfo=zone)


def _wrong(value: Any, hint: str) -> PydanticCustomError:
    message = "'{given}' is not an instant"
    return PydanticCustomError("pipeforge.instant", message, {"given": str(value), "hint": hint})


def plain(when: datetime, zone: tzinfo) -> str:
    """`YYYY-MM-DD HH:MM:SS` on the clocks of `zone`."""
    return when.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
