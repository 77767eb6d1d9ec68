"""A form body as a Rack-style server reads it: `x[][y]` starts a new element only when `y` comes again."""

import re
from collections.abc import Iterable

from pipeforge.emulators.core import Json

_ELEMENT = re.compile(r"([^\[\]]+)\[\]\[([^\[\]]+)\]\Z")
_ITEM = re.compile(r"([^\[\]]+)\[\]\Z")


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """Pairs in the order sent, as one mapping; the last of a repeated plain key wins."""
    params: dict[str, Json] = {}
    for key, value in pairs:
        if element := _ELEMENT.match(key):
            _into(_many(params, element[1]), element[2], value)
        elif item := _ITEM.match(key):
            _many(params, item[1]).append(value)
        else:
            params[key] = value
    return params


def _many(params: dict[str, Json], name: str) -> list[Json]:
    if not isinstance(params.get(name), list):
        params[name] = []
    items: list[Json] = params[name]
    return items


def _into(elements: list[Json], key: str, value: str) -> None:
    if not elements or not isinstance(elements[-1], dict) or key in elements[-1]:
        elements.append({})
    elements[-1][key] = value
