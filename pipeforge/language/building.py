"""Builds plain data, or an index of places, from the events of a YAML parser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeforge.language.diagnostics import Route
from pipeforge.language.document import Index, Raw
from pipeforge.language.scalars import resolve, respelt

MAX_DEPTH = 100
MAX_ALIASED = 100_000
"""How many nodes aliases may add to a document. More is an alias bomb."""

Note = Callable[[str, str, Raw, "Raw | None"], None]
"""Takes a problem: its kind (a rule's name), the offending text, where, and where the first one stood."""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence under construction."""

    data: Any
    start: int
    anchor: str | None
    key: Any = None
    has_key: bool = False
    repeated: bool = False
    """The key under way was given before: its first value counts."""
    nodes: int = 1
    key_spans: dict[str, Raw] = field(default_factory=dict)


class _NotAKey:
    """Stands for a mapping or sequence that was used as a key; it and its value are dropped."""


class Builder:
    """Folds parser events into data. With an index it also keeps where everything stands."""

    def __init__(self, note: Note, index: Index | None = None) -> None:
        self.data: Any = None
        self.keys: set[str] = set()
        self.texts: set[str] = set()
        self.respelt: set[str] = set()
        self._note = note
        self._index = index
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._aliased = 0

    def take(self, event: Any) -> bool:
        """Folds one event. False when the document must be given up (too deep, too many aliases)."""
        name = type(event).__name__
        if name == "ScalarEvent":
            return self._scalar(event)
        if name == "MappingStartEvent" or name == "SequenceStartEvent":
            return self._start(event, {} if name[0] == "M" else [])
        if name == "MappingEndEvent" or name == "SequenceEndEvent":
            self._end(event.end_mark.index)
            return True
        if name == "AliasEvent":
            return self._alias(event)
        return True

    def _scalar(self, event: Any) -> bool:
        text: str = event.value
        plain = event.implicit[0]
        raw = (event.start_mark.index, event.end_mark.index)
        if event.ctag is not None:
            self._check_tag(event, raw)
        top = self._stack[-1] if self._stack else None
        if top is not None and type(top.data) is dict and not top.has_key:
            self._key(top, text, raw)
            return True
        value = resolve(text) if plain else text
        if value is text:
            self.texts.add(text)
        elif respelt(value, text):
            self.respelt.add(text)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, raw, 1)
        return True

    def _key(self, top: _Open, text: str, raw: Raw) -> None:
        if text == "<<":
            self._note("merge-key", text, raw, None)
        top.repeated = text in top.data
        if top.repeated:
            self._note("repeated-key", text, raw, top.key_spans.get(text))
        top.key_spans.setdefault(text, raw)
        self.keys.add(text)
        top.key, top.has_key = text, True
        top.data.setdefault(text, None)

    def _start(self, event: Any, data: Any) -> bool:
        raw = (event.start_mark.index, event.end_mark.index)
        if event.ctag is not None:
            self._check_tag(event, raw)
        if len(self._stack) >= MAX_DEPTH:
            self._note("too-deep", "", raw, None)
            return False
        self._stack.append(_Open(data, raw[0], event.anchor))
        return True

    def _end(self, end: int) -> None:
        done = self._stack.pop()
        if type(done.data) is dict and "<<" in done.data:
            _merge(done.data)
        if done.anchor:
            self._anchors[done.anchor] = (done.data, done.nodes)
        top = self._stack[-1] if self._stack else None
        if top is not None and type(top.data) is dict and not top.has_key:
            self._note("mapping-as-key", "", (done.start, end), None)
            top.key, top.has_key = _NotAKey, True
            return
        self._add(done.data, (done.start, end), done.nodes)

    def _alias(self, event: Any) -> bool:
        raw = (event.start_mark.index, event.end_mark.index)
        if event.anchor not in self._anchors:
            self._note("unknown-alias", event.anchor, raw, None)
            value, nodes = None, 1
        else:
            value, nodes = self._anchors[event.anchor]
        self._aliased += nodes
        if self._aliased > MAX_ALIASED:
            self._note("alias-bomb", event.anchor, raw, None)
            return False
        top = self._stack[-1] if self._stack else None
        if top is not None and type(top.data) is dict and not top.has_key:
            self._key(top, str(value), raw)
            return True
        self._add(value, raw, nodes)
        return True

    def _add(self, value: Any, raw: Raw, nodes: int) -> None:
        if not self._stack:
            self.data = value
            if self._index is not None:
                self._index.values[()] = raw
            return
        top = self._stack[-1]
        top.nodes += nodes
        if type(top.data) is dict:
            key, top.has_key = top.key, False
            if key is _NotAKey:
                return
            first = not top.repeated
            if first:
                top.data[key] = value
        else:
            key, first = len(top.data), True
            top.data.append(value)
        if self._index is not None and first:
            self._remember(top, key, raw)

    def _remember(self, top: _Open, key: str | int, raw: Raw) -> None:
        """Children are remembered before their parents: a route is whole only while the stack stands."""
        assert self._index is not None
        route = (*self.route, key)
        self._index.values[route] = raw
        if type(top.data) is dict and isinstance(key, str):
            self._index.keys[route] = top.key_spans[key]

    @property
    def route(self) -> Route:
        """The route of the innermost open collection."""
        return tuple(self._steps())

    def _steps(self) -> Iterator[str | int]:
        for open_ in self._stack[:-1]:
            yield open_.key if type(open_.data) is dict else len(open_.data)

    def _check_tag(self, event: Any, raw: Raw) -> None:
        tag = event.tag
        if tag is not None and str(tag) not in ("!", "None"):
            self._note("tag", str(tag), raw, None)


def _merge(data: dict[str, Any]) -> None:
    """What the author of a merge key meant: it is refused, but nothing else should seem to be missing."""
    value = data.pop("<<")
    for mapping in value if isinstance(value, list) else [value]:
        for key, inner in mapping.items() if isinstance(mapping, dict) else ():
            data.setdefault(key, inner)
