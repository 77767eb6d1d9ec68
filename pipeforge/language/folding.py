"""Reads a YAML text that has nothing wrong, as most have; at anything that is to be told of, it gives up."""

from collections.abc import Callable
from typing import Any, NamedTuple

from _ruamel_yaml import CParser
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from pipeforge.language.building import MAX_DEPTH
from pipeforge.language.scalars import STARTS, resolve

_Next = Callable[[], Any]
"""Gives the parser's next event."""


class Folded(NamedTuple):
    """The data of a text, and every key in it."""

    data: Any
    keys: set[str]


class _Told(Exception):
    """There is something to tell of the text, or something that only the whole builder knows."""


def fold(text: str) -> Folded | None:
    """What `building.Builder` makes of a text of which it notes nothing; None for any other text."""
    parser = CParser(text)
    try:
        return _document(parser.get_event)
    except (_Told, YAMLError):
        return None
    finally:
        parser.dispose()


def _document(following: _Next) -> Folded:
    """All there is, if that is one document."""
    following()  # the stream begins
    if type(following()) is StreamEndEvent:
        return Folded(None, set())
    keys: set[str] = set()
    data = _value(following, following(), keys, 0)
    following()  # the document ends
    if type(following()) is not StreamEndEvent:
        raise _Told
    return Folded(data, keys)


def _value(following: _Next, event: Any, keys: set[str], depth: int) -> Any:
    kind = type(event)
    if kind is ScalarEvent:
        return _scalar(event)
    if depth == MAX_DEPTH or kind not in _COLLECTIONS or event.anchor or event.ctag is not None:
        raise _Told
    if kind is MappingStartEvent:
        return _mapping(following, keys, depth + 1)
    return _sequence(following, keys, depth + 1)


def _scalar(event: ScalarEvent) -> Any:
    if event.anchor or event.ctag is not None:
        raise _Told
    text = event.value
    return resolve(text) if event.implicit[0] and text[:1] in STARTS else text


def _mapping(following: _Next, keys: set[str], depth: int) -> dict[str, Any]:
    data: dict[str, Any] = {}
    while type(event := following()) is ScalarEvent:
        key = event.value
        if key in data or key == "<<" or event.anchor or event.ctag is not None:
            raise _Told
        keys.add(key)
        event = following()
        # The same as _value does, without the way to it: most of a text is such pairs.
        if type(event) is not ScalarEvent:
            data[key] = _value(following, event, keys, depth)
            continue
        if event.anchor or event.ctag is not None:
            raise _Told
        text = event.value
        data[key] = resolve(text) if event.implicit[0] and text[:1] in STARTS else text
    if type(event) is not MappingEndEvent:
        raise _Told  # a mapping, a list or an alias as a key
    return data


def _sequence(following: _Next, keys: set[str], depth: int) -> list[Any]:
    data = []
    while type(event := following()) is not SequenceEndEvent:
        data.append(_value(following, event, keys, depth))
    return data


_COLLECTIONS = frozenset([MappingStartEvent, SequenceStartEvent])
