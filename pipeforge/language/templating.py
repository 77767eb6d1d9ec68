"""Expressions between ${{ and }}: found, parsed, evaluated in a sandbox. The one door to Jinja2."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.environment import TemplateExpression
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeforge.errors import PipeforgeError
from pipeforge.language.diagnostics import Route
from pipeforge.language.filters import FILTERS, MAX_TEXT, FilterError, attribute
from pipeforge.language.nearest import suggest

OPEN, CLOSE = "${{", "}}"
MAX_EXPRESSION = 2_000
"""Characters in one expression; a longer one belongs in `custom_variables`, in steps."""

_SIMPLE = re.compile(r"\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*", re.ASCII)

_N = TypeVar("_N", bound=nodes.Node)

Path = tuple[str, ...]
"""A dotted name, such as ("steps", "load", "outputs", "id")."""


class TemplateError(PipeforgeError):
    """An expression that cannot be read or evaluated. `within` is its place in the text around it.

    `filter` is the name of a filter that does not exist, when that is all that is wrong.
    """

    def __init__(
        self, message: str, hint: str = "", within: tuple[int, int] | None = None, filter: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.within = within
        self.filter = filter


class _Sandbox(ImmutableSandboxedEnvironment):
    """No methods, no private names, no unbounded growth: keys of mappings, parts of a time, our filters."""

    intercepted_binops = frozenset(["*", "**"])

    def getattr(self, obj: Any, attribute_: str) -> Any:
        return attribute(obj, attribute_, lambda: self.undefined(obj=obj, name=attribute_))

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping | list | tuple | str):
            try:
                return obj[argument]
            except (LookupError, TypeError):
                return self.undefined(obj=obj, name=argument)
        return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not all(isinstance(side, int | float) and abs(side) < 10**12 for side in (left, right)):
            raise SecurityError(f"'{operator}' takes two numbers of reasonable size")
        if operator == "**" and abs(right) > 64:
            raise SecurityError("'**' takes an exponent of at most 64")
        return super().call_binop(context, operator, left, right)


_ENVIRONMENT = _Sandbox(undefined=StrictUndefined)
_ENVIRONMENT.filters.clear()
_ENVIRONMENT.filters.update(FILTERS)
_ENVIRONMENT.globals = {}


@dataclass(frozen=True, slots=True)
class Expression:
    """What stands between one ${{ and its }}, at [start, end) of the text around it."""

    source: str
    start: int
    end: int

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every dotted name it uses. Raises TemplateError on bad syntax."""
        try:
            return _analyse(self.source).paths
        except TemplateError as error:
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
        return _analyse(self.source).filters

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """Its value. Raises TemplateError."""
        try:
            return _evaluate(self.source, scope)
        except TemplateError as error:
            raise TemplateError(error.message, error.hint, (self.start, self.end)) from None


@dataclass(frozen=True, slots=True)
class Template:
    """A text with expressions. A whole one (nothing around its one expression) keeps the value's type."""

    text: str
    expressions: tuple[Expression, ...]

    @property
    def whole(self) -> bool:
        first = self.expressions[0]
        return len(self.expressions) == 1 and not (self.text[: first.start] + self.text[first.end :]).strip()

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
            out.append(FILTERS["string"](expression.evaluate(scope)))
            position = expression.end
        out.append(self.text[position:])
        return "".join(out)


@dataclass(frozen=True, slots=True)
class _Analysis:
    paths: tuple[Path, ...]
    filters: tuple[str, ...]
    plain: bool
    """Nothing but one dotted name: evaluated without Jinja2."""


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
    return Template(text, tuple(found))


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
    raise TemplateError("'${{' is not closed", "end the expression with }}", (start, len(text)))


@lru_cache(maxsize=8192)
def _analyse(source: str) -> _Analysis:
    simple = _SIMPLE.fullmatch(source)
    if simple and simple[1] not in ("true", "false", "none", "True", "False", "None"):
        return _Analysis((tuple(simple[1].split(".")),), (), True)
    if len(source) > MAX_EXPRESSION:
        raise TemplateError(
            f"expression of {len(source)} characters", f"keep it under {MAX_EXPRESSION}; use custom_variables"
        )
    if not source.strip():
        raise TemplateError("empty expression", "name a value between ${{ and }}")
    try:
        tree = _ENVIRONMENT._parse("{{" + source + "}}", None, None)
        body = tree.body
        if len(body) != 1 or not isinstance(body[0], nodes.Output) or len(body[0].nodes) != 1:
            raise TemplateError(
                "not one expression", "one expression stands between ${{ and }}, nothing else"
            )
        root = body[0].nodes[0]
        _check(root)
    except TemplateSyntaxError as error:
        raise TemplateError(f"cannot read the expression: {_said(error)}", _syntax_hint(source)) from None
    except RecursionError:
        raise TemplateError("expression nested too deeply", "simplify it") from None
    used = tuple(node.name for node in _all(root, nodes.Filter))
    return _Analysis(tuple(dict.fromkeys(_paths(root))), used, False)


