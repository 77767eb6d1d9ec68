"""Durations as authors write them: 90s, 5m, 2h, 1d; in the program seconds."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])")
_LONG = {"sec": "s", "second": "s", "min": "m", "minute": "m", "hr": "h", "hour": "h", "day": "d"}
MAX_SECONDS = 366 * 86_400.0


def seconds(value: Any) -> float:
    """`90s`, `5m`, `2h`, `1d` or `5h30m` in seconds. Raises PydanticCustomError `pipeforge.duration`."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong(f"{value!r} is not a duration", "write 90s, 5m, 2h or 1d")
    text = str(value).strip()
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        raise _wrong(f"'{text}' has no unit", f"write {text}s for seconds or {text}m for minutes")
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise _wrong(f"'{text}' is not a duration", _mend(text))
    total = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not 0 < total <= MAX_SECONDS:
        raise _wrong(f"'{text}' is out of range", "give more than 0s and at most 366d")
    return total


def _wrong(message: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError("pipeforge.duration", "{message}", {"message": message, "hint": hint})


def _mend(text: str) -> str:
    words = re.fullmatch(r"([0-9]+)\s*([A-Za-z]+)", text)
    if words:
        unit = _LONG.get(words[2].lower().removesuffix("s")) or words[2].lower()
        if unit in _UNITS:
            return f"write {words[1]}{unit}"
    iso = re.fullmatch(r"PT?([0-9]+)([SMHD])", text)
    if iso:
        return f"write {iso[1]}{iso[2].lower()}"
    return "write 90s, 5m, 2h or 1d"


def text(seconds_: float) -> str:
    """Seconds as an author would write them: 5400 is 1h30m."""
    if 0.05 <= seconds_ < 0.95:
        return f"{seconds_:.1f}s"
    left, out = round(seconds_), ""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        out += f"{count}{unit}" if count else ""
    return out or "0s"


Duration = Annotated[float, BeforeValidator(seconds)]
"""A duration in seconds, written as text with a unit."""
