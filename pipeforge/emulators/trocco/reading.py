"""What a trocco request may hold: ids, times, zones, custom variables; a bad one is refused with a 400."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeforge.emulators.core import Asked, Json, Refused, Reply
from pipeforge.emulators.trocco.form import grouped

JST = "Asia/Tokyo"
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


def refused(message: str, *, status: int = 400) -> Refused:
    return Refused(Reply(status, {"message": message, "errors": []}))


def parameters(asked: Asked) -> dict[str, Json]:
    """Query and body as one mapping, the body's value winning; a form or a JSON object."""
    params: dict[str, Json] = grouped(asked.query)
    if not asked.body:
        return params
    if "json" not in asked.headers.get("content-type", ""):
        return params | grouped(asked.form())
    try:
        body = asked.json()
    except ValueError:
        raise refused("不正なリクエストです。") from None
    if not isinstance(body, dict):
        raise refused("不正なリクエストです。")
    return params | body


def whole(params: Mapping[str, Json], name: str) -> int:
    """A required id: a whole number, or a numeral."""
    value = params.get(name)
    if value is None or value == "":
        raise refused(f"{name} is required")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise refused(f"{name} must be an integer")


def zone(params: Mapping[str, Json]) -> ZoneInfo:
    name = params.get("time_zone") or JST
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError):
        raise refused("time_zone is invalid") from None


def moment(params: Mapping[str, Json], name: str) -> float | None:
    """`YYYY-MM-DD HH:MM:SS` in the request's zone as UNIX seconds; None if it was not given."""
    text = params.get(name)
    if text is None or text == "":
        return None
    try:
        return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=zone(params)).timestamp()
    except (ValueError, TypeError):
        raise refused(f"{name} is invalid") from None


def variables(params: Mapping[str, Json]) -> list[Json]:
    """Custom variables as they arrived, half pairs too: the server takes a wrong pairing without a word."""
    given = params.get("custom_variables") or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise refused("custom_variables must be an array of name and value")
    for name in [each["name"] for each in given if "name" in each]:
        if not isinstance(name, str) or len(name) < 3 or not (name.startswith("$") and name.endswith("$")):
            raise refused("custom_variables name must be enclosed in $")
    return given


def stamp(seconds: float | None) -> str | None:
    """A time as trocco writes it."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, ZoneInfo(JST)).strftime("%Y-%m-%dT%H:%M:%S.000+09:00")
