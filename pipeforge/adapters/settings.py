"""What every connection's settings have in common: its secrets and its limits."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from pipeforge.adapter import Limits
from pipeforge.adapters import accepting
from pipeforge.language.saying import Said

Rate = Annotated[str, BeforeValidator(accepting.rate)]
"""How many in which time, such as `3500/10m`: any window of that length, not a calendar one."""

Credential = Annotated[SecretStr, AfterValidator(accepting.credential)]
"""A key or token that can travel in a header."""

BaseUrl = Annotated[str, AfterValidator(accepting.address)]
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
            requests=accepting.parse_rate(given.requests) if given.requests else preset.requests,
            starts=accepting.parse_rate(given.starts) if given.starts else preset.starts,
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
