"""What kind of value an expression gives, as far as that is certain: types of names, values and filters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pipeforge.language.declaring import declared
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import OPEN

Sort = Literal["any", "text", "int", "number", "bool", "time", "list", "mapping"]


class Type(NamedTuple):
    """A kind of value. `any`: nothing is known, so nothing is wrong with it."""

    sort: Sort
    values: tuple[Any, ...] | None = None
    """The only values it can have; None where they are not known."""
    inner: "Type | None" = None
    """Of a list: what its items are."""
    parts: "Mapping[str, Type] | None" = None
    """Of a mapping: its keys; None where they are not known."""
    size: int | None = None
    """Of a list: how many items it has; None where that is not known."""

    @property
    def known(self) -> bool:
        return self.sort != "any"


ANY, TEXT, INT, NUMBER = Type("any"), Type("text"), Type("int"), Type("number")
BOOL, TIME, LIST, MAPPING = Type("bool"), Type("time"), Type("list"), Type("mapping")

NOUNS: Mapping[Sort, Said] = {
    "text": say("text"),
    "int": say("a whole number"),
    "number": say("a number"),
    "bool": say("true or false"),
    "time": say("a time"),
    "list": say("a list"),
    "mapping": say("a mapping"),
}
"""How messages call them."""
_DECLARED: Mapping[str, Type] = {
    "string": TEXT, "integer": INT, "number": NUMBER, "boolean": BOOL, "array": LIST, "object": MAPPING,
}  # fmt: skip
PLAIN: Mapping[Any, Type] = {str: TEXT, int: INT, float: NUMBER, bool: BOOL, datetime: ANY}
"""Of Python's own types."""

_INSTANT = frozenset(["time", "text"])
_SERIES = frozenset(["list", "text", "mapping"])
_NUMERIC = frozenset(["int", "number", "bool"])
TAKES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("date", "shift", "start_of", "tz", "iso", "unix"), _INSTANT),
    **dict.fromkeys(("join", "sort", "unique", "max", "min", "length"), _SERIES),
    **dict.fromkeys(("first", "last"), frozenset(["list", "text"])),
    "sum": frozenset(["list"]),
    "abs": _NUMERIC,
    **dict.fromkeys(("int", "float", "round"), _NUMERIC | {"text"}),
}
"""What each filter can be given; those that are not here take anything."""
_GIVES: Mapping[str, Type] = {
    **dict.fromkeys(
        ("date", "iso", "join", "json", "b64", "string", "lower", "upper", "trim", "replace"), TEXT
    ),
    **dict.fromkeys(("shift", "start_of", "tz"), TIME),
    **dict.fromkeys(("unix", "length", "int"), INT),
    **dict.fromkeys(("float", "round"), NUMBER),
    "split": Type("list", inner=TEXT),
}


def filtered(name: str, given: Type) -> Type:
    """What a filter makes of a value."""
    if name in ("first", "last", "max", "min"):
        return given.inner or ANY if given.sort == "list" else ANY
    if name in ("sort", "unique"):
        size = given.size if name == "sort" else None
        return given._replace(values=None, size=size) if given.sort == "list" else ANY
    return _GIVES.get(name, ANY)


def of_constant(value: Any) -> Type:
    """Of a value that stands in an expression."""
    known = PLAIN.get(type(value))
    return known._replace(values=(value,)) if known else ANY


def of_value(value: Any) -> Type:
    """Of a value that stands in the file, where no template makes it."""
    if isinstance(value, str):
        whole = value.strip().startswith(OPEN) and value.strip().endswith("}}")
        return ANY if whole else TEXT
    if isinstance(value, Mapping):
        return Type("mapping", parts={str(key): of_value(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return Type("list", inner=alike([of_value(one) for one in value]), size=len(value))
    return PLAIN.get(type(value), ANY)


def of_variable(value: Any) -> Type:
    """Of a custom variable. One that is not declared becomes a text when it is given with --set."""
    if declared(value):
        choices = value.get("enum")
        found = _DECLARED.get(str(value["type"]), ANY)
        plain = isinstance(choices, list) and all(isinstance(one, str | int | float) for one in choices)
        return found._replace(values=tuple(choices)) if plain and choices else found
    return ANY if isinstance(value, int | float | bool) else of_value(value)


def alike(some: list[Type]) -> Type:
    """What all of several values are."""
    plain = {one._replace(values=None) if one.sort not in ("list", "mapping") else None for one in some}
    only = plain.pop() if len(plain) == 1 else None
    if only is None:
        return some[0] if len(some) == 1 else Type(some[0].sort) if some and _same_sort(some) else ANY
    values = [one.values for one in some]
    return only._replace(values=tuple(v for one in values if one for v in one) if all(values) else None)


def _same_sort(some: list[Type]) -> bool:
    return len({one.sort for one in some}) == 1
