"""Pydantic's errors as faults: routes into the data, one fault a place, never a raw text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from pipeforge.language.diagnostics import Route
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import UNSAID, Said, overheard, say
from pipeforge.language.templating import OPEN
from pipeforge.lint.annotations import credentials, models_at
from pipeforge.lint.faults import Fault, Sort
from pipeforge.lint.mending import choice, duration, of_type, quote, rename
from pipeforge.lint.readings import reading
from pipeforge.lint.wording import EXPECTED, choices, missing, wanted, wrong_type, wrong_value

_SORTS: Mapping[str, Sort] = {"pipeforge.duration": "duration", "pipeforge.record": "record"}


_KEY = "[key]"
"""What Pydantic adds to the location of an error in a mapping's key."""


class Raw(NamedTuple):
    """One error with its route into the data. `tag`: the member of a union that it was tried for."""

    type: str
    route: Route
    tag: str
    value: Any
    message: str
    context: Mapping[str, Any]


def raw_errors(error: ValidationError, data: Any) -> Iterator[Raw]:
    for one in error.errors(include_url=False):
        route, tag = _route(one["loc"], data, missing_key=one["type"] == "missing")
        yield Raw(one["type"], route, tag, one["input"], one["msg"], one.get("ctx", {}))


def _route(location: tuple[int | str, ...], data: Any, *, missing_key: bool) -> tuple[Route, str]:
    """What of a location stands in the data; the rest are names of union members."""
    route: list[str | int] = []
    tag = ""
    for number, part in enumerate(location):
        last = number == len(location) - 1
        if _is_there(data, part) and not _is_tag(location[number:], data, missing_key):
            data = data[part]
        elif not (last and missing_key):
            tag = str(part)
            continue
        route.append(part)
    return tuple(route), tag


def _is_there(data: Any, part: int | str) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, Mapping) and part in data


def _is_tag(rest: tuple[int | str, ...], data: Any, missing_key: bool) -> bool:
    """Whether a part that is the name of a key is yet that of a member: the text there has no parts."""
    return (
        isinstance(data, Mapping)
        and len(rest) > 1
        and not isinstance(data[rest[0]], Mapping | list)
        and (rest[1] in data or (missing_key and len(rest) == 2))
    )


def translate(
    model: type[BaseModel], data: Any, found: Iterable[Raw], *, templates: bool, noun: Said
) -> Iterator[Fault]:
    """Faults in the order of the errors, one for each place."""
    grouped: dict[Route, list[Raw]] = {}
    for one in found:
        grouped.setdefault(one.route, []).append(one)
    for route, group in grouped.items():
        if group[0].tag and _told_deeper(route, grouped):
            continue
        # A key is what it is, however late its value.
        value = route[-1] if group[0].tag == _KEY else _at(data, route)
        if templates and _undecided(value, group):
            continue
        if not templates and isinstance(value, str) and OPEN in value and route[-1:] != ("foreach",):
            hint = say(
                "templates stand in with, if, foreach.items, custom_variables, records and connections"
            )
            yield Fault("template", route, say("a template cannot stand here"), hint)
        elif group[0].type.startswith("pipeforge."):
            yield from _own(route, group[0])
        else:
            yield _fault(model, data, route, group, noun)


def _told_deeper(route: Route, grouped: Mapping[Route, list[Raw]]) -> bool:
    """Whether another member of the union had a more exact complaint."""
    return any(len(other) > len(route) and other[: len(route)] == route for other in grouped)


def _undecided(value: Any, group: list[Raw]) -> bool:
    """A whole template may become anything; a text around one only rules out what is no text."""
    if not isinstance(value, str) or OPEN not in value:
        return False
    whole = value.strip().startswith(OPEN) and value.strip().endswith("}}")
    return whole or not all(one.type in EXPECTED for one in group)


def _own(route: Route, error: Raw) -> Iterator[Fault]:
    """An error that a validator of ours raised, with its own words and mend."""
    message, hint = error.context.get("message"), error.context.get("hint")
    inside = (*route, *error.context.get("route", ()))
    for inner, message, mend, on_key in error.context.get("faults", ()):
        yield Fault("record", (*route, *inner), message, mend, on_key)
    if "faults" not in error.context:
        message = message if isinstance(message, Said) else overheard(error.message)
        hint = hint if isinstance(hint, Said) else UNSAID
        fix = duration(inside, hint) if error.type == "pipeforge.duration" else None
        if "instead" in error.context:
            fix = rename(inside, str(error.context["instead"]))
        elif "quote" in error.context:
            fix = quote(inside)
        yield Fault(_SORTS.get(error.type, "value"), inside, message, hint, error.tag == _KEY, fix)


def _fault(model: type[BaseModel], data: Any, route: Route, group: list[Raw], noun: Said) -> Fault:
    value = _at(data, route)
    error = group[0]
    if error.type == "missing":
        message, hint = missing(route, noun)
        return Fault("missing_key", route, message, hint)
    if error.tag == _KEY and error.type in ("literal_error", "enum"):
        return _unknown_key(route, choices(error.type, error.context), noun)
    secret = bool(route) and any(route[-1] in credentials(one) for one in models_at(model, route[:-1]))
    kinds = [one.type for one in group]
    if all(kind in EXPECTED for kind in kinds):
        message, hint = wrong_type(route, kinds, value, secret=secret)
        meant = None if secret else reading(route, wanted(kinds), value)
        if meant is not None:
            return Fault("type", route, message, meant.hint, fix=meant.fix)
        return Fault("type", route, message, hint, fix=of_type(route, wanted(kinds), value))
    worst = next(one for one in group if one.type not in EXPECTED)
    if "discriminator" in worst.context:
        route = (*route, str(worst.context["discriminator"]).strip("'"))
    message, hint = wrong_value(route, worst.type, worst.message, worst.context, value, secret=secret)
    if worst.type == "union_tag_not_found":
        near = next((key for key in value if nearest(key, [str(route[-1])])), None)
        if near is not None:
            return _unknown_key((*route[:-1], near), [str(route[-1])], noun)
        return Fault("missing_key", route, message, hint)
    fix = None if secret else choice(route, _at(data, route), choices(worst.type, worst.context))
    return Fault("value", route, message, hint, fix=fix)


def _unknown_key(route: Route, known: list[str], noun: Said) -> Fault:
    """A key that only certain words can be."""
    key = str(route[-1])
    near = nearest(key, known)
    message, hint = (
        say("unknown {noun} '{key}'", noun=noun, key=key),
        suggest(key, known, say("{noun}s", noun=noun)),
    )
    return Fault("unknown_key", route, message, hint, True, rename(route, near) if near else None)


def _at(data: Any, route: Route) -> Any:
    for part in route:
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data
