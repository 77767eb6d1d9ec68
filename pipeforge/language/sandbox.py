"""Expressions read and evaluated in a sandbox. The one door to Jinja2."""

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
from pipeforge.language.filters import FILTERS, MAX_TEXT, FilterError, attribute
from pipeforge.language.nearest import suggest

MAX_EXPRESSION = 2_000
"""Characters in one expression; a longer one belongs in `custom_variables`, in steps."""

_SIMPLE = re.compile(r"\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*", re.ASCII)

_N = TypeVar("_N", bound=nodes.Node)

Path = tuple[str, ...]
"""A dotted name, such as ("steps", "load", "outputs", "id")."""


class ExpressionError(PipeforgeError):
    """An expression that cannot be read or evaluated.

    `filter` is the name of a filter that does not exist, when that is all that is wrong.
    """

    def __init__(self, message: str, hint: str = "", *, filter: str = "") -> None:
        super().__init__(message, hint)
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
class Analysis:
    """What an expression uses."""

    paths: tuple[Path, ...]
    filters: tuple[str, ...]
    plain: bool
    """Nothing but one dotted name: evaluated without Jinja2."""


@lru_cache(maxsize=8192)
def analyse(source: str) -> Analysis:
    """What an expression uses, without evaluating it. Raises ExpressionError."""
    simple = _SIMPLE.fullmatch(source)
    if simple and simple[1] not in ("true", "false", "none", "True", "False", "None"):
        return Analysis((tuple(simple[1].split(".")),), (), True)
    if len(source) > MAX_EXPRESSION:
        raise ExpressionError(
            f"expression of {len(source)} characters", f"keep it under {MAX_EXPRESSION}; use custom_variables"
        )
    if not source.strip():
        raise ExpressionError("empty expression", "name a value between ${{ and }}")
    try:
        tree = _ENVIRONMENT._parse("{{" + source + "}}", None, None)
        body = tree.body
        if len(body) != 1 or not isinstance(body[0], nodes.Output) or len(body[0].nodes) != 1:
            raise ExpressionError(
                "not one expression", "one expression stands between ${{ and }}, nothing else"
            )
        root = body[0].nodes[0]
        _check(root)
    except TemplateSyntaxError as error:
        raise ExpressionError(f"cannot read the expression: {_said(error)}", _syntax_hint(source)) from None
    except RecursionError:
        raise ExpressionError("expression nested too deeply", "simplify it") from None
    used = tuple(node.name for node in _all(root, nodes.Filter))
    return Analysis(tuple(dict.fromkeys(_paths(root))), used, False)


@lru_cache(maxsize=8192)
def _compiled(source: str) -> TemplateExpression:
    """Compiled only when it is evaluated: lint reads expressions without ever running one."""
    return _ENVIRONMENT.compile_expression(source, undefined_to_none=False)


def _said(error: TemplateSyntaxError) -> str:
    """Jinja2's complaint without its talk of statements and offsets."""
    message = re.sub(r" at \d+$", "", error.message or "it is not well formed")
    unwanted = re.fullmatch(r"expected token 'end of print statement', got (.*)", message, re.DOTALL)
    if unwanted:
        return f"it should end before {unwanted[1]}"
    return message.replace("token ", "").replace("'end of print statement'", "the end")


def _syntax_hint(source: str) -> str:
    if "||" in source or "&&" in source:
        return "write `or`, `and`, `not`"
    return "an expression is a name, with filters after | if you like: context_time | date('%Y-%m-%d')"


def _check(root: nodes.Node) -> None:
    for call in _all(root, nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else getattr(call.node, "attr", "…")
        hint = f"write `| {name}` as a filter" if name in FILTERS else "use a filter: value | name(arguments)"
        raise ExpressionError(f"'{name}(…)' is a call, and expressions have none", hint)
    for used in _all(root, nodes.Filter):
        if used.name not in FILTERS:
            hint = suggest(used.name, FILTERS, "filters")
            raise ExpressionError(f"unknown filter '{used.name}'", hint, filter=used.name)


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


def evaluate(source: str, scope: Mapping[str, Any]) -> Any:
    """An expression's value. Raises ExpressionError."""
    analysis = analyse(source)
    if analysis.plain:
        return _look_up(analysis.paths[0], scope)
    try:
        value = _compiled(source)(**scope)
    except UndefinedError as error:
        raise ExpressionError(f"in `{source.strip()}`: {error.message}", "check the name") from None
    except (SecurityError, FilterError) as error:
        raise ExpressionError(f"in `{source.strip()}`: {error}", getattr(error, "hint", "")) from None
    except (TypeError, ValueError, ArithmeticError, LookupError, OverflowError) as error:
        raise ExpressionError(f"in `{source.strip()}`: {error}", "check the types of the values") from None
    if isinstance(value, StrictUndefined):
        raise ExpressionError(f"`{source.strip()}` is not defined", "check the name")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise ExpressionError(f"`{source.strip()}` gives more than {MAX_TEXT} characters", "make it smaller")
    return value


def _look_up(path: Path, scope: Mapping[str, Any]) -> Any:
    value: Any = scope
    for position, part in enumerate(path):
        value = attribute(value, part, lambda: _MISSING)
        if value is _MISSING:
            known = ".".join(path[:position])
            where = f"'{known}' has no '{part}'" if known else f"'{part}' is not defined"
            raise ExpressionError(where, "check the name")
    return value


_MISSING = object()
