"""What trocco's parameters accept beyond their type."""

import re
from datetime import datetime
from typing import Any

from pipeforge.adapters.accepting import is_late
from pipeforge.adapters.instants import JAPAN, instant
from pipeforge.language.refusing import refused
from pipeforge.language.saying import say

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


def japanese(value: Any) -> datetime | str | None:
    """An instant, by Japan's clocks; or none. Raises PydanticCustomError `pipeforge.instant`."""
    return value if value is None else instant(value, JAPAN)
