"""Whether a filter can take the arguments it is given: told when an expression is read, not when it runs."""

import inspect
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pipeforge.language.filters import FILTERS, SIGNATURES
from pipeforge.language.nearest import nearest
from pipeforge.language.saying import Said, say

LATE = object()
"""Stands for an argument that has a value only when the expression is evaluated."""


def misfit(name: str, positional: Sequence[Any], named: Mapping[str, Any]) -> tuple[Said, Said] | None:
    """What is wrong with the arguments of a filter that is there, and the mend; None when they fit."""
    signature = _signature(name)
    try:
        given = signature.bind(None, *positional, **named).arguments
    except TypeError:
        stranger = next((key for key in named if key not in signature.parameters), None)
        if stranger is None:
            return say("filter '{name}' has too few or too many arguments", name=name), say(
                "it is written: {signature}", signature=SIGNATURES[name]
            )
        near = nearest(stranger, signature.parameters)
        hint = (
            say("did you mean '{near}'?", near=near)
            if near
            else say("it is written: {signature}", signature=SIGNATURES[name])
        )
        return say("filter '{name}' has no argument '{stranger}'", name=name, stranger=stranger), hint
    pattern = given.get("format") if name == "date" else None
    if isinstance(pattern, str) and "%" not in pattern:
        return say("'{pattern}' shows nothing of the time", pattern=pattern), say(
            'write % before each part, as in "{pattern}"', pattern=_PATTERN
        )
    return None


_PATTERN = "%Y-%m-%d"


@lru_cache(maxsize=len(FILTERS))
def _signature(name: str) -> inspect.Signature:
    return inspect.signature(FILTERS[name])
