"""What every connection's settings have in common: its secrets and its limits."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, NoReturn
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from pipeforge.adapter import Limits
from pipeforge.language import durations
from pipeforge.language.refusing import refused
from pipeforge.language.saying import Said, say

_RATE = re.compile(r"([1-9][0-9]{0,8})/([0-9].*)")


def parse_rate(rate: str) -> tuple[int, float]:
    """`3500/10m` as (3500, 600.0). Raises PydanticCustomError `pipeforge.rate`."""
    match = _RATE.fullmatch(rate)
    try:
        return (int(match[1]), durations.seconds(match[2])) if match else _no_rate(rate)
    except PydanticCustomError:
        return _no_rate(rate)


def _no_rate(rate: str) -> NoReturn:
    hint = say("write how many in which time, as in `3500/10m` or `60/1m`")
    raise refused("rate", say("'{given}' is not a rate", given=rate), hint) from None


def _checked_rate(given: Any) -> Any:
    """Before the type is: a bare number lacks its window, not its quotes."""
    if isinstance(given, str) and not is_late(given):
        parse_rate(given)
    elif isinstance(given, int | float) and not isinstance(given, bool):
        _no_rate(str(given))
    return given


Rate = Annotated[str, BeforeValidator(_checked_rate)]
"""How many in which time, such as `3500/10m`: any window of that length, not a calendar one."""


def is_late(text: str) -> bool:
    """Whether the text still holds a template: its form can only be judged once that is rendered."""
    return "${{" in text


def _checked_credential(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if not is_late(value) and not (value and value.isascii() and value.isprintable() and " " not in value):
        raise refused(
            "credential",
            say("the value is empty or holds a blank, a line break or a character that no key has"),
            say("look for a line break or quotes that were copied along"),
        )
    return secret


Credential = Annotated[SecretStr, AfterValidator(_checked_credential)]
"""A key or token that can travel in a header."""


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    whole = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    if not is_late(url) and (not whole or parts.username or parts.password):
        message = say("'{given}' is not the address of an API", given=url.rpartition("@")[2])
        raise refused("base_url", message, say("write https://, a host and a path, without credentials"))
    return url


BaseUrl = Annotated[str, AfterValidator(_checked_url)]
"""Where a vendor's API is reached; http or https."""


class LimitSettings(BaseModel):
    """What a connection may ask of its vendor; what is left out keeps the vendor's documented limit."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    running: int | None = Field(default=None, ge=1)
    """Jobs at once."""
    requests: Rate | None = None
    """Requests in a window of time."""
    starts: Rate | None = None
    """Triggers in a window of time."""


class ConnectionSettings(BaseModel):
    """A vendor's own settings derive from this. Fields of type SecretStr are the credentials."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True
    )

    PRESET: ClassVar[Limits] = Limits()
    """The vendor's documented limits."""
    STRICT: ClassVar[frozenset[str]] = frozenset()
    """Those of the limits beyond which the vendor refuses or disables."""
    OUTDATED: ClassVar[Mapping[tuple[str, str], Said]] = {}
    """Values of settings that are still understood but should not be used any more, each with why."""
    ONE_PLACE: ClassVar[tuple[str, ...]] = ()
    """The settings in which two connections agree that lead to the same place, as `limited` tells it."""

    limits: LimitSettings = LimitSettings()
    """Replaces the vendor's documented limits, one by one."""

    def limits_in_force(self) -> Limits:
        """The vendor's limits, each replaced by what the settings say."""
        given, preset = self.limits, self.PRESET
        return Limits(
            running=given.running or preset.running,
            requests=parse_rate(given.requests) if given.requests else preset.requests,
            starts=parse_rate(given.starts) if given.starts else preset.starts,
        )

    def limited(self) -> tuple[str, ...]:
        """What the vendor's limits are counted by, where one of them belongs to one connection alone; secret.

        Empty where two connections to the same may stand side by side.
        """
        return ()

    def account(self) -> tuple[str, str]:
        """What the vendor counts its limits by: where it is reached, and the credential that opens it."""
        raise NotImplementedError

    def secrets(self) -> tuple[str, ...]:
        """The credentials in clear, for redaction only."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))
