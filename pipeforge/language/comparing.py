"""What is wrong in a comparison of values whose types are known: it fails, or it is always the same."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from pipeforge.language.nearest import suggest
from pipeforge.language.saying import Said, say
from pipeforge.language.types import NOUNS, Type

NUMERIC = frozenset(["int", "number", "bool"])
SIGNS: Mapping[str, str] = {
    "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "lteq": "<=", "gteq": ">=", "in": "in", "notin": "not in",
    "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**",
}  # fmt: skip
"""How operators are written, by the names of their nodes."""


class Wrong(NamedTuple):
    """Something in an expression that cannot be right."""

    sort: Literal["type", "never"]
    """It fails when it is evaluated, or a comparison that is always the same."""
    message: Said
    hint: Said
    near: str
    """A piece of the expression's source that it is about."""
    instead: str | None = None
    """What that piece should be, where only one thing can have been meant."""
    missing: bool = False
    """It fails for what is not there: a default or a condition can stand before it."""


def compared(op: str, left: Type, right: Type) -> Wrong | None:
    """What is wrong with one comparison; None where nothing is."""
    if op in ("in", "notin"):
        return _contained(op, left, right)
    if not left.known or not right.known:
        return None
    if not _comparable(left, right):
        return _differ(op, left, right)
    return _never(op, left, right) or _never(op, right, left) if op in ("eq", "ne") else None


def _comparable(left: Type, right: Type) -> bool:
    return left.sort == right.sort or {left.sort, right.sort} <= NUMERIC


def _differ(op: str, left: Type, right: Type) -> Wrong:
    nouns = {"left": NOUNS[left.sort], "right": NOUNS[right.sort]}
    if op == "eq":
        message = say("{left} is never equal to {right}", **nouns)
    elif op == "ne":
        message = say("{left} is always unequal to {right}", **nouns)
    else:
        message = say("'{sign}' cannot compare {left} with {right}", sign=SIGNS[op], **nouns)
    return Wrong("never" if op in ("eq", "ne") else "type", message, _mend(left, right), SIGNS[op])


def _mend(left: Type, right: Type) -> Said:
    sorts = {left.sort, right.sort}
    if "text" in sorts and sorts & {"int", "number"}:
        return say("put the number in quotes, or turn the text into a number with | int")
    if sorts == {"text", "bool"}:
        return say("write true and false without quotes")
    if "time" in sorts:
        return say('turn the time into a text: context_time | date("%Y-%m-%d")')
    return say("compare values of one type")


def _never(op: str, some: Type, other: Type) -> Wrong | None:
    """A constant beside what has only certain other values."""
    if not some.values or not other.values or len(other.values) != 1 or other.values[0] in some.values:
        return None
    value = other.values[0]
    if len(some.values) == 1:
        return None  # two constants: odd, but what it says
    message = say("the value compared is never '{value}'", value=value)
    return Wrong("never", message, _suggested(value, some.values), str(value), _instead(value, some.values))


def _contained(op: str, left: Type, right: Type) -> Wrong | None:
    inner = right.inner
    if right.sort in ("int", "number", "bool", "time"):
        message = say("'{sign}' looks into a list, a mapping or a text", sign=SIGNS[op])
        return Wrong("type", message, say("write a list: in ['a', 'b']"), SIGNS[op])
    if right.sort != "list" or inner is None or not left.values or not inner.values or len(left.values) == 1:
        return None
    strange = next((value for value in inner.values if value not in left.values), None)
    if strange is None:
        return None
    message = say("the value compared is never '{value}'", value=strange)
    hint = _suggested(strange, left.values)
    return Wrong("never", message, hint, str(strange), _instead(strange, left.values))


_SYNONYMS: Mapping[str, str] = {
    **dict.fromkeys(
        ("success", "successful", "succeed", "ok", "done", "complete", "completed", "finished"), "succeeded"
    ),
    **dict.fromkeys(("failure", "fail", "error", "errored", "upstream_failed"), "failed"),
    **dict.fromkeys(("cancelled", "cancel", "aborted", "killed", "stopped"), "canceled"),
    **dict.fromkeys(("timeout", "timedout", "timed-out"), "timed_out"),
    **dict.fromkeys(("skip", "omitted"), "skipped"),
}
"""Other tools' words for how a step ends."""


def _instead(value: Any, known: Iterable[Any]) -> str | None:
    word = _SYNONYMS.get(str(value).casefold())
    return word if word in list(known) else None


def _suggested(value: Any, known: Iterable[Any]) -> Said:
    word = _instead(value, known)
    return say("write '{word}'", word=word) if word else suggest(str(value), map(str, known), say("values"))
