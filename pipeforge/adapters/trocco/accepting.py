"""What trocco's parameters accept beyond their type."""

import re
from typing import TYPE_CHECKING, Any

from pipeforge.adapters.accepting import is_late
from pipeforge.language.refusing import refused
from pipeforge.language.saying import say
from pipeforge.loading import load

if TYPE_CHECKING:
    from datetime import datetime

_NAME = re.compile(r"\$[^$\s]+\$")


def variable_name(name: str) -> str:
    """`$name$`. Raises PydanticCustomError `pipeforge.custom_variable_name`."""
    if not is_late(name) and _NAME.fullmatch(name) is None:
        message = say("'{given}' is not the name of a custom variable", given=name)
        inner = name.strip("$ ")
        if re.search(r"[$\s]", inner) or not inner:
            raise refused("custom_variable_name", message, say("write $name$, without blanks and further $"))
        hint = say("trocco's names stand between dollar signs: {meant}", meant=f"${inner}$")
        raise refused("custom_variable_name", message, hint, instead=f"${inner}$")
    return name


def japanese(value: Any) -> "datetime | str | None":
    """An instant, by Japan's clocks; or none. Raises PydanticCustomError `pipeforge.instant`."""
    # What is known without the clocks of Japan does not bring them in.
    if value is None or (is_late(value) if isinstance(value, str) else getattr(value, "tzinfo", None)):
        same: datetime | str | None = value
        return same
    instants = load("pipeforge.adapters.instants")
    when: datetime | str = instants.instant(value, instants.JAPAN)
    return when
