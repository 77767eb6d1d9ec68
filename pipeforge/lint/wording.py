"""How a wrong type, a wrong value or a missing key is said to an author."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeforge.language.diagnostics import Route
from pipeforge.language.nearest import suggest

EXPECTED: Mapping[str, str] = {
    "string_type": "text",
    "string_sub_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "decimal_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "iterable_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "datetime_type": "a time",
    "date_type": "a date",
    "time_type": "a time of day",
    "url_type": "a URL",
    "none_required": "nothing",
    "is_instance_of": "another type",
}
"""Pydantic's type errors, and what they wanted, in plain words."""

_SHOWN = 60
_PATTERNS: Mapping[str, str] = {
    r"^[^\s/\\\x00-\x1f]{1,100}$": "use 1 to 100 characters without blanks, '/' or '\\'",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "begin with a letter or _, then letters, digits and _",
    r"^[0-9]+$": "give digits only",
}
"""What the patterns of models mean."""
_MISSING: Mapping[str | int, str] = {
    "uses": "add uses: with a kind, such as trocco.run_job",
    "steps": "add steps: with one step below it at least",
    "name": "add name: what runs of this pipeline are called",
    "vendor": "add vendor:",
    "items": "add items: with a list or a template",
    "max_attempts": "add max_attempts: how often to try in all",
}


def said(value: Any) -> str:
    """A value as a message quotes it."""
    if isinstance(value, str):
        return f"text '{value if len(value) <= _SHOWN else value[:_SHOWN] + '…'}'"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else str(value)


def key_of(route: Route) -> str:
    """The last key of a route, with the index behind it where it ends in one."""
    tail = ""
    for part in reversed(route):
        if isinstance(part, str):
            return f"{part}{tail}"
        tail = f"[{part}]{tail}"
    return tail or "the file"


def missing(route: Route, noun: str) -> tuple[str, str]:
    hint = _MISSING.get(route[-1], f"add {route[-1]}: …") if route else ""
    return f"missing {noun} '{key_of(route)}'", hint


def wrong_type(route: Route, kinds: Sequence[str], value: Any, *, secret: bool) -> tuple[str, str]:
    got = "something else" if secret and value is not None else said(value)
    return f"'{key_of(route)}' wants {wanted(kinds)}, got {got}", _type_hint(route, wanted(kinds), value)


def wanted(kinds: Sequence[str]) -> str:
    """What type errors wanted, in plain words."""
    return " or ".join(dict.fromkeys(EXPECTED[kind] for kind in kinds))


def choices(type_: str, context: Mapping[str, Any]) -> list[str]:
    """The values that would have been right, where they can be told one by one."""
    if type_ in ("literal_error", "enum"):
        return re.findall(r"'([^']*)'", str(context["expected"])) or [str(context["expected"])]
    return re.findall(r"'([^']*)'", str(context.get("expected_tags", "")))


def _type_hint(route: Route, wanted: str, value: Any) -> str:
    if isinstance(value, str) and "：" in value:
        return "a full-width colon '：' is no colon; write ': '"
    if "text" in wanted and isinstance(value, bool | int | float):
        return "put it in quotes"
    if isinstance(value, str) and "number" in wanted and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return "remove the quotes"
    if wanted == "true or false" and isinstance(value, str) and value.lower() in ("yes", "no", "on", "off"):
        return f"write {'true' if value.lower() in ('yes', 'on') else 'false'}"
    if wanted == "a list" and not isinstance(value, Mapping) and value is not None:
        return "write [ … ], also for a single one"
    if route == ("steps",) and isinstance(value, list):
        return "steps are a mapping: the step's id, a colon, and the step indented below"
    if wanted == "a mapping":
        return "write its keys below it, indented"
    return f"give {wanted}"


def wrong_value(
    route: Route, type_: str, raw: str, context: Mapping[str, Any], value: Any, *, secret: bool
) -> tuple[str, str]:
    key = key_of(route)
    quoted = "the value" if secret else f"'{value if isinstance(value, str | int | float) else said(value)}'"
    if type_ in ("literal_error", "enum"):
        return f"'{key}' cannot be {quoted}", suggest(str(value), choices(type_, context), "values")
    if type_.startswith("union_tag"):
        if type_ == "union_tag_not_found":
            return f"missing key '{key}'", f"add {key}: …"
        return f"'{key}' cannot be '{context['tag']}'", suggest(
            str(context["tag"]), choices(type_, context), "values"
        )
    if type_ == "string_pattern_mismatch":
        hint = _PATTERNS.get(context["pattern"]) or f"it must match {context['pattern']}"
        return f"'{key}' cannot be {quoted}", hint
    if type_ in _BOUNDS:
        phrase, bound = _BOUNDS[type_]
        return f"'{key}' cannot be {quoted}", f"{phrase} {context[bound]}"
    if type_ in ("too_short", "string_too_short"):
        return f"'{key}' is empty" if not value else f"'{key}' is too short", _least(key, context)
    if type_ in ("too_long", "string_too_long"):
        return f"'{key}' is too long", f"give at most {context['max_length']}"
    return _other(key, type_, raw, quoted)


_BOUNDS = {
    "greater_than_equal": ("give at least", "ge"),
    "greater_than": ("give more than", "gt"),
    "less_than_equal": ("give at most", "le"),
    "less_than": ("give less than", "lt"),
    "multiple_of": ("give a multiple of", "multiple_of"),
}


def _least(key: str, context: Mapping[str, Any]) -> str:
    if key == "steps":
        return "add one step at least"
    least = context.get("min_length", 1)
    return "give something" if least == 1 else f"give at least {least}"


def _other(key: str, type_: str, raw: str, quoted: str) -> tuple[str, str]:
    """The last resort: a validator we have no words for yet; its own, made to read like ours."""
    wanted = re.sub(r"^(Input|String|URL|Value) should ", "it should ", raw.removeprefix("Value error, "))
    wanted = wanted[:1].lower() + wanted[1:]
    if type_.endswith(("_parsing", "_parsing_size")):
        wanted = wanted.partition(", ")[0]
    if type_ == "value_error":
        return f"'{key}': {wanted}", ""
    return f"'{key}' cannot be {quoted}", wanted
