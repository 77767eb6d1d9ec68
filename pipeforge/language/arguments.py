"""Whether a filter can take the arguments it is given: told when an expression is read, not when it runs."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pipeforge.language.filters import FILTERS, SIGNATURES, FilterError, zone
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import Said, say

LATE = object()
"""Stands for an argument that has a value only when the expression is evaluated."""


def misfit(name: str, positional: Sequence[Any], named: Mapping[str, Any]) -> tuple[Said, Said] | None:
    """What is wrong with the arguments of a filter that is there, and the mend; None when they fit."""
    signature = _signature(name)
    given = _bound(signature, positional, named)
    if given is None:
        stranger = next((key for key in named if key not in signature.names), None)
        if stranger is None:
            return say("filter '{name}' has too few or too many arguments", name=name), say(
                "it is written: {signature}", signature=SIGNATURES[name]
            )
        near = nearest(stranger, signature.names)
        hint = (
            say("did you mean '{near}'?", near=near)
            if near
            else say("it is written: {signature}", signature=SIGNATURES[name])
        )
        return say("filter '{name}' has no argument '{stranger}'", name=name, stranger=stranger), hint
    return _wrong_type(signature, given) or _wrong_value(name, given)


def _wrong_type(signature: "_Signature", given: Mapping[str, Any]) -> tuple[Said, Said] | None:
    for key, value in given.items():
        annotation = signature.types.get(key)
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


class _Signature(NamedTuple):
    """What a filter can be given. Told by hand: to import inspect costs more than to lint a file."""

    names: tuple[str, ...]
    """Of all arguments, the value that is filtered first."""
    placed: int
    """How many of them can be given by their place."""
    wanted: int
    """How many of them must be given."""
    types: Mapping[str, Any]


@lru_cache(maxsize=len(FILTERS))
def _signature(name: str) -> _Signature:
    function = FILTERS[name]
    code = getattr(function, "__code__", None)
    if code is None:  # one of Python's own, such as abs
        return _Signature(("x",), 1, 1, {})
    placed = code.co_argcount
    wanted = placed - len(function.__defaults__ or ())
    return _Signature(
        code.co_varnames[: placed + code.co_kwonlyargcount], placed, wanted, function.__annotations__
    )


def _bound(
    signature: _Signature, positional: Sequence[Any], named: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The arguments by name, without the value that is filtered; None where they do not fit."""
    placed = signature.names[1 : signature.placed]
    given = dict(zip(placed, positional, strict=False))
    strange = len(positional) > len(placed) or any(
        key in given or key not in signature.names[1:] for key in named
    )
    given |= named
    missing = any(key not in given for key in signature.names[1 : signature.wanted])
    return None if strange or missing else given
