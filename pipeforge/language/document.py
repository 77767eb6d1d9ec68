"""A YAML text as plain data, and where each thing in it stands."""

import bisect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeforge.language.aligning import align
from pipeforge.language.diagnostics import Place, Problem, Route, Span
from pipeforge.language.digesting import digest
from pipeforge.language.lines import lined
from pipeforge.language.reading import content
from pipeforge.language.saying import say
from pipeforge.loading import load

_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
BREAK = re.compile(r"\r\n|\n|\r")

_WORSE = {"syntax", "encoding", "too-deep", "alias-bomb"}

_PARSING = "pipeforge.language.parsing"

Raw = tuple[int, int]
"""From one code point of the text up to another."""


class Index(NamedTuple):
    """Where each key and each value of a document stands in its text."""

    keys: dict[Route, Raw]
    values: dict[Route, Raw]


class Document:
    """One YAML file. `faults` are what its text has wrong, by rule name, found on the way to the data."""

    # No dataclass: to make one costs more than to lint a file.
    __slots__ = ("_index", "_starts", "data", "digest", "faults", "keys", "path", "respelt", "text", "texts")

    def __init__(self, path: Path, text: str, data: Any = None, digest: str = "") -> None:
        self.path = path
        self.text = text
        self.data = data
        self.faults: list[tuple[str, Problem]] = []
        self.digest = digest
        """Of the file's bytes as they were read; none of a text that was given."""
        self.keys: set[str] = set()
        """Every key in it, each once: what none of them has need not be looked for one by one."""
        self.texts: set[str] = set()
        """Every value in it that is a text, each once."""
        self.respelt: set[str] = set()
        """Every number in it that is written otherwise than it will be told, as it is written."""
        self._index: Index | None = None
        self._starts: list[int] | None = None

    def again(self) -> "Document":
        """Another one of the same text, under whose path nobody else looks."""
        other = Document(self.path, self.text, self.data, self.digest)
        for name in ("faults", "keys", "texts", "respelt", "_index", "_starts"):
            setattr(other, name, getattr(self, name))
        return other

    @property
    def broken(self) -> bool:
        """There is no data worth checking."""
        return any(rule in _WORSE for rule, _ in self.faults)

    @property
    def gist(self) -> str:
        """What holds every word of the text, each once, so that a rare one is looked for in little.

        All of the text where something stands in it that is neither key nor value, such as a comment.
        """
        text = self.text
        if self.faults or any(mark in text for mark in "#&*!\\") or text[:1] == "%" or "\n%" in text:
            return text
        return "\n".join((*self.keys, *self.texts))

    def locate(self, place: Place) -> Span:
        """Where a place stands; where it is missing, its nearest ancestor."""
        return self.span(self._raw(self._places(), place))

    def exact(self, place: Place) -> Raw | None:
        """The offsets of a place; None where it does not stand in the text itself, or only hidden."""
        index = self._places()
        if place.on_key:
            return index.keys.get(place.route)
        raw = index.values.get(place.route)
        if raw is None or place.within is None:
            return self._trimmed(raw) if raw else None
        value = self.value(place.route)
        found = align(self.text[raw[0] : raw[1]], value, *place.within) if isinstance(value, str) else None
        return (raw[0] + found[0], raw[0] + found[1]) if found else None

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, as spans count them."""
        self.span((0, 0))
        assert self._starts is not None
        return self._starts[line - 1] + column - 1

    def blocks(self) -> Iterator[Raw]:
        """From the beginning of each key, and of each item of a list, to the end of its value."""
        index = self._places()
        for route, raw in index.values.items():
            key = index.keys.get(route)
            if key or (route and isinstance(route[-1], int)):
                start, end = self._trimmed(raw)
                yield (key or raw)[0], max(end, start, (key or raw)[1])

    def span(self, raw: Raw) -> Span:
        """Offsets into the text as lines and columns."""
        if self._starts is None:
            self._starts = [0, *(m.end() for m in BREAK.finditer(self.text))]
        start, end = raw[0], max(raw[0], raw[1])
        line = bisect.bisect_right(self._starts, start)
        last = bisect.bisect_right(self._starts, end)
        return Span(line, start - self._starts[line - 1] + 1, last, end - self._starts[last - 1] + 1)

    def _places(self) -> Index:
        """Found when they are asked for: only a file with findings pays for them."""
        if self._index is None:
            self._index = load(f"{_PARSING}:index_of")(self.text)
        return self._index

    def _raw(self, index: Index, place: Place) -> Raw:
        route = place.route
        if route in index.values or route in index.keys:
            key = index.keys.get(route)
            if place.on_key and key is not None:
                return key
            raw = self._trimmed(index.values.get(route) or key or (0, 0))
            return self._within(raw, place) if place.within else raw
        while route and route not in index.values:
            route = route[:-1]
        return index.keys.get(route) or self._trimmed(index.values.get(route, (0, 0)), first_line=True)

    def _trimmed(self, raw: Raw, *, first_line: bool = False) -> Raw:
        """Without the line breaks that a block leaves at its end."""
        text = self.text[raw[0] : raw[1]]
        if first_line:
            text = BREAK.split(text, maxsplit=1)[0]
        return raw[0], raw[0] + len(text.rstrip())

    def _within(self, raw: Raw, place: Place) -> Raw:
        """The same characters in the source; the whole value where escapes or an alias hide them."""
        assert place.within is not None
        value = self.value(place.route)
        found = align(self.text[raw[0] : raw[1]], value, *place.within) if isinstance(value, str) else None
        return (raw[0] + found[0], raw[0] + found[1]) if found else raw

    def value(self, route: Route) -> Any:
        """The data at a route."""
        value = self.data
        for key in route:
            value = value[key]
        return value


def read(path: Path) -> Document:
    """Reads a file. Raises Unreadable when there is nothing to read; what is wrong inside becomes faults."""
    return decoded(path, content(path))


def decoded(path: Path, raw: bytes) -> Document:
    """The bytes of a file as a document. Never raises: what is wrong becomes faults."""
    known = digest(raw)
    try:
        text = raw.decode("utf-8")
        document = parse(path, _PAIR.sub(_joined, text) if path.suffix == ".json" else text)
        document.digest = known
        return document
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        document = Document(path, before + "�", digest=known)
        problem = Problem(
            (),
            say(
                "not UTF-8: byte {byte} at offset {offset}",
                byte=f"0x{raw[error.start]:02x}",
                offset=error.start,
            ),
            say("save the file as UTF-8 (it may be Shift_JIS or EUC-JP)"),
            span=document.span((len(before), len(before) + 1)),
        )
        document.faults.append(("encoding", problem))
        return document


def read_over(path: Path, texts: Mapping[Path, str | bytes]) -> Document:
    """The same, but from a text, or the bytes of a file, where there is one for the resolved path."""
    text = texts.get(path.resolve()) if texts else None
    if text is None:
        return read(path)
    return parse(path, text) if isinstance(text, str) else decoded(path, text)


def _joined(pair: re.Match[str]) -> str:
    """JSON writes a character beyond U+FFFF as two escapes, which YAML does not know."""
    high, low = int(pair[2], 16), int(pair[3], 16)
    return f"{pair[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def parse(path: Path, text: str) -> Document:
    """A text as a document. Never raises: what is wrong becomes faults."""
    document = Document(path, text.removeprefix("\ufeff"))
    # A text that is written as most are needs no parser, and none is imported then.
    folded = lined(document.text) or load("pipeforge.language.folding:fold")(document.text)
    if folded is None:
        load(f"{_PARSING}:with_places")(document)
    else:
        document.data, document.keys, document.texts, document.respelt = folded
    return document
