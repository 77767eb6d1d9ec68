"""Instants as authors give them to a kind, and as vendors write them."""

import re
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from pipeforge.adapters.accepting import is_late
from pipeforge.language.refusing import refused
from pipeforge.language.saying import Said, say

JAPAN = ZoneInfo("Asia/Tokyo")

_WRITTEN = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|UTC|GMT|JST|[+-]\d\d:?\d\d)?", re.ASCII
)
_OFFSETS = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00", "JST": "+09:00"}


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
        raise _wrong(value, say("write it as 2024-05-01 00:00:00 or 2024-05-01T00:00:00+09:00")) from None
    if when.tzinfo is not None:
        return when
    if zone is None:
        raise _wrong(value, say("add the offset, as in {time}", time=f"{when.isoformat()}+09:00"))
    return when.replace(tzinfo=zone)


def _wrong(value: Any, hint: Said) -> Exception:
    return refused("instant", say("'{given}' is not an instant", given=value), hint)


def plain(when: datetime, zone: tzinfo) -> str:
    """`YYYY-MM-DD HH:MM:SS` on the clocks of `zone`."""
    return when.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def written(text: str | None) -> datetime | None:
    """An instant as a vendor wrote it: ISO 8601, or with a blank and the name of a zone; None if it is none.

    inferred: without an offset it is Japan time, as the vendors' documents are.
    """
    match = _WRITTEN.fullmatch((text or "").strip())
    if match is None:
        return None
    day, clock, zone = match.groups()
    try:
        when = datetime.fromisoformat(f"{day}T{clock}{_OFFSETS.get(zone or '', zone or '')}")
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=JAPAN)
