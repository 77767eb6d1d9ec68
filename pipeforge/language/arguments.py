"""Whether a filter can take the arguments it is given: told when an expression is read, not when it runs."""

import inspect
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pipeforge.language.filters import FILTERS, SIGNATURES
from pipeforge.language.nearest import nearest

LATE = object()
"""Stands for an argument that has a value only when the expression is evaluated."""


def misfit(name: str, positional: Sequence[Any], named: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with the arguments of a filter that is there, and the mend; None when they fit."""
    signature = _signature(name)
    try:
        given = signature.bind(None, *positional, **named).arguments
    except TypeError:
        stranger = next((key for key in named if key not in signature.parameters), None)
        if stranger is None:
            return f"filter '{name}' has too few or too many arguments", f"it is written: {SIGNATURES[name]}"
        near = nearest(stranger, signature.parameters)
        hint = f"did you mean '{near}'?" if near else f"it is written: {SIGNATURES[name]}"
        return f"filter '{name}' has no argument '{stranger}'", hint
    pattern = given.get("format") if name == "date" else None
    if isinstance(pattern, str) and "%" not in pattern:
        return f"'{pattern}' shows nothing of the time", f'write % before each part, as in "{_PATTERN}"'
    return None


_PATTERN = "%Y-%m-%d"


@lru_cache(maxsize=len(FILTERS))
def _signature(name: str) -> inspect.Signature:
    return inspect.signature(FILTERS[name])
