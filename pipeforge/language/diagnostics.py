"""What can be said about a file: problems speak in routes, diagnostics in lines and columns."""

# Values on the way of every start are NamedTuples here and in lint: to make a dataclass costs a millisecond.

from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

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


class Edit(NamedTuple):
    """Replaces what stands at a place by a text."""

    place: Place
    text: str


class Fix(NamedTuple):
    """How a machine mends the problem. Safe: the meaning is what the author certainly wanted."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Problem(NamedTuple):
    """What a rule yields: where, what is wrong, and the mend."""

    route: Route
    message: str
    hint: str | None = None
    on_key: bool = False
    within: tuple[int, int] | None = None
    see_also: tuple[tuple[Place | Span, str], ...] = ()
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


Locate = Callable[[Place], Span]
