"""What a Reckoner request may hold, and how it refuses what it may not."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from pipeforge.emulators.core import Asked, Json, Refused, Reply

_JST = timezone(timedelta(hours=9))
_DAY = timedelta(days=1)


def refused(status: int, code: str, message: str) -> Refused:
    return Refused(Reply(status, {"code": code, "message": message}))


def bad(message: str) -> Refused:
    return refused(400, "BAD_REQUEST", message)


def number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise bad(f"{name} must be an integer")
    return int(text)


def window(asked: Asked, longest: int) -> tuple[int, int]:
    """`limit` and `page` of a list, both from 1."""
    limit = number(asked.one("limit") or str(longest), "limit")
    page = number(asked.one("page") or "1", "page")
    if not 1 <= limit <= longest:
        raise bad(f"limit must be from 1 to {longest}")
    if page < 1:
        raise bad("page must be 1 or more")
    return limit, page


def choice(asked: Asked, name: str, allowed: tuple[str, ...]) -> str | None:
    """One of a few words; None if it was not given."""
    given = asked.one(name)
    if given is not None and given not in allowed:
        raise bad(f"{name} must be one of {', '.join(allowed)}")
    return given


def switch(asked: Asked, name: str) -> bool:
    """True only if it was given so."""
    return choice(asked, name, ("true", "false")) == "true"


def day(asked: Asked, name: str, *, end: bool = False) -> float | None:
    """A `YYYY-MM-DD` of Japan as UNIX seconds of its beginning (or its end); None if it was not given."""
    text = asked.one(name)
    if text is None:
        return None
    try:
        begins = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=_JST)
    except ValueError:
        raise bad(f"{name} must be YYYY-MM-DD") from None
    return (begins + _DAY if end else begins).timestamp()


def overrides(asked: Asked) -> list[Json]:
    """The optional body of a run: parameters as name and value, both text."""
    if not asked.body:
        return []
    try:
        body = asked.json()
    except ValueError:
        raise bad("the body is not valid JSON") from None
    given = body.get("parameters") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(given or [], list):
        raise bad("parameters must be an array")
    for each in given or []:
        if not isinstance(each, Mapping) or not all(
            isinstance(each.get(key), str) for key in ("name", "value")
        ):
            raise bad("a parameter needs name and value, both strings")
    return given or []


def stamp(seconds: float) -> str:
    """A time as Reckoner writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
