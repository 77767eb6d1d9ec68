"""A YAML text as plain data, and where each thing in it stands. The one door to ruamel.yaml."""

import bisect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from _ruamel_yaml import CParser
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pipeforge.errors import UsageError
from pipeforge.language.aligning import align
from pipeforge.language.building import Builder, Index, Raw
from pipeforge.language.diagnostics import Place, Problem, Route, Span

MAX_BYTES = 64 * 1024 * 1024

_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_BREAK = re.compile(r"\r\n|\n|\r")
_MENDS = {
    "repeated-key": ("key {0!r} is given twice", "keep one of the two; the later one would be lost"),
    "merge-key": (
        "merge key '<<' is not part of the language",
        "write the keys out",
    ),
    "too-deep": (
        "nested more than 100 levels deep",
        "look for a stray indent",
    ),
    "mapping-as-key": (
        "a mapping cannot be a key",
        'a bare {{ }} is a YAML mapping: write "${{ … }}", in quotes when it begins the value',
    ),
    "unknown-alias": ("alias {0!r} is not defined above", "define it with & before it is used with *"),
    "alias-bomb": ("alias {0!r} makes the document grow beyond all bounds", "write the values out"),
    "tag": ("tag {0!r} is not part of the language", "remove the tag; types come from the value itself"),
    "many-documents": (
        "a second document begins here",
        "move it to a file of its own",
    ),
}
_SYNTAX = (
    (
        "mapping values are not allowed",
        "a value with ': ' in it wants quotes; or a line is indented further than the one above",
    ),
    ("found unexpected ':'", "inside { } or [ ] a value with a ':' in it, such as an address, wants quotes"),
    ("expected <block end>", "a key is indented unlike its neighbours"),
    ("expected key", "a key is indented unlike its neighbours, or something follows a closing quote"),
    ("expected '-' indicator", "list items and keys are mixed at one indentation"),
    ("could not find expected ':'", "a key wants a colon and a space after it"),
    ("invalid Unicode character escape", "write the character itself instead of its escapes"),
    (
        "expected ',' or",
        'a bracket is not closed; a template inside { } or [ ] wants quotes: {id: "${{ … }}"}',
    ),
)
"""The parser's words, and the mend that is most often meant."""

_WORSE = {"syntax", "encoding", "too-deep", "alias-bomb"}


@dataclass(slots=True)
class Document:
    """One YAML file. `faults` are what its text has wrong, by rule name, found on the way to the data."""

    path: Path
    text: str
    data: Any = None
    faults: list[tuple[str, Problem]] = field(default_factory=list)
    _index: Index | None = None
    _starts: list[int] | None = None

    @property
    def broken(self) -> bool:
        """There is no data worth checking."""
        return any(rule in _WORSE for rule, _ in self.faults)

    def locate(self, place: Place) -> Span:
        """Where a place stands; where it is missing, its nearest ancestor."""
        if self._index is None:
            self._index = _index_of(self.text)
        return self.span(self._raw(self._index, place))

    def exact(self, place: Place) -> Raw | None:
        """The offsets of a place; None where it does not stand in the text itself, or only hidden."""
        if self._index is None:
            self._index = _index_of(self.text)
        if place.on_key:
            return self._index.keys.get(place.route)
        raw = self._index.values.get(place.route)
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
        if self._index is None:
            self._index = _index_of(self.text)
        for route, raw in self._index.values.items():
            key = self._index.keys.get(route)
            if key or (route and isinstance(route[-1], int)):
                start, end = self._trimmed(raw)
                yield (key or raw)[0], max(end, start, (key or raw)[1])

    def span(self, raw: Raw) -> Span:
        """Offsets into the text as lines and columns."""
        if self._starts is None:
            self._starts = [0, *(m.end() for m in _BREAK.finditer(self.text))]
        start, end = raw[0], max(raw[0], raw[1])
        line = bisect.bisect_right(self._starts, start)
        last = bisect.bisect_right(self._starts, end)
        return Span(line, start - self._starts[line - 1] + 1, last, end - self._starts[last - 1] + 1)

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
            text = _BREAK.split(text, maxsplit=1)[0]
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
    """Reads a file. Raises UsageError when there is nothing to read; what is wrong inside becomes faults."""
    try:
        if path.is_dir():
            raise UsageError(f"'{path}' is a folder", "name a YAML file in it")
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(
                f"'{path}' is larger than {MAX_BYTES // 1024 // 1024} MiB",
                "split the pipeline into smaller files",
            )
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"no such file: '{path}'", "check the spelling, or run `pipeforge init`") from None
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {error.strerror}", "check its permissions") from None
    try:
        text = raw.decode("utf-8")
        return parse(path, _PAIR.sub(_joined, text) if path.suffix == ".json" else text)
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        document = Document(path, before + "�")
        problem = Problem(
            (),
            f"not UTF-8: byte 0x{raw[error.start]:02x} at offset {error.start}",
            "save the file as UTF-8 (it may be Shift_JIS or EUC-JP)",
            span=document.span((len(before), len(before) + 1)),
        )
        document.faults.append(("encoding", problem))
        return document


