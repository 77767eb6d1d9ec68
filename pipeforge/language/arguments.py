"""Whether a filter can take the arguments it is given: told when an expression is read, not when it runs."""

import inspect
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pipeforge.language.filters import FILTERS, SIGNATURES, FilterError, zone
from pipeforge.language.nearest import nearest, suggest
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
    return _wrong_type(signature, given) or _wrong_value(name, given)


def _wrong_type(signature: inspect.Signature, given: Mapping[str, Any]) -> tuple[Said, Said] | None:
    for key, value in list(given.items())[1:]:
        annotation = signature.parameters[key].annotation
        number = isinstance(value, int) and not isinstance(value, bool)
        if (
            value is LATE
            or annotation not in (str, int)
            or (number if annotation is int else isinstance(value, str))
        ):
            continue
        if annotation is int:
            return say("'{key}' wants a whole number, got '{value}'", key=key, value=value), say(
                "as in {key}=1", key=key
            )
        return say("'{key}' wants text, got '{value}'", key=key, value=value), say("put it in quotes")
    return None


def _wrong_value(name: str, given: Mapping[str, Any]) -> tuple[Said, Said] | None:
    pattern, unit = given.get("format"), given.get("unit")
    if name == "date" and isinstance(pattern, str) and "%" not in pattern:
        return say("'{pattern}' shows nothing of the time", pattern=pattern), say(
            'write % before each part, as in "{pattern}"', pattern=_PATTERN
        )
    if name == "start_of" and isinstance(unit, str) and unit not in UNITS:
        return say("unknown unit '{unit}'", unit=unit), suggest(unit, UNITS, say("units"))
    if name == "split" and given.get("separator") == "":
        return say("split wants a separator"), say('as in | split(",")')
    zone_ = given.get("name") if name == "tz" else given.get("tz") if name == "date" else None
    try:
        if isinstance(zone_, str):
            zone(zone_)
    except FilterError as error:
        return error.message, error.hint
    return None


UNITS = ("hour", "day", "week", "month", "year")
_PATTERN = "%Y-%m-%d"


@lru_cache(maxsize=len(FILTERS))
def _signature(name: str) -> inspect.Signature:
    return inspect.signature(FILTERS[name])
