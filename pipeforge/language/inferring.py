"""What an expression gives, and what in it cannot be right whatever its values. Unknown is never wrong."""

from collections.abc import Callable
from typing import Any, NamedTuple

from pipeforge.language.comparing import NUMERIC, SIGNS, Wrong, compared
from pipeforge.language.expressions import ExpressionError, chain_of
from pipeforge.language.filters import PARTS, SIGNATURES
from pipeforge.language.saying import say
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


class Inferred(NamedTuple):
    """What is known of an expression before anything has a value."""

    type: Type
    wrong: tuple[Wrong, ...]


NOTHING_KNOWN = Inferred(ANY, ())


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
        take = self._guarded if name in ("And", "Or", "Test") else self.type_of
        children = [take(child) for child in node.iter_child_nodes()]
        if name in ("Not", "Test"):
            return BOOL
        if name == "Concat":
            return TEXT
        if name in ("And", "Or"):
            return alike(children)
        return self._arithmetic(name, children) if name in SIGNS else ANY

    def _guarded(self, node: Any) -> Type:
        """Of what may not be evaluated, or may be missing: then no item that is not there is a mistake."""
        known = len(self.wrong)
        found = self.type_of(node)
        self.wrong[known:] = [one for one in self.wrong[known:] if not one.missing]
        return found

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
        constant = key.values[0] if key.values else None
        if found.sort == "list" and key.sort == "int":
            if found.size is not None and constant is not None and not -found.size <= constant < found.size:
                self.wrong.append(_beyond(constant, found.size))
            return found.inner or ANY
        return step(found, constant) if isinstance(constant, str) else ANY

    def _filter(self, node: Any) -> Type:
        for argument in [*node.args, *(pair.value for pair in node.kwargs)]:
            self.type_of(argument)
        take = self._guarded if node.name == "default" else self.type_of
        return _filter(node.name, take(node.node), self.wrong)

    def _list(self, node: Any) -> Type:
        items = [self.type_of(item) for item in node.items]
        return Type("list", inner=alike(items) if items else None, size=len(items))

    _tuple = _list

    def _dict(self, node: Any) -> Type:
        pairs = [(self.type_of(pair.key), self.type_of(pair.value)) for pair in node.items]
        known = all(key.values and isinstance(key.values[0], str) for key, _ in pairs)
        return Type("mapping", parts={k.values[0]: v for k, v in pairs if k.values} if known else None)

    def _condexpr(self, node: Any) -> Type:
        self.type_of(node.test)
        return alike([self._guarded(one) for one in (node.expr1, node.expr2) if one is not None])

    def _neg(self, node: Any) -> Type:
        found = self.type_of(node.node)
        return found._replace(values=tuple(-one for one in found.values or ()) or None)

    def _pos(self, node: Any) -> Type:
        return self.type_of(node.node)

    def _compare(self, node: Any) -> Type:
        left = self.type_of(node.expr)
        for operand in node.ops:
            right = self.type_of(operand.expr)
            told = compared(operand.op, left, right)
            if told is not None:
                self.wrong.append(told)
            left = right
        return BOOL

    def _arithmetic(self, name: str, children: list[Type]) -> Type:
        left, right = children
        if not left.known or not right.known or "time" in (left.sort, right.sort):
            return ANY
        sorts = {left.sort, right.sort}
        if sorts <= NUMERIC:
            return INT if sorts == {"int"} and name not in ("Div", "Pow") else NUMBER
        if name == "Add" and len(sorts) == 1 and left.sort != "mapping":
            return Type(left.sort)
        if name == "Mod" and left.sort == "text":
            return TEXT
        sign = SIGNS[name]
        message = say(
            "'{sign}' cannot take {left} and {right}",
            sign=sign,
            left=NOUNS[left.sort],
            right=NOUNS[right.sort],
        )
        hint = say("join texts with ~") if "text" in sorts else say("turn one into the other with a filter")
        self.wrong.append(Wrong("type", message, hint, sign))
        return ANY


def _beyond(index: int, size: int) -> Wrong:
    message = say("there is no item {index} in a list of {size}", index=index, size=size)
    hint = say("the first item is [0], the last [-1]")
    return Wrong("type", message, hint, str(index), missing=True)


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
