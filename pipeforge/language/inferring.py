"""What an expression gives, and what in it cannot be right whatever its values. Unknown is never wrong."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from pipeforge.language.expressions import ExpressionError, chain_of
from pipeforge.language.filters import PARTS, SIGNATURES
from pipeforge.language.nearest import suggest
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import Path
from pipeforge.language.types import (
    ANY,
    BOOL,
    INT,
    NOUNS,
    NUMBER,
    TAKES,
    TEXT,
    Type,
    alike,
    filtered,
    of_constant,
)
from pipeforge.loading import load

Look = Callable[[Path], Type]
"""What a dotted name stands for."""


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


class Inferred(NamedTuple):
    """What is known of an expression before anything has a value."""

    type: Type
    wrong: tuple[Wrong, ...]


NOTHING_KNOWN = Inferred(ANY, ())
_NUMERIC = frozenset(["int", "number", "bool"])
_SIGNS: Mapping[str, str] = {
    "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "lteq": "<=", "gteq": ">=", "in": "in", "notin": "not in",
    "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**",
}  # fmt: skip


def infer(source: str, look: Look) -> Inferred:
    """An expression's type. One that cannot be read is of any."""
    chain = chain_of(source)
    if chain is not None:
        wrong: list[Wrong] = []
        found = look(chain.path)
        for applied in chain.filters:
            found = _filter(applied.name, found, wrong)
        return Inferred(found, tuple(wrong))
    try:
        root = load("pipeforge.language.sandbox:tree")(source)
    except ExpressionError:
        return NOTHING_KNOWN
    reader = _Reader(look)
    return Inferred(reader.type_of(root), tuple(reader.wrong))


def step(found: Type, part: str) -> Type:
    """What `value.part` is."""
    if found.sort == "mapping" and found.parts is not None:
        return found.parts.get(part, ANY)
    return INT if found.sort == "time" and part in PARTS else ANY


def _filter(name: str, given: Type, wrong: list[Wrong]) -> Type:
    takes = TAKES.get(name)
    if takes is not None and given.known and given.sort not in takes:
        message = say("'{name}' cannot take {given}", name=name, given=NOUNS[given.sort])
        wrong.append(Wrong("type", message, say("it is written: {how}", how=SIGNATURES[name]), name))
        return ANY
    return filtered(name, given)


class _Reader:
    """Walks the nodes of one expression; nodes are told apart by the names of their classes."""

    def __init__(self, look: Look) -> None:
        self.wrong: list[Wrong] = []
        self._look = look

    def type_of(self, node: Any) -> Type:
        read = getattr(self, f"_{type(node).__name__.lower()}", None)
        if read is not None:
            found: Type = read(node)
            return found
        name = type(node).__name__
        children = [self.type_of(child) for child in node.iter_child_nodes()]
        if name in ("Not", "Test"):
            return BOOL
        if name == "Concat":
            return TEXT
        if name in ("And", "Or"):
            return alike(children)
        return self._arithmetic(name, children) if name in _SIGNS else ANY

    def _const(self, node: Any) -> Type:
        return of_constant(node.value)

    def _name(self, node: Any) -> Type:
        return self._look((node.name,))

    def _getattr(self, node: Any) -> Type:
        path = _path(node)
        return self._look(path) if path else step(self.type_of(node.node), node.attr)

    def _getitem(self, node: Any) -> Type:
        path = _path(node)
        if path:
            return self._look(path)
        found, key = self.type_of(node.node), self.type_of(node.arg)
        if found.sort == "list" and key.sort == "int":
            return found.inner or ANY
        constant = key.values[0] if key.values else None
        return step(found, constant) if isinstance(constant, str) else ANY

    def _filter(self, node: Any) -> Type:
        for argument in [*node.args, *(pair.value for pair in node.kwargs)]:
            self.type_of(argument)
        return _filter(node.name, self.type_of(node.node), self.wrong)

    def _list(self, node: Any) -> Type:
        items = [self.type_of(item) for item in node.items]
        return Type("list", inner=alike(items) if items else None)

    _tuple = _list

    def _dict(self, node: Any) -> Type:
        pairs = [(self.type_of(pair.key), self.type_of(pair.value)) for pair in node.items]
        known = all(key.values and isinstance(key.values[0], str) for key, _ in pairs)
        return Type("mapping", parts={k.values[0]: v for k, v in pairs if k.values} if known else None)

    def _condexpr(self, node: Any) -> Type:
        self.type_of(node.test)
        return alike([self.type_of(one) for one in (node.expr1, node.expr2) if one is not None])

    def _neg(self, node: Any) -> Type:
        return self.type_of(node.node)._replace(values=None)

    _pos = _neg

    def _compare(self, node: Any) -> Type:
        left = self.type_of(node.expr)
        for operand in node.ops:
            right = self.type_of(operand.expr)
            compared = _compared(operand.op, left, right)
            if compared is not None:
                self.wrong.append(compared)
            left = right
        return BOOL

    def _arithmetic(self, name: str, children: list[Type]) -> Type:
        left, right = children
        if not left.known or not right.known or "time" in (left.sort, right.sort):
            return ANY
        sorts = {left.sort, right.sort}
        if sorts <= _NUMERIC:
            return INT if sorts == {"int"} and name not in ("Div", "Pow") else NUMBER
        if name == "Add" and len(sorts) == 1 and left.sort != "mapping":
            return Type(left.sort)
        if name == "Mod" and left.sort == "text":
            return TEXT
        sign = _SIGNS[name]
        message = say(
            "'{sign}' cannot take {left} and {right}",
            sign=sign,
            left=NOUNS[left.sort],
            right=NOUNS[right.sort],
        )
        hint = say("join texts with ~") if "text" in sorts else say("turn one into the other with a filter")
        self.wrong.append(Wrong("type", message, hint, sign))
        return ANY


def _path(node: Any) -> Path | None:
    """The dotted name that a node is; None where it is none."""
    parts: list[str] = []
    while type(node).__name__ in ("Getattr", "Getitem"):
        attribute = type(node).__name__ == "Getattr"
        part = node.attr if attribute else getattr(node.arg, "value", None)
        if not isinstance(part, str):
            return None
        parts.append(part)
        node = node.node
    return (node.name, *reversed(parts)) if type(node).__name__ == "Name" else None


def _compared(op: str, left: Type, right: Type) -> Wrong | None:
    """What is wrong with one comparison."""
    if op in ("in", "notin"):
        return _contained(op, left, right)
    if not left.known or not right.known:
        return None
    if not _comparable(left, right):
        return _differ(op, left, right)
    return _never(op, left, right) or _never(op, right, left) if op in ("eq", "ne") else None


def _comparable(left: Type, right: Type) -> bool:
    return left.sort == right.sort or {left.sort, right.sort} <= _NUMERIC


def _differ(op: str, left: Type, right: Type) -> Wrong:
    nouns = {"left": NOUNS[left.sort], "right": NOUNS[right.sort]}
    if op == "eq":
        message = say("{left} is never equal to {right}", **nouns)
    elif op == "ne":
        message = say("{left} is always unequal to {right}", **nouns)
    else:
        message = say("'{sign}' cannot compare {left} with {right}", sign=_SIGNS[op], **nouns)
    return Wrong("never" if op in ("eq", "ne") else "type", message, _mend(left, right), _SIGNS[op])


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
        message = say("'{sign}' looks into a list, a mapping or a text", sign=_SIGNS[op])
        return Wrong("type", message, say("write a list: in ['a', 'b']"), _SIGNS[op])
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
