"""Expressions of any form, read and evaluated in a sandbox. The one door to Jinja2."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.environment import TemplateExpression
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.lexer import describe_token
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeforge.language.arguments import LATE, misfit
from pipeforge.language.expressions import ExpressionError, Path
from pipeforge.language.filters import FILTERS, attribute
from pipeforge.language.nearest import suggest
from pipeforge.language.saying import Said, overheard, say

MAX_EXPRESSION = 2_000
"""Characters in one expression; a longer one belongs in `custom_variables`, in steps."""

_N = TypeVar("_N", bound=nodes.Node)


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
            raise SecurityError(say("'{operator}' takes two numbers of reasonable size", operator=operator))
        if operator == "**" and abs(right) > 64:
            raise SecurityError(say("'**' takes an exponent of at most 64"))
        return super().call_binop(context, operator, left, right)


_ENVIRONMENT = _Sandbox(undefined=StrictUndefined)
_ENVIRONMENT.filters.clear()
_ENVIRONMENT.filters.update(FILTERS)
_ENVIRONMENT.globals = {}


def read(source: str) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The dotted names and the filters that an expression uses. Raises ExpressionError."""
    root = tree(source)
    used = tuple(node.name for node in _all(root, nodes.Filter))
    return tuple(dict.fromkeys(_paths(root))), used


@lru_cache(maxsize=8192)
def tree(source: str) -> nodes.Node:
    """An expression as Jinja2's nodes. Raises ExpressionError."""
    if len(source) > MAX_EXPRESSION:
        raise ExpressionError(
            say("expression of {count} characters", count=len(source)),
            say("keep it under {count}; use custom_variables", count=MAX_EXPRESSION),
        )
    if not source.strip():
        raise ExpressionError(say("empty expression"), say("name a value between ${{ and }}"))
    try:
        # With the very parser that compiles: read as a template, `x -}}` and `a,` would be something else.
        parser = Parser(_ENVIRONMENT, source, state="variable")
        root = parser.parse_expression()
        if not parser.stream.eos:
            found = describe_token(parser.stream.current)
            raise ExpressionError(
                say("cannot read the expression: it should end before '{found}'", found=found),
                _syntax_hint(source),
            )
        _check(root)
    except TemplateSyntaxError as error:
        raise ExpressionError(
            say("cannot read the expression: {error}", error=_said(error)), _syntax_hint(source)
        ) from None
    except RecursionError:
        raise ExpressionError(say("expression nested too deeply"), say("simplify it")) from None
    return root


@lru_cache(maxsize=8192)
def _compiled(source: str) -> TemplateExpression:
    """Compiled only when it is evaluated: lint reads expressions without ever running one."""
    return _ENVIRONMENT.compile_expression(source, undefined_to_none=False)


_COMPLAINTS: tuple[tuple[str, Said], ...] = (
    (r"unexpected end of template, expected (?P<wanted>.*)\.", say("expected {wanted}, got the end")),
    (r"expected (?:token )?(?P<wanted>.*), got 'end of template'", say("expected {wanted}, got the end")),
    (r"expected (?:token )?(?P<wanted>.*), got (?P<got>.*)", say("expected {wanted}, got {got}")),
    (
        r"unexpected (?:token )?(?P<got>.*), expected (?P<wanted>.*)",
        say("unexpected {got}, expected {wanted}"),
    ),
    (r"unexpected 'end of template'", say("unexpected the end")),
    (r"unexpected char (?P<got>.*)", say("unexpected char {got}")),
    (r"unexpected (?:token )?(?P<got>.*)", say("unexpected {got}")),
)
"""What Jinja2 says of an expression, and the same without its talk of statements."""


def _said(error: TemplateSyntaxError) -> Said:
    """Jinja2's complaint without its talk of statements and offsets."""
    message = re.sub(r" at \d+$", "", error.message or "it is not well formed")
    for pattern, said in _COMPLAINTS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return said.fill(**found.groupdict())
    return overheard(message)


_INSTEAD = {
    **dict.fromkeys(("success", "failure", "always"), say("write run_when: success, failure or always")),
    **dict.fromkeys(
        ("now", "today", "utcnow"), say("write context_time, which stays the same for a whole run")
    ),
}
"""Calls that other tools have, and what stands for them here."""


def _syntax_hint(source: str) -> Said:
    if "||" in source or "&&" in source:
        return say("write `or`, `and`, `not`")
    if re.search(r"[^=!<>]=[^=]", source):
        return say("compare with ==, or != for the opposite")
    return say("an expression is a name, with filters after | if you like: context_time | date('%Y-%m-%d')")


def _check(root: nodes.Node) -> None:
    for call in _all(root, nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else getattr(call.node, "attr", "…")
        plain = (
            say("write `| {name}` as a filter", name=name)
            if name in FILTERS
            else say("use a filter: value | name(arguments)")
        )
        hint = _INSTEAD.get(name, plain)
        raise ExpressionError(say("'{name}(…)' is a call, and expressions have none", name=name), hint)
    for used in _all(root, nodes.Filter):
        if used.name not in FILTERS:
            hint = suggest(used.name, FILTERS, say("filters"))
            raise ExpressionError(say("unknown filter '{name}'", name=used.name), hint, filter=used.name)
        wrong = misfit(used.name, list(map(_constant, used.args)), _named(used))
        if wrong and used.dyn_args is None and used.dyn_kwargs is None:
            raise ExpressionError(*wrong)


def _constant(node: nodes.Node) -> Any:
    return node.value if isinstance(node, nodes.Const) else LATE


def _named(used: nodes.Filter) -> dict[str, Any]:
    return {str(pair.key): _constant(pair.value) for pair in used.kwargs}


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
    """An expression's value. Raises ExpressionError, and what filters and operators raise."""
    read(source)  # what must not stand in an expression is found here
    try:
        value = _compiled(source)(**scope)
    except UndefinedError as error:
        raise ExpressionError(
            say("in `{source}`: {message}", source=source.strip(), message=overheard(str(error.message))),
            say("check the name"),
        ) from None
    except SecurityError as error:
        raise ExpressionError(
            say("in `{source}`: {error}", source=source.strip(), error=overheard(str(error.message)))
        ) from None
    except (TemplateSyntaxError, SyntaxError):  # `a,`, or an argument given twice: seen only when compiled
        raise ExpressionError(
            say("cannot read `{source}`", source=source.strip()), _syntax_hint(source)
        ) from None
    if isinstance(value, StrictUndefined):
        raise ExpressionError(say("`{source}` is not defined", source=source.strip()), say("check the name"))
    return value
