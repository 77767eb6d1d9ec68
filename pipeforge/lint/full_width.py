"""Full-width punctuation where YAML wants its half-width twin: the traps of a Japanese keyboard."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem, Route
from pipeforge.language.document import Document
from pipeforge.language.saying import Said, say

ODD_BLANKS = {
    "\u00a0": "no-break space (U+00A0)",
    "\u2007": "figure space (U+2007)",
    "\u202f": "narrow no-break space (U+202F)",
    "\u2003": "em space (U+2003)",
    "\u2002": "en space (U+2002)",
    "\u2009": "thin space (U+2009)",
    "\u200b": "zero-width space (U+200B)",
    "\u2060": "word joiner (U+2060)",
    "\ufeff": "byte order mark (U+FEFF)",
    "\u3000": "ideographic space (U+3000)",
}
"""Blanks that YAML takes for letters, by what they are called."""
_ODD = "".join(ODD_BLANKS)
_QUOTES = frozenset("“”„＂")
_SWALLOWED = r"：[ \u3000]*[{\[\"']"
"""A value that became part of its key."""
_HASH = " ＃"
_EDGES = (*ODD_BLANKS, *_QUOTES, _HASH)

_COLON_SAYS = (
    say("full-width colon '：' after '{key}'"),
    say("write ': ', half-width and with a space after it"),
)
_SPACE_SAYS = (say("ideographic space (U+3000) in the indentation"), say("indent with half-width spaces"))


def in_data(text: str, data: Any) -> list[Problem]:
    """Keys that swallowed an ideographic space or a colon: their structure is not what was meant."""
    if "\u3000" not in text and "：" not in text:
        return []
    return list(_keys(data, ()))


def in_values(document: Document) -> Iterator[tuple[str, Problem]]:
    """Plain values that begin or end with a blank YAML takes for a letter, or stand in typographic quotes."""
    text = document.text
    if text.isascii() or not any(char in text for char in _EDGES):
        return
    for route, value in _texts(document.data, ()):
        odd = next((char for char in (value[:1], value[-1:]) if char in ODD_BLANKS), None)
        quotes = value[:1] in _QUOTES and value[-1:] in _QUOTES and len(value) > 1
        hashed = value.find(_HASH)
        if not (odd or quotes or hashed > 0) or "description" in route:
            continue
        raw = document.exact(Place(route))
        if raw is None or text[raw[0]] in "'\"|>":
            continue
        if odd:
            message = say("{name} at the edge of a value", name=ODD_BLANKS[odd])
            hint, meant = say("remove it, or put the value in quotes"), value.strip(_ODD)
            yield "odd-blank", Problem(route, message, hint, fix=_instead(route, hint, meant))
        elif hashed > 0:
            message, hint = say("full-width '＃' begins no comment"), say("write a half-width #")
            yield "full-width", Problem(route, message, hint)
        else:
            message = say("{quotes} quote nothing in YAML", quotes=f"{value[0]} {value[-1]}")
            hint = say('write "…"')
            yield "full-width", Problem(route, message, hint, fix=_instead(route, hint, value[1:-1]))


def _instead(route: Route, title: Said, text: str) -> Fix | None:
    return Fix(title, (Edit(Place(route), text, "text"),), safe=False, reveals=True) if text else None


def _texts(value: Any, route: Route) -> Iterator[tuple[Route, str]]:
    if isinstance(value, str):
        yield route, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*route, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*route, index))


def _keys(value: Any, route: Route) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = (*route, key)
            if key.startswith("\u3000"):
                yield Problem(here, *_SPACE_SAYS, on_key=True)
            elif "：" in key and (inner is None or re.search(_SWALLOWED, key)):
                yield Problem(
                    here, _COLON_SAYS[0].fill(key=key.partition("：")[0]), _COLON_SAYS[1], on_key=True
                )
            else:
                yield from _keys(inner, here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _keys(inner, (*route, index))
