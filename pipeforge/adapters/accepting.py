"""What settings and parameters accept beyond their type: rates, credentials, addresses, texts."""

import re
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from pipeforge.language import durations
from pipeforge.language.refusing import refused
from pipeforge.language.saying import Said, say

if TYPE_CHECKING:
    from pydantic import SecretStr

_RATE = re.compile(r"([1-9][0-9]{0,8})/([0-9].*)")


def parse_rate(rate: str) -> tuple[int, float]:
    """`3500/10m` as (3500, 600.0). Raises PydanticCustomError `pipeforge.rate`."""
    match = _RATE.fullmatch(rate)
    try:
        return (int(match[1]), durations.seconds(match[2])) if match else _no_rate(rate)
    except ValueError:
        return _no_rate(rate)


def _no_rate(rate: str) -> NoReturn:
    hint = say("write how many in which time, as in `3500/10m` or `60/1m`")
    raise refused("rate", say("'{given}' is not a rate", given=rate), hint) from None


def rate(given: Any) -> Any:
    """Checked before the type is: a bare number lacks its window, not its quotes."""
    if isinstance(given, str) and not is_late(given):
        parse_rate(given)
    elif isinstance(given, int | float) and not isinstance(given, bool):
        _no_rate(str(given))
    return given


def is_late(text: str) -> bool:
    """Whether the text still holds a template: its form can only be judged once that is rendered."""
    return "${{" in text


def credential(secret: "SecretStr") -> "SecretStr":
    """A secret that can travel in a header. Raises PydanticCustomError `pipeforge.credential`."""
    value = secret.get_secret_value()
    if not is_late(value) and not (value and value.isascii() and value.isprintable() and " " not in value):
        raise refused(
            "credential",
            say("the value is empty or holds a blank, a line break or a character that no key has"),
            say("look for a line break or quotes that were copied along"),
        )
    return secret


def address(url: str) -> str:
    """Where an API is reached. Raises PydanticCustomError `pipeforge.base_url`."""
    parts = urlsplit(url)
    whole = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    if not is_late(url) and (not whole or parts.username or parts.password):
        message = say("'{given}' is not the address of an API", given=url.rpartition("@")[2])
        raise refused("base_url", message, say("write https://, a host and a path, without credentials"))
    return url


def text(value: Any) -> str:
    """A text, also from a whole number. Raises PydanticCustomError `pipeforge.text`."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    given = _WORDS.get(type(value), say("a mapping or list"))
    message = say("the value is text, not {given}", given=given)
    if isinstance(value, bool | float):
        raise refused("text", message, say("put it in quotes"), quote=True)
    raise refused(
        "text", message, say('write "" for an empty one') if value is None else say("write one text")
    )


_WORDS: dict[type, Said] = {
    type(None): say("nothing"),
    bool: say("true or false"),
    float: say("a fraction"),
}
