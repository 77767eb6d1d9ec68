"""What can be said about a file: problems speak in routes, diagnostics in lines and columns."""

# Values on the way of every start are NamedTuples here and in lint: to make a dataclass costs a millisecond.

from pathlib import Path
from typing import Literal, NamedTuple

from pipeforge.language.saying import Said

Route = tuple[str | int, ...]
"""A place in a document: keys and indexes from the top."""

Severity = Literal["error", "warning", "info"]


class Span(NamedTuple):
    """From a line and column up to, not including, another. Both 1-based; columns count code points."""

    line: int
    column: int
    end_line: int
    end_column: int


class Place(NamedTuple):
    """A route, or a part of it: its key, or some characters [start, end) of its text value."""

    route: Route
    on_key: bool = False
    within: tuple[int, int] | None = None


How = Literal[
    "replace", "text", "quote", "unquote", "wrap", "join", "insert", "append", "remove", "repair", "comment"
]  # fmt: skip
"""What an edit does at its place: `replace` its key or value by YAML; make the value a `text`; put its scalar
in quotes or `unquote` it; `wrap` it in a list, or `join` it with another in one; `insert` a pair before this
key; `append` to this list; `remove` this item or pair. With a span and no place: `repair` what could not
become data, or a `comment`."""


class Edit(NamedTuple):
    """Changes what stands at a place."""

    place: Place
    text: str = ""
    how: How = "replace"
    span: Span | None = None
    """Where `source` goes: filled in where the file's text is known."""
    source: str = ""
    """The characters that replace those of the span."""


class Fix(NamedTuple):
    """How a machine mends the problem. Safe: the meaning is what the author certainly wanted."""

    title: Said
    edits: tuple[Edit, ...]
    safe: bool = True
    reveals: bool = False
    """Mending it lets more be checked: findings that come to light by it are no harm."""


class Problem(NamedTuple):
    """What a rule yields: where, what is wrong, and the mend."""

    route: Route
    message: Said
    hint: Said | None = None
    on_key: bool = False
    within: tuple[int, int] | None = None
    see_also: tuple[tuple[Place | Span, Said], ...] = ()
    fix: Fix | None = None
    span: Span | None = None
    """Set instead of a route where the text could not become a document."""
    path: Path | None = None
    """The file it is in, when that is not the pipeline itself."""

    @property
    def place(self) -> Place:
        return Place(self.route, self.on_key, self.within)


class Diagnostic(NamedTuple):
    """What a user sees."""

    path: Path
    span: Span
    code: str
    """The rule's code, such as PF203."""
    rule: str
    """The rule's name, such as `cycle`."""
    severity: Severity
    message: str
    hint: str | None = None
    see_also: tuple[tuple[Span, str], ...] = ()
    fix: Fix | None = None

    @property
    def order(self) -> tuple[str, Span, str, str]:
        return (str(self.path), self.span, self.code, self.message)
