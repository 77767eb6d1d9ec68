"""How a wrong type, a wrong value or a missing key is said to an author."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeforge.language.diagnostics import Route
from pipeforge.language.nearest import suggest
from pipeforge.language.saying import UNSAID, Said, either, overheard, say

EXPECTED: Mapping[str, Said] = {
    "string_type": say("text"),
    "string_sub_type": say("text"),
    "int_type": say("a whole number"),
    "int_from_float": say("a whole number"),
    "float_type": say("a number"),
    "decimal_type": say("a number"),
    "bool_type": say("true or false"),
    "list_type": say("a list"),
    "tuple_type": say("a list"),
    "set_type": say("a list"),
    "frozen_set_type": say("a list"),
    "iterable_type": say("a list"),
    "dict_type": say("a mapping"),
    "mapping_type": say("a mapping"),
    "model_type": say("a mapping"),
    "model_attributes_type": say("a mapping"),
    "dataclass_type": say("a mapping"),
    "datetime_type": say("a time"),
    "date_type": say("a date"),
    "time_type": say("a time of day"),
    "url_type": say("a URL"),
    "none_required": say("nothing"),
    "is_instance_of": say("another type"),
}
"""Pydantic's type errors, and what they wanted, in plain words."""

_SHOWN = 60
_PATTERNS: Mapping[str, Said] = {
    r"^[^\s/\\\x00-\x1f]{1,100}$": say("use 1 to 100 characters without blanks, '/' or '\\'"),
    r"^[A-Za-z_][A-Za-z0-9_]*$": say("begin with a letter or _, then letters, digits and _"),
    r"^[0-9]+$": say("give digits only"),
    r"^[A-Za-z0-9_-]{1,255}$": say("use letters without accents, digits, _ and - only"),
}
"""What the patterns of models mean."""
_MISSING: Mapping[str | int, Said] = {
    "uses": say("add uses: with a kind, such as trocco.run_job"),
    "steps": say("add steps: with one step below it at least"),
    "name": say("add name: what runs of this pipeline are called"),
    "vendor": say("add vendor:"),
    "items": say("add items: with a list or a template"),
    "max_attempts": say("add max_attempts: how often to try in all"),
}


def said(value: Any) -> Said:
    """A value as a message quotes it."""
    if isinstance(value, str):
        return say("text '{value}'", value=value if len(value) <= _SHOWN else value[:_SHOWN] + "…")
    if value is None:
        return say("nothing")
    if isinstance(value, bool):
        return say("{value}", value=str(value).lower())
    if isinstance(value, Mapping):
        return say("a mapping")
    return say("a list") if isinstance(value, list) else say("{value}", value=value)


def key_of(route: Route) -> str:
    """The last key of a route, with the index behind it where it ends in one."""
    tail = ""
    for part in reversed(route):
        if isinstance(part, str):
            return f"{part}{tail}"
        tail = f"[{part}]{tail}"
    return tail or say("the file")


def missing(route: Route, noun: Said) -> tuple[Said, Said]:
    hint = _MISSING.get(route[-1], say("add {key}: …", key=route[-1])) if route else UNSAID
    return say("missing {noun} '{key}'", noun=noun, key=key_of(route)), hint


def wrong_type(route: Route, kinds: Sequence[str], value: Any, *, secret: bool) -> tuple[Said, Said]:
    got = say("something else") if secret and value is not None else said(value)
    message = say("'{key}' wants {wanted}, got {got}", key=key_of(route), wanted=wanted(kinds), got=got)
    return message, _type_hint(route, wanted(kinds), value)


def wanted(kinds: Sequence[str]) -> Said:
    """What type errors wanted, in plain words."""
    return either(list(dict.fromkeys(EXPECTED[kind] for kind in kinds)))


def choices(type_: str, context: Mapping[str, Any]) -> list[str]:
    """The values that would have been right, where they can be told one by one."""
    if type_ in ("literal_error", "enum"):
        return re.findall(r"'([^']*)'", str(context["expected"])) or [str(context["expected"])]
    return re.findall(r"'([^']*)'", str(context.get("expected_tags", "")))


def _type_hint(route: Route, wanted: Said, value: Any) -> Said:
    if isinstance(value, str) and "：" in value:
        return say("a full-width colon '：' is no colon; write ': '")
    if "text" in wanted and isinstance(value, bool | int | float):
        return say("put it in quotes")
    if wanted == "a list" and not isinstance(value, Mapping) and value is not None:
        return say("write [ … ], also for a single one")
    if route == ("steps",) and isinstance(value, list):
        return say("steps are a mapping: the step's id, a colon, and the step indented below")
    if wanted == "a mapping":
        return say("write its keys below it, indented")
    return say("give {wanted}", wanted=wanted)


def wrong_value(
    route: Route, type_: str, raw: str, context: Mapping[str, Any], value: Any, *, secret: bool
) -> tuple[Said, Said]:
    key = key_of(route)
    refused = _refused(key, value, secret=secret)
    if type_ in ("literal_error", "enum"):
        return refused, suggest(str(value), choices(type_, context), say("values"))
    if type_ == "union_tag_not_found":
        return say("missing key '{key}'", key=key), say("add {key}: …", key=key)
    if type_.startswith("union_tag"):
        tag = str(context["tag"])
        return _refused(key, tag, secret=secret), suggest(tag, choices(type_, context), say("values"))
    if type_ == "string_pattern_mismatch":
        pattern = context["pattern"]
        return refused, _PATTERNS.get(pattern) or say("it must match {pattern}", pattern=pattern)
    if type_ in _BOUNDS:
        hint, bound = _BOUNDS[type_]
        return refused, hint.fill(bound=context[bound])
    if type_ in ("too_short", "string_too_short"):
        message = say("'{key}' is too short", key=key) if value else say("'{key}' is empty", key=key)
        return message, _least(key, context)
    if type_ in ("too_long", "string_too_long"):
        return say("'{key}' is too long", key=key), say("give at most {bound}", bound=context["max_length"])
    return _other(key, type_, raw, refused)


_BOUNDS = {
    "greater_than_equal": (say("give at least {bound}"), "ge"),
    "greater_than": (say("give more than {bound}"), "gt"),
    "less_than_equal": (say("give at most {bound}"), "le"),
    "less_than": (say("give less than {bound}"), "lt"),
    "multiple_of": (say("give a multiple of {bound}"), "multiple_of"),
}


def _refused(key: str, value: Any, *, secret: bool) -> Said:
    if secret:
        return say("'{key}' cannot be the value", key=key)
    shown = value if isinstance(value, str | int | float) else said(value)
    return say("'{key}' cannot be '{value}'", key=key, value=shown)


def _least(key: str, context: Mapping[str, Any]) -> Said:
    if key == "steps":
        return say("add one step at least")
    least = context.get("min_length", 1)
    return say("give something") if least == 1 else say("give at least {bound}", bound=least)


def _other(key: str, type_: str, raw: str, refused: Said) -> tuple[Said, Said]:
    """The last resort: a validator we have no words for yet; its own, made to read like ours."""
    wanted = re.sub(r"^(Input|String|URL|Value) should ", "it should ", raw.removeprefix("Value error, "))
    wanted = wanted[:1].lower() + wanted[1:]
    if type_.endswith(("_parsing", "_parsing_size")):
        wanted = wanted.partition(", ")[0]
    if type_ == "value_error":
        return say("'{key}': {complaint}", key=key, complaint=overheard(wanted)), UNSAID
    return refused, overheard(wanted)