@lru_cache(maxsize=8192)
def _compiled(source: str) -> TemplateExpression:
    """Compiled only when it is evaluated: lint reads expressions without ever running one."""
    return _ENVIRONMENT.compile_expression(source, undefined_to_none=False)


def _said(error: TemplateSyntaxError) -> str:
    """Jinja2's complaint without its talk of statements and offsets."""
    message = re.sub(r" at \d+$", "", error.message or "it is not well formed")
    unwanted = re.fullmatch(r"expected token 'end of print statement', got (.*)", message, re.DOTALL)
    return f"it should end before {unwanted[1]}" if unwanted else message


def _syntax_hint(source: str) -> str:
    if "||" in source or "&&" in source:
        return "write `or`, `and`, `not`"
    return "an expression is a name, with filters after | if you like: context_time | date('%Y-%m-%d')"


def _check(root: nodes.Node) -> None:
    for call in _all(root, nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else getattr(call.node, "attr", "…")
        hint = f"write `| {name}` as a filter" if name in FILTERS else "use a filter: value | name(arguments)"
        raise TemplateError(f"'{name}(…)' is a call, and expressions have none", hint)
    for used in _all(root, nodes.Filter):
        if used.name not in FILTERS:
            hint = suggest(used.name, FILTERS, "filters")
            raise TemplateError(f"unknown filter '{used.name}'", hint, filter=used.name)


def _all(root: nodes.Node, type_: type[_N]) -> Iterator[_N]:
    """Every node of one type, the root included."""
    if isinstance(root, type_):
        yield root
    yield from root.find_all(type_)


def _paths(node: nodes.Node) -> Iterator[Path]:
    """Dotted names, the longest of each chain."""
    chain: list[str] = []
    inner = node
    while isinstance(inner, nodes.Getattr | nodes.Getitem):
        if isinstance(inner, nodes.Getattr):
            chain.append(inner.attr)
        elif isinstance(inner.arg, nodes.Const) and isinstance(inner.arg.value, str):
            chain.append(inner.arg.value)
        else:
            chain.clear()
            yield from _paths(inner.arg)
        inner = inner.node
    if isinstance(inner, nodes.Name):
        yield (inner.name, *reversed(chain))
        return
    for child in inner.iter_child_nodes():
        yield from _paths(child)


def _evaluate(source: str, scope: Mapping[str, Any]) -> Any:
    analysis = _analyse(source)
    if analysis.plain:
        return _look_up(analysis.paths[0], scope)
    try:
        value = _compiled(source)(**scope)
    except UndefinedError as error:
        raise TemplateError(f"in '{source.strip()}': {error.message}", "check the name") from None
    except (SecurityError, FilterError) as error:
        raise TemplateError(f"in '{source.strip()}': {error}", getattr(error, "hint", "")) from None
    except (TypeError, ValueError, ArithmeticError, LookupError, OverflowError) as error:
        raise TemplateError(f"in '{source.strip()}': {error}", "check the types of the values") from None
    if isinstance(value, StrictUndefined):
        raise TemplateError(f"'{source.strip()}' is not defined", "check the name")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise TemplateError(f"'{source.strip()}' gives more than {MAX_TEXT} characters", "make it smaller")
    return value


def _look_up(path: Path, scope: Mapping[str, Any]) -> Any:
    value: Any = scope
    for position, part in enumerate(path):
        value = attribute(value, part, lambda: _MISSING)
        if value is _MISSING:
            known = ".".join(path[:position])
            where = f"'{known}' has no '{part}'" if known else f"'{part}' is not defined"
            raise TemplateError(where, "check the name")
    return value


_MISSING = object()


def find(value: Any, route: Route = ()) -> Iterator[tuple[Route, str]]:
    """Every text with a ${{ in it, and where it stands."""
    if isinstance(value, str):
        if OPEN in value:
            yield route, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from find(inner, (*route, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from find(inner, (*route, index))


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