def read_over(path: Path, texts: Mapping[Path, str]) -> Document:
    """The same, but from a text where there is one for the resolved path."""
    text = texts.get(path.resolve()) if texts else None
    return read(path) if text is None else parse(path, text)


def _joined(pair: re.Match[str]) -> str:
    """JSON writes a character beyond U+FFFF as two escapes, which YAML does not know."""
    high, low = int(pair[2], 16), int(pair[3], 16)
    return f"{pair[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def parse(path: Path, text: str) -> Document:
    """A text as a document. Never raises: what is wrong becomes faults."""
    text = text.removeprefix("\ufeff")
    document = Document(path, text)

    def note(rule: str, offending: str, raw: Raw, first: Raw | None) -> None:
        message, hint = _MENDS[rule]
        seen = ((document.span(first), "first given here"),) if first else ()
        problem = Problem(
            (),
            message.format(offending.replace("tag:yaml.org,2002:", "!!")),
            hint,
            span=document.span(raw),
            see_also=seen,
        )
        document.faults.append((rule, problem))

    builder = Builder(note)
    try:
        for event in _events(text):
            if type(event).__name__ == "DocumentStartEvent" and builder.data is not None:
                note("many-documents", "", (event.start_mark.index, event.end_mark.index), None)
                break
            if not builder.take(event):
                break
    except YAMLError as error:
        document.faults.append(("syntax", _syntax(document, error)))
    document.data = builder.data
    return document


def _events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


def opaque(text: str) -> list[tuple[int, int]]:
    """Where `#` begins no comment: quoted texts, those of several lines, block scalars below their header."""
    found = []
    try:
        for event in _events(text):
            if type(event).__name__ == "ScalarEvent":
                start, end = event.start_mark.index, event.end_mark.index
                lines = _BREAK.search(text, start, end)
                if event.style or lines:
                    found.append((lines.start() if str(event.style) in "|>" and lines else start, end))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        found.append((mark.index if mark else 0, len(text)))
    return found


def _index_of(text: str) -> Index:
    """Walks the text a second time, for its places: only a file with findings pays for them."""
    index = Index()
    builder = Builder(lambda *_: None, index)
    try:
        for number, event in enumerate(_events(text)):
            if number and type(event).__name__ == "DocumentStartEvent" and builder.data is not None:
                break
            if not builder.take(event):
                break
    except YAMLError:
        pass
    return index


def _syntax(document: Document, error: YAMLError) -> Problem:
    if isinstance(error, MarkedYAMLError) and (error.problem_mark or error.context_mark):
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(document.text))
        message = error.problem or str(error)
        hint = _mend_of(message, error.context, document.text[at : at + 1])
    else:
        at = getattr(error, "position", 0) or 0
        message, hint = "a character that YAML does not allow", "remove the control character"
    return Problem((), f"not valid YAML: {message}", hint, span=document.span((at, at + 1)))


def _mend_of(problem: str, context: str | None, char: str) -> str:
    if "cannot start any token" in problem:
        if char == "\t":
            return "a tab indents this line; YAML wants spaces"
        return f"quote the value: it begins with '{char}', which YAML keeps for itself"
    if "quoted scalar" in (context or ""):
        return "a quote is not closed"
    return next(
        (mend for words, mend in _SYNTAX if words in problem),
        "look at the quotes, brackets and indentation before this place",
    )
