"""Durations as authors write them: 90s, 5m, 2h, 1d; in the program seconds."""

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeforge.language.refusing import refused
from pipeforge.language.saying import Said, say

if TYPE_CHECKING:
    from pydantic_core import PydanticCustomError

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])")
_LONG = {"sec": "s", "second": "s", "min": "m", "minute": "m", "hr": "h", "hour": "h", "day": "d"}
MAX_SECONDS = 366 * 86_400.0


def seconds(value: Any) -> float:
    """`90s`, `5m`, `2h`, `1d` or `5h30m` in seconds. Raises PydanticCustomError `pipeforge.duration`."""
    if isinstance(value, str):
        return _seconds(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(say("{value} is not a duration", value=repr(value)), say("write 90s, 5m, 2h or 1d"))
    return _seconds(str(value))


@lru_cache(maxsize=256)
def _seconds(text: str) -> float:
    text = text.strip()
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        raise _wrong(
            say("'{text}' has no unit", text=text),
            say("write {text}s for seconds or {text}m for minutes", text=text),
        )
    parts = _PART.findall(text) if len(text) <= _LONGEST else []
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise _wrong(say("'{text}' is not a duration", text=text), _mend(text))
    total = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not 0 < total <= MAX_SECONDS:
        raise _wrong(say("'{text}' is out of range", text=text), say("give more than 0s and at most 366d"))
    return total


def _wrong(message: Said, hint: Said) -> "PydanticCustomError":
    return refused("duration", message, hint)


_LONGEST = 600
"""chosen: characters of a duration; longer texts are none, and are not searched for parts of one."""


def _mend(text: str) -> Said:
    if len(text) > _LONGEST:
        return say("write 90s, 5m, 2h or 1d")
    half = unicodedata.normalize("NFKC", text).replace(" ", "").lower()
    if half and "".join(number + unit for number, unit in _PART.findall(half)) == half:
        return say("write {text}", text=half)
    words = re.fullmatch(r"([0-9]+)\s*([A-Za-z]+)", text)
    if words:
        unit = _LONG.get(words[2].lower().removesuffix("s")) or words[2].lower()
        if unit in _UNITS:
            return say("write {text}", text=f"{words[1]}{unit}")
    iso = re.fullmatch(r"PT?([0-9]+)([SMHD])", text)
    if iso:
        return say("write {text}", text=f"{iso[1]}{iso[2].lower()}")
    return say("write 90s, 5m, 2h or 1d")


def text(seconds_: float) -> str:
    """Seconds as an author would write them: 5400 is 1h30m."""
    if 0.05 <= seconds_ < 0.95:
        return f"{seconds_:.1f}s"
    left, out = round(seconds_), ""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        out += f"{count}{unit}" if count else ""
    return out or "0s"
