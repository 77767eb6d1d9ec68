"""Expressions read and evaluated: names and filters here, all else in a sandbox, loaded when it is needed."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pipeforge.errors import PipeforgeError
from pipeforge.language.arguments import misfit
from pipeforge.language.filters import FILTERS, MAX_TEXT, FilterError, attribute
from pipeforge.language.saying import UNSAID, Said, overheard, say
from pipeforge.loading import load

Path = tuple[str, ...]
"""A dotted name, such as ("steps", "load", "outputs", "id")."""

_SANDBOX = "pipeforge.language.sandbox"

# The common form: a dotted name, then filters whose arguments are literals. What looks exactly so means the
# same to Jinja2 (a test holds both readings together); whatever does not is left to Jinja2.
_NAME = r"[A-Za-z_]\w*"
_LITERAL = r"(?:'[^'\\\r\n]*'|\"[^\"\\\r\n]*\"|-?(?:0|[1-9][0-9]{0,17})(?![\w.]))"
_DOTTED = re.compile(rf"\s*({_NAME}(?:\.{_NAME})*)\s*", re.ASCII)
_ARGUMENT = re.compile(rf"(?:({_NAME})\s*=\s*)?({_LITERAL})", re.ASCII)
_ONE = rf"(?:{_NAME}\s*=\s*)?{_LITERAL}"
_FILTER = re.compile(rf"\|\s*({_NAME})\s*(?:\(\s*((?:{_ONE}(?:\s*,\s*{_ONE})*)?)\s*\)\s*)?", re.ASCII)
_LONGEST = 500  # chosen: characters; what is longer is not of the common form

_WORDS = frozenset(
    ["true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else"]
)
"""What Jinja2 does not read as a name."""

_TAKES_MISSING = "default"
"""The one filter that is given names that are not there."""


class ExpressionError(PipeforgeError):
    """An expression that cannot be read or evaluated.

    `filter` is the name of a filter that does not exist, when that is all that is wrong.
    """

    message: Said
    hint: Said

    def __init__(self, message: Said, hint: Said = UNSAID, *, filter: str = "") -> None:
        super().__init__(message, hint)
        self.filter = filter


# NamedTuples, as all values on the way of every start: to make a dataclass costs a millisecond.
class Analysis(NamedTuple):
    """What an expression uses."""

    paths: tuple[Path, ...]
    filters: tuple[str, ...]


class Applied(NamedTuple):
    """A filter with its arguments."""

    name: str
    positional: tuple[Any, ...]
    named: Mapping[str, Any]


class Chain(NamedTuple):
    """An expression of the common form."""

    path: Path
    filters: tuple[Applied, ...]

    def value(self, scope: Mapping[str, Any]) -> Any:
        value = _look_up(self.path, scope)
        for applied in self.filters:
            value = FILTERS[applied.name](value, *applied.positional, **applied.named)
        return value


@lru_cache(maxsize=8192)
def analyse(source: str) -> Analysis:
    """What an expression uses, without evaluating it. Raises ExpressionError."""
    chain = chain_of(source)
    if chain is not None:
        return Analysis((chain.path,), tuple(applied.name for applied in chain.filters))
    paths, filters = load(_SANDBOX).read(source)
    return Analysis(paths, filters)


def evaluate(source: str, scope: Mapping[str, Any]) -> Any:
    """An expression's value. Raises ExpressionError."""
    chain = chain_of(source)
    try:
        value = chain.value(scope) if chain is not None else load(_SANDBOX).evaluate(source, scope)
    except FilterError as error:
        raise ExpressionError(
            say("in `{source}`: {error}", source=source.strip(), error=error.message), error.hint
        ) from None
    except (TypeError, ValueError, ArithmeticError, LookupError, OverflowError) as error:
        raise ExpressionError(
            say("in `{source}`: {error}", source=source.strip(), error=overheard(str(error))),
            say("check the types of the values"),
        ) from None
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise ExpressionError(
            say("`{source}` gives more than {count} characters", source=source.strip(), count=MAX_TEXT),
            say("make it smaller"),
        )
    return value


@lru_cache(maxsize=8192)
def chain_of(source: str) -> Chain | None:
    """The expression if it is of the common form."""
    dotted = _DOTTED.match(source)
    path = tuple(dotted[1].split(".")) if dotted else ()
    if dotted is None or len(source) > _LONGEST or path[0] in _WORDS:
        return None
    end, filters = dotted.end(), []
    while end < len(source):
        found = _FILTER.match(source, end)
        applied = _applied(found[1], found[2] or "") if found else None
        if found is None or applied is None:
            return None
        filters.append(applied)
        end = found.end()
    return Chain(path, tuple(filters))


def _applied(name: str, arguments: str) -> Applied | None:
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for key, text in _ARGUMENT.findall(arguments):
        value = text[1:-1] if text[0] in "'\"" else int(text)
        if key in named or (named and not key):
            return None
        if key:
            named[key] = value
        else:
            positional.append(value)
    if name not in FILTERS or name == _TAKES_MISSING or misfit(name, positional, named):
        return None
    return Applied(name, tuple(positional), named)


def _look_up(path: Path, scope: Mapping[str, Any]) -> Any:
    value: Any = scope
    for position, part in enumerate(path):
        value = attribute(value, part, lambda: _MISSING)
        if value is _MISSING:
            known = ".".join(path[:position])
            where = (
                say("'{known}' has no '{part}'", known=known, part=part)
                if known
                else say("'{part}' is not defined", part=part)
            )
            raise ExpressionError(where, say("check the name"))
    return value


_MISSING = object()
