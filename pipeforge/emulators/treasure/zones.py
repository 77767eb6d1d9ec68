"""Time zones as digdag reads them: by name, or as an offset."""

import re
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


def time_zone(text: str) -> tzinfo:
    """The zone of `Asia/Tokyo` or `+09:00`. ValueError where there is none."""
    offset = _OFFSET.fullmatch(text)
    if offset is not None:
        sign, hours, minutes = offset.groups()
        return timezone(timedelta(hours=int(f"{sign}{hours}"), minutes=int(f"{sign}{minutes}")))
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(f"there is no time zone {text}") from None
