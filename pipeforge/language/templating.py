"""Templates: expressions between ${{ and }} in a text, found, placed and rendered."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pipeforge.errors import PipeforgeError
from pipeforge.language.diagnostics import Route
from pipeforge.language.expressions import ExpressionError, analyse, evaluate
from pipeforge.language.filters import string
from pipeforge.language.saying import UNSAID, Said, say

OPEN, CLOSE = "${{", "}}"


class Own(str):
    """A text whose templates pipeforge wrote itself, among what vendors say."""

    __slots__ = ()


Path = tuple[str, ...]
"""A dotted name, such as ("steps", "load", "outputs", "id")."""


class TemplateError(PipeforgeError):
    """An expression that cannot be read or evaluated. `within` is its place in the text around it.

    `filter` is the name of a filter that does not exist, when that is all that is wrong.
    """

    message: Said
    hint: Said

    def __init__(
        self, message: Said, hint: Said = UNSAID, within: tuple[int, int] | None = None, filter: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.within = within
        self.filter = filter


class Expression(NamedTuple):
    """What stands between one ${{ and its }}, at [start, end) of the text around it."""

    source: str
    start: int
    end: int

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every dotted name it uses. Raises TemplateError on bad syntax."""
        try:
            return analyse(self.source).paths
        except ExpressionError as error:
            within = self._filter_at(error.filter) if error.filter else (self.start, self.end)
            raise TemplateError(error.message, error.hint, within, error.filter) from None

    def place(self, path: Path) -> tuple[int, int]:
        """Where the last part of a dotted name it uses stands in the text around it."""
        pattern = rf"(?<![\w.'\"]){re.escape(path[0])}"
        for part in path[1:]:
            name = re.escape(part)
            pattern += rf"\s*(?:\.\s*{name}(?!\w)|\[\s*(?:'{name}'|\"{name}\")\s*\])"
        found = re.search(pattern + r"(?<!\w)|" + pattern + r"(?!\w)", self.source)
        if not found:
            return self.start, self.end
        start = self.start + len(OPEN) + found.start() + found[0].rindex(path[-1])
        return start, start + len(path[-1])

    def _filter_at(self, name: str) -> tuple[int, int]:
        found = re.search(rf"\|\s*({re.escape(name)})(?!\w)", self.source)
        shift = self.start + len(OPEN)
        return (shift + found.start(1), shift + found.end(1)) if found else (self.start, self.end)

    @property
    def filters(self) -> tuple[str, ...]:
        return analyse(self.source).filters

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """Its value. Raises TemplateError."""
        try:
            return evaluate(self.source, scope)
        except ExpressionError as error:
            raise TemplateError(error.message, error.hint, (self.start, self.end)) from None


class Template(NamedTuple):
    """A text with expressions. A whole one (nothing around its one expression) keeps the value's type."""

    text: str
    expressions: tuple[Expression, ...]
    whole: bool

    @property
    def roots(self) -> frozenset[str]:
        """The first part of every name it uses."""
        return frozenset(path[0] for expression in self.expressions for path in expression.paths)

    def render(self, scope: Mapping[str, Any]) -> Any:
        """Its value, text unless it is whole. Raises TemplateError."""
        if self.whole:
            return self.expressions[0].evaluate(scope)
        out, position = [], 0
        for expression in self.expressions:
            out.append(self.text[position : expression.start])
            out.append(string(expression.evaluate(scope)))
            position = expression.end
        out.append(self.text[position:])
        return "".join(out)


@lru_cache(maxsize=8192)
def template(text: str) -> Template | None:
    """The template in a text, or None when it holds no ${{. Raises TemplateError when one is not closed."""
    start = text.find(OPEN)
    if start < 0:
        return None
    found = []
    while start >= 0:
        end = _end_of(text, start)
        found.append(Expression(text[start + len(OPEN) : end - len(CLOSE)], start, end))
        start = text.find(OPEN, end)
    around = text[: found[0].start] + text[found[-1].end :]
    return Template(text, tuple(found), len(found) == 1 and not around.strip())


def _end_of(text: str, start: int) -> int:
    """The offset behind the }} that closes; quotes and inner braces are stepped over."""
    depth, quote, position = 0, "", start + len(OPEN)
    while position < len(text):
        char = text[position]
        if quote:
            if char == "\\":
                position += 1
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char == "{":
            depth += 1
        elif char == "}":
            if depth == 0 and text.startswith(CLOSE, position):
                return position + len(CLOSE)
            depth = max(0, depth - 1)
        position += 1
    raise TemplateError(say("'${{' is not closed"), say("end the expression with }}"), (start, len(text)))


def find(value: Any, route: Route = ()) -> Iterator[tuple[Route, str]]:
    """Every text with a ${{ in it, and where it stands."""
    found: list[tuple[Route, str]] = []
    _find(value, route, found)
    return iter(found)


_COLLECTIONS = (dict, list, tuple)


_ALONE = (int, float, type(None))


def _find(value: Any, route: Route, found: list[tuple[Route, str]]) -> None:
    if isinstance(value, str):
        if OPEN in value:
            found.append((route, value))
    elif isinstance(value, _COLLECTIONS):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(inner, str):
                if OPEN in inner:
                    found.append(((*route, key), inner))
            elif not isinstance(inner, _ALONE):
                _find(inner, (*route, key), found)
    elif isinstance(value, Mapping):
        _find(dict(value), route, found)


def render(value: Any, scope: Mapping[str, Any], late: frozenset[str] = frozenset()) -> Any:
    """The value with its templates rendered; those that use a name in `late` stay as Template.

    Raises TemplateError.
    """
    if isinstance(value, str):
        found = template(value)
        if found is None:
            return value
        value = found
    if isinstance(value, Template):
        return value if late and value.roots & late else value.render(scope)
    if isinstance(value, Mapping):
        return {key: render(inner, scope, late) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [render(inner, scope, late) for inner in value]
    return value
