"""Reads YAML of one pair or item a line, as most is; what is written otherwise it leaves to the parser."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeforge.language.scalars import STARTS, resolve, respelt

_WORD = r"[\w$](?:[\w$./() -]{0,200}[\w$./()-])?"
_LINE = re.compile(rf"^( *)(-(?: +|$))?(?:({_WORD}):(?: +|$))?(.*)$", re.MULTILINE)
"""Indentation, dash, key, and what follows: at worst all of the line."""

_NONE = ("", "#")
_TOLD = frozenset("?:,[]{}#&*!|>'\"%@`") | STARTS
"""How a value begins that is not simply the text that stands there."""

_QUOTED = re.compile(r"""(?:"([^"\\]*)"|'([^']*)')(?: *| +#.*)""")
_PART = re.compile(rf""" *(?:([\[\]{{}},]|$)|({_WORD})(:(?= ))?|"([^"\\]*)"|'([^']*)')""")
"""Of a collection in brackets: a mark or the end; a word, with a colon if it is a key; a text in quotes."""
_DEEPEST = 50
"""chosen: half of what the parser reads."""

_Found = re.Match[str]


class Folded(NamedTuple):
    """The data of a text; every key, every value that is a text, and every number that loses its spelling."""

    data: Any
    keys: set[str]
    texts: set[str]
    respelt: set[str]


class _Other(Exception):
    """Something that only the parser reads."""


def lined(text: str) -> Folded | None:
    """What the parser makes of a text; None where only that can tell."""
    text = text.replace("\r\n", "\n")
    if not text.replace("\n", "").isprintable():
        return None  # tabs, what breaks lines in YAML alone, what it does not allow; and more
    try:
        return _read(text)
    except _Other:
        return None


def _read(text: str) -> Folded | None:
    seen, place, below = Folded({}, set(), set(), set()), _Place(), None
    place.inner = seen.data
    for indent, dash, key, rest in _LINE.findall(text):
        column, slot = len(indent), key
        if dash:
            slot = place.item(column, len(dash), key, below)
        elif not key:
            if rest[:1] not in _NONE:
                raise _Other
            continue
        elif column != place.column or place.listed:
            place.pair(column, below)
        inner, below = place.inner, None
        if key:
            if key in inner:
                raise _Other
            seen.keys.add(key)
        if rest[:1] in _NONE:
            inner[slot], below = None, slot
        elif rest[0] in _TOLD or ": " in rest or " #" in rest or rest[-1] in ": ":
            inner[slot] = _value(rest, seen)
        else:
            inner[slot] = rest
            seen.texts.add(rest)
    return seen if seen.data else None


class _Place:
    """The collections under way, each with the column of its keys or dashes.

    `below`: the key or index of the innermost one whose value, if there is one, comes now.
    """

    def __init__(self) -> None:
        self.inner: Any = None
        self.column = 0
        self.listed = False
        """The innermost one is a list."""
        self._outer: list[tuple[int, Any]] = []

    def pair(self, column: int, below: Any) -> None:
        """Goes to the mapping whose keys stand in that column."""
        if column > self.column:
            self._enter(column, {}, below)
            return
        self._leave(column)
        if self.listed:
            self._up()
        if self.column != column or self.listed:
            raise _Other

    def item(self, column: int, width: int, key: str, below: Any) -> Any:
        """Goes to a new item of the list whose dashes stand in that column: where its value or pair goes."""
        if column > self.column or (column == self.column and not self.listed and below is not None):
            self._enter(column, [], below)
        else:
            self._leave(column)
        if self.column != column or not self.listed:
            raise _Other
        index = len(self.inner)
        self.inner.append(None)
        if not key:
            return index
        self._enter(column + width, {}, index)
        return key

    def _enter(self, column: int, collection: Any, below: Any) -> None:
        if below is None or len(self._outer) == _DEEPEST:
            raise _Other
        self.inner[below] = collection
        self._outer.append((self.column, self.inner))
        self.column, self.inner, self.listed = column, collection, type(collection) is list

    def _leave(self, column: int) -> None:
        while column < self.column:
            self._up()

    def _up(self) -> None:
        if not self._outer:
            raise _Other
        self.column, self.inner = self._outer.pop()
        self.listed = type(self.inner) is list


def _value(text: str, seen: Folded) -> Any:
    first = text[0]
    if first in "'\"":
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            raise _Other
        return _noted(quoted[1] or quoted[2] or "", seen)
    if first in "[{":
        return _flow(text, seen)
    if (first in _TOLD and first not in STARTS) or text[:2] in ("-", "- "):
        raise _Other
    text = text.partition(" #")[0].rstrip(" ")
    if ": " in text or text[-1] == ":":
        raise _Other
    return _resolved(text, seen)


def _resolved(text: str, seen: Folded) -> Any:
    value = resolve(text)
    if isinstance(value, str):
        seen.texts.add(value)
    elif respelt(value, text):
        seen.respelt.add(text)
    return value


def _noted(text: str, seen: Folded) -> str:
    seen.texts.add(text)
    return text


def _flow(text: str, seen: Folded) -> Any:
    """A collection in brackets, all of it in this line."""
    parts = _parts(text.partition(" #")[0].rstrip(" "))
    value = _part(parts, next(parts), seen, 0)
    if next(parts)[1] != "":
        raise _Other
    return value


def _parts(text: str) -> Iterator[_Found]:
    position = 0
    while part := _PART.match(text, position):
        yield part
        position = part.end()
    raise _Other


def _part(parts: Iterator[_Found], part: _Found, seen: Folded, depth: int) -> Any:
    if part[3] or depth == _DEEPEST:
        raise _Other
    if part[1] is None:
        return _resolved(part[2], seen) if part[2] else _noted(part[4] or part[5] or "", seen)
    if part[1] == "[":
        return _items(parts, seen, depth + 1)
    if part[1] == "{":
        return _pairs(parts, seen, depth + 1)
    raise _Other


def _items(parts: Iterator[_Found], seen: Folded, depth: int) -> list[Any]:
    items: list[Any] = []
    part = next(parts)
    while items or part[1] != "]":
        items.append(_part(parts, part, seen, depth))
        if not _goes_on(next(parts), "]"):
            break
        part = next(parts)
    return items


def _pairs(parts: Iterator[_Found], seen: Folded, depth: int) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    part = next(parts)
    while pairs or part[1] != "}":
        key = part[2]
        if not part[3] or key in pairs:
            raise _Other
        seen.keys.add(key)
        pairs[key] = _part(parts, next(parts), seen, depth)
        if not _goes_on(next(parts), "}"):
            break
        part = next(parts)
    return pairs


def _goes_on(part: _Found, closing: str) -> bool:
    if part[1] not in (",", closing):
        raise _Other
    return part[1] == ","
