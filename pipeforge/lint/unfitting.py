"""Why parameters cannot take what their templates give: asked of the kind's own model, with samples."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from pipeforge.language.diagnostics import Route
from pipeforge.language.nearest import suggest
from pipeforge.language.saying import Said, say
from pipeforge.language.types import NOUNS, Type
from pipeforge.lint.fitting import MOST_VALUES, SAMPLES
from pipeforge.lint.translating import Raw, raw_errors
from pipeforge.lint.wording import EXPECTED, choices, wanted

_OURS = frozenset(["pipeforge.text", "pipeforge.instant"])
"""Errors of our own validators that speak of a type, where what they are given is no text."""


class Unfit(NamedTuple):
    """Why a parameter cannot take what a template gives."""

    wanted: Said
    hint: Said
    filter: str = ""
    """The filter that makes one of the other."""
    value: Any = None
    """Of values that are known: the one it cannot take."""

    def message(self, key: str, given: Type) -> Said:
        if self.value is not None:
            return say("'{key}' cannot be '{value}', which this may give", key=key, value=self.value)
        noun = NOUNS[given.sort]
        return say("'{key}' wants {wanted}, and this gives {given}", key=key, wanted=self.wanted, given=noun)


def unfit(model: type[BaseModel], params: Any, types: Mapping[Route, Type]) -> dict[Route, Unfit]:
    """For the routes of whole templates: those whose type the model cannot take."""
    found = _by_type(model, params, types)
    for route, type_ in types.items():
        for value in (type_.values or ())[:MOST_VALUES]:
            if route not in found and type_.sort == "text":
                errors = _tried(model, params, {route: value}).get(route, [])
                if errors:
                    found[route] = _value(value, errors)
    return found


def _by_type(model: type[BaseModel], params: Any, types: Mapping[Route, Type]) -> dict[Route, Unfit]:
    errors = _tried(model, params, _samples(types))
    out = {}
    for route, type_ in types.items():
        group = errors.get(route, [])
        if group and all(
            one.type in EXPECTED or (one.type in _OURS and type_.sort != "text") for one in group
        ):
            kinds = [one.type for one in group]
            words = wanted(kinds) if all(kind in EXPECTED for kind in kinds) else _WORDS[group[0].type]
            out[route] = Unfit(words, *_mend(words, type_))
    return out


def _samples(types: Mapping[Route, Type]) -> dict[Route, Any]:
    return {route: sample for route, one in types.items() if (sample := _sample(one)) is not None}


def _tried(model: type[BaseModel], params: Any, samples: Mapping[Route, Any]) -> dict[Route, list[Raw]]:
    """The errors of the parameters, with the samples in their places."""
    given = {key: _with(params[key], samples, (key,)) for key in {route[0] for route in samples}}
    return errors_of(model, {**params, **given})


_WORDS = {"pipeforge.text": say("text"), "pipeforge.instant": say("a time")}


def _mend(words: Said, given: Type) -> tuple[Said, str]:
    if "text" in words and given.sort in ("int", "number", "bool"):
        return say("add | string"), "string"
    if "text" in words and given.sort == "time":
        return say('add | date("%Y-%m-%d"), or the format that is wanted'), ""
    if "whole number" in words and given.sort in ("text", "number"):
        return say("add | int"), "int"
    return say("give {wanted}", wanted=words), ""


def takes(model: type[BaseModel], route: Route, given: Any) -> bool:
    """Whether nothing is wrong at a route, on the way to it or below."""
    return not any(one and one[: len(route)] == route[: len(one)] for one in errors_of(model, given))


def _value(value: Any, errors: list[Raw]) -> Unfit:
    worst = errors[0]
    known = choices(worst.type, worst.context)
    hint = suggest(str(value), known, say("values")) if known else say("take it out of the enum")
    return Unfit(say("another value"), hint, value=value)


def _sample(type_: Type) -> Any:
    """A value of the type; None where none stands for all of them."""
    if type_.sort == "list":
        inner = _sample(type_.inner) if type_.inner and type_.inner.known else None
        return [] if inner is None else [inner]
    return SAMPLES.get(type_.sort)


def _with(value: Any, samples: Mapping[Route, Any], route: Route = ()) -> Any:
    """A copy with the samples in their places."""
    if route in samples:
        return samples[route]
    if isinstance(value, Mapping):
        return {key: _with(inner, samples, (*route, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with(inner, samples, (*route, index)) for index, inner in enumerate(value)]
    return value


def errors_of(model: type[BaseModel], data: Any) -> dict[Route, list[Raw]]:
    """By route. What is wrong inside of a sample list counts for the list."""
    out: dict[Route, list[Raw]] = {}
    try:
        model.model_validate(data)
    except ValidationError as error:
        for one in raw_errors(error, data):
            out.setdefault(one.route, []).append(one)
    return out
