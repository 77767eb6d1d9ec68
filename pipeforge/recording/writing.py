"""A world as the text of its file: YAML in blocks, for people to read and change."""

import re
from collections.abc import Iterator, Mapping
from math import isinf

from pipeforge.adapter import Json

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/-]*( [A-Za-z0-9_/-]+)*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def yaml(value: Mapping[str, Json]) -> str:
    """A block of the file; empty for nothing."""
    return "".join(f"{line}\n" for line in _mapping(value)) if value else ""


def _lines(value: Json) -> list[str]:
    """One line for what fits into it, otherwise the lines of a block."""
    if isinstance(value, Mapping) and value:
        return list(_mapping(value))
    if isinstance(value, list) and value:
        return list(_list(value))
    return [_scalar(value)]


def _is_block(value: Json) -> bool:
    return isinstance(value, Mapping | list) and bool(value)


def _mapping(value: Mapping[str, Json]) -> Iterator[str]:
    for key, inner in value.items():
        name = str(key) if str(key).isdecimal() else _text(str(key))
        if _is_block(inner):
            yield f"{name}:"
            yield from (f"  {line}" for line in _lines(inner))
        else:
            yield f"{name}: {_scalar(inner)}"


def _list(value: list[Json]) -> Iterator[str]:
    for inner in value:
        lines = _lines(inner)
        yield f"- {lines[0]}"
        yield from (f"  {line}" for line in lines[1:])


def _scalar(value: Json) -> str:
    if isinstance(value, bool) or value is None:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return ".inf" if isinf(value) else f"{value!r}"
    return _text(value) if isinstance(value, str) else ("[]" if isinstance(value, list) else "{}")


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"
