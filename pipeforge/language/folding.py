"""Reads a YAML text that has nothing wrong, as most have; at anything that is to be told of, it gives up."""

from collections.abc import Callable
from typing import Any

from _ruamel_yaml import CParser
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from pipeforge.language.building import MAX_DEPTH
from pipeforge.language.lines import Folded
from pipeforge.language.scalars import STARTS, resolve, respelt

_Next = Callable[[], Any]
"""Gives the parser's next event."""


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
    seen = Folded(None, set(), set(), set())
    following()  # the stream begins
    if type(following()) is StreamEndEvent:
        return seen
    data = _value(following, following(), seen, 0)
    following()  # the document ends
    if type(following()) is not StreamEndEvent:
        raise _Told
    return seen._replace(data=data)


def _value(following: _Next, event: Any, seen: Folded, depth: int) -> Any:
    kind = type(event)
    if event.anchor or kind is AliasEvent or event.ctag is not None or depth == MAX_DEPTH:
        raise _Told
    if kind is MappingStartEvent:
        return _mapping(following, seen, depth + 1)
    if kind is SequenceStartEvent:
        return _sequence(following, seen, depth + 1)
    value = resolve(event.value) if event.implicit[0] else event.value
    if isinstance(value, str):
        seen.texts.add(value)
    elif respelt(value, event.value):
        seen.respelt.add(event.value)
    return value


def _mapping(following: _Next, seen: Folded, depth: int) -> dict[str, Any]:
    data: dict[str, Any] = {}
    add_key, add_text = seen.keys.add, seen.texts.add
    while type(event := following()) is ScalarEvent:
        key = event.value
        if key in data or key == "<<" or event.anchor or event.ctag is not None:
            raise _Told
        add_key(key)
        event = following()
        # A text is most often such a pair, and here it is read without further ado: else as _value says.
        if type(event) is ScalarEvent and event.ctag is None and not event.anchor:
            text = event.value
            if not event.implicit[0] or text[:1] not in STARTS:
                data[key] = text
                add_text(text)
                continue
        data[key] = _value(following, event, seen, depth)
    if type(event) is not MappingEndEvent:
        raise _Told  # a mapping, a list or an alias as a key
    return data


def _sequence(following: _Next, seen: Folded, depth: int) -> list[Any]:
    data = []
    while type(event := following()) is not SequenceEndEvent:
        data.append(_value(following, event, seen, depth))
    return data
