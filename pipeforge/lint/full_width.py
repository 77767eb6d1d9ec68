"""Full-width punctuation where YAML wants its half-width twin: the traps of a Japanese keyboard."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem, Route
from pipeforge.language.document import Document
from pipeforge.language.saying import Said, say
from pipeforge.lint.editing import spanned

ODD_BLANKS = {
    "\u00a0": say("no-break space (U+00A0)"),
    "\u2007": say("figure space (U+2007)"),
    "\u202f": say("narrow no-break space (U+202F)"),
    "\u2003": say("em space (U+2003)"),
    "\u2002": say("en space (U+2002)"),
    "\u2009": say("thin space (U+2009)"),
    "\u200b": say("zero-width space (U+200B)"),
    "\u2060": say("word joiner (U+2060)"),
    "\ufeff": say("byte order mark (U+FEFF)"),
    "\u3000": say("ideographic space (U+3000)"),
}
"""Blanks that YAML takes for letters, by what they are called."""
_ODD = "".join(ODD_BLANKS)
_QUOTES = frozenset("“”„＂")
_NO_COLON = r"(?P<key>[a-z_]+) +(?=[{\[])"
_NO_COLON_LINE = rf"(?m)^ *(?:- +)?{_NO_COLON}"
_SWALLOWED = r"：[ \u3000]*[{\[\"']"
"""A value that became part of its key."""
_HASH = " ＃"
_IN_KEYS = ("\u3000", "：", " {", " [")
"""Where no key of a file has one of these, none swallowed anything."""
_EDGES = (*ODD_BLANKS, *_QUOTES, _HASH)

_COLON_SAYS = (
    say("full-width colon '：' after '{key}'"),
    say("write ': ', half-width and with a space after it"),
)
_SPACE_SAYS = (say("ideographic space (U+3000) in the indentation"), say("indent with half-width spaces"))


def in_data(document: Document) -> list[tuple[str, Problem]]:
    """Keys that swallowed a blank, a colon or a value: their structure is not what was meant."""
    keys, text = "\n".join(document.keys), document.text
    if not any(sign in keys for sign in _IN_KEYS):
        return []
    if "\u3000" not in text and "：" not in text and not re.search(_NO_COLON_LINE, text):
        return []
    return list(_keys(document, document.data, ()))


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


def _keys(document: Document, value: Any, route: Route) -> Iterator[tuple[str, Problem]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = (*route, key)
            bare = re.match(_NO_COLON, key)
            if key.startswith("\u3000"):
                yield "full-width", Problem(here, *_SPACE_SAYS, on_key=True)
            elif "：" in key and (inner is None or re.search(_SWALLOWED, key)):
                message = _COLON_SAYS[0].fill(key=key.partition("：")[0])
                yield "full-width", Problem(here, message, _COLON_SAYS[1], on_key=True)
            elif bare is not None:
                yield "no-colon", _no_colon(document, here, bare)
            else:
                yield from _keys(document, inner, here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _keys(document, inner, (*route, index))


def _no_colon(document: Document, route: Route, bare: re.Match[str]) -> Problem:
    """`with {a: 1}`: a key and the bracket behind it, taken for one key."""
    raw = document.exact(Place(route, on_key=True)) or (0, 0)
    shown = document.span((raw[0], raw[0] + len(bare["key"])))
    gap = document.span((raw[0] + len(bare["key"]), raw[0] + bare.end()))
    hint = say("write '{key}: '", key=bare["key"])
    fix = Fix(hint, (spanned(gap, ": "),), reveals=True)
    return Problem((), say("no colon after '{key}'", key=bare["key"]), hint, span=shown, fix=fix)
