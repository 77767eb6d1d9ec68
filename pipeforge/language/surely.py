"""Whether data is surely what a model takes, told without the model: what is not sure, the model is asked.

A shape is a tuple: a word, and what belongs to it, as `shapes` makes it of a model. Told here is only what
is plain: any doubt raises Unsure, also where the model would find nothing wrong.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from pipeforge.language.templating import OPEN
from pipeforge.loading import load

Shape = tuple[Any, ...]

UNSURE: Shape = ("unsure",)
"""That of a model which is always asked."""
ANY: Shape = ("any",)

_FOLDED = re.compile(r"\\[wWdDbB]|\(\?")
"""Parts of patterns that two engines may read in two ways outside of ASCII."""


_SHORT = 200
"""chosen: characters of texts about which it is kept what a validator made of them."""


class Unsure(Exception):
    """It may be right or wrong."""


def surely(shape: Shape, data: Any, *, late: bool = False) -> bool:
    """Whether a model of this shape takes the data. `late`: whole templates in it are as good as anything."""
    try:
        _checked(shape, data, late)
    except Unsure:
        return False
    return True


def partly(shape: Shape) -> Shape:
    """The shape of a model whose keys need not all be there."""
    shape = _apart(shape)
    return ("model", shape[1], ()) if shape[0] == "model" else UNSURE


def part_of(shape: Shape, route: tuple[str | int, ...]) -> Shape:
    """What stands below, if it can be looked at alone, whatever stands beside it; else UNSURE."""
    shape = _apart(shape)
    for part in route:
        while shape[0] == "null":
            shape = shape[1]
        if shape[0] == "model":
            shape = shape[1].get(part, UNSURE)
        elif shape[0] == "dict" and shape[3:] == (None, None) and surely(shape[1], part):
            shape = shape[2]
        else:
            return UNSURE
    return shape


def _apart(shape: Shape) -> Shape:
    """Without what looks at fields together: a model does so only when each of them is right."""
    while shape[0] == "agree":
        shape = shape[1]
    return shape


def _checked(shape: Shape, value: Any, late: bool) -> Any:
    """The value as validators see it that come after. Raises Unsure."""
    return _CHECKS[shape[0]](shape, value, late)


def _inside(shape: Shape, value: Any, late: bool) -> Any:
    """What stands at a key or in a list, where a template may stand for it."""
    if late and type(value) is str and OPEN in value:
        bare = value.strip()
        if bare.startswith(OPEN) and bare.endswith("}}"):
            return value
    return _CHECKS[shape[0]](shape, value, late)


def _any(shape: Shape, value: Any, late: bool) -> Any:
    return value


def _unsure(shape: Shape, value: Any, late: bool) -> Any:
    raise Unsure


def _string(shape: Shape, value: Any, late: bool) -> Any:
    if type(value) is not str:
        raise Unsure
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unsure from None
    return value


def _text(shape: Shape, value: Any, late: bool) -> Any:
    _, least, most, pattern = shape
    _string(shape, value, late)
    if not (least or 0) <= len(value) <= (len(value) if most is None else most):
        raise Unsure
    if pattern is not None:
        alike = value.isprintable() and (value.isascii() or not _FOLDED.search(pattern))
        if not alike or not re.search(pattern, value):
            raise Unsure
    return value


def _whole(shape: Shape, value: Any, late: bool) -> Any:
    _, least, most = shape
    if type(value) is not int or (least is not None and value < least) or (most is not None and value > most):
        raise Unsure
    return value


def _exact(kind: type) -> Callable[[Shape, Any, bool], Any]:
    def check(shape: Shape, value: Any, late: bool) -> Any:
        if type(value) is not kind:
            raise Unsure
        return value

    return check


def _word(shape: Shape, value: Any, late: bool) -> Any:
    if type(value) is not str or value not in shape[1]:
        raise Unsure
    return value


def _or_nothing(shape: Shape, value: Any, late: bool) -> Any:
    return None if value is None else _CHECKS[shape[1][0]](shape[1], value, late)


def _one_of(shape: Shape, value: Any, late: bool) -> Any:
    for inner in shape[1]:
        try:
            return _checked(inner, value, late)
        except Unsure:
            continue
    raise Unsure


def _tagged(shape: Shape, value: Any, late: bool) -> Any:
    tag = value.get(shape[1]) if type(value) is dict else None
    for word, inner in shape[2]:
        if type(tag) is str and word == tag:
            return _checked(inner, value, late)
    raise Unsure


def _list(shape: Shape, value: Any, late: bool) -> Any:
    _, inner, least, most = shape
    if type(value) is not list or not (least or 0) <= len(value) <= (len(value) if most is None else most):
        raise Unsure
    return value if inner == ANY else [_inside(inner, one, late) for one in value]


def _dict(shape: Shape, value: Any, late: bool) -> Any:
    _, key, inner, least, most = shape
    if type(value) is not dict or not (least or 0) <= len(value) <= (len(value) if most is None else most):
        raise Unsure
    if inner == ANY:
        return {_CHECKS[key[0]](key, name, late): one for name, one in value.items()}
    return {_CHECKS[key[0]](key, name, late): _inside(inner, one, late) for name, one in value.items()}


def _model(shape: Shape, value: Any, late: bool) -> Any:
    """Its keys are the fields, and no other."""
    if type(value) is not dict:
        raise Unsure
    _, fields, wanted = shape
    for key in wanted:
        if key not in value:
            raise Unsure
    try:
        return {key: _inside(fields[key], one, late) for key, one in value.items()}
    except KeyError:  # a key that is not known
        raise Unsure from None


def _before(shape: Shape, value: Any, late: bool) -> Any:
    return _CHECKS[shape[2][0]](shape[2], _through(shape[1], value), late)


def _after(shape: Shape, value: Any, late: bool) -> Any:
    return _through(shape[2], _CHECKS[shape[1][0]](shape[1], value, late))


def _chain(shape: Shape, value: Any, late: bool) -> Any:
    for inner in shape[1]:
        value = _checked(inner, value, late)
    return value


def _agree(shape: Shape, value: Any, late: bool) -> Any:
    """A model whose fields are looked at together: with its defaults, and each field by its own name.

    A field that is left out and has no plain default is not there: a validator that asks for it is not sure.
    """
    _, inner, target, fields = shape
    found = _checked(inner, value, late)
    seen = {name: found.get(key, *default) for name, key, *default in fields if default or key in found}
    given = {name for name, key, *_ in fields if key in found}
    _through(target, SimpleNamespace(**seen, model_fields_set=given))
    return found


class _Hidden(str):
    """A text as validators of secrets want it."""

    __slots__ = ()

    def get_secret_value(self) -> str:
        return str(self)


def _secret(shape: Shape, value: Any, late: bool) -> Any:
    return _Hidden(_checked(shape[1], value, late))


def _through(target: str, value: Any) -> Any:
    """What one of our validators makes of it."""
    try:
        return _of_text(target, value) if type(value) is str and len(value) < _SHORT else load(target)(value)
    except Exception as error:  # whatever it is, the model tells it
        raise Unsure from error


@lru_cache(maxsize=1024)
def _of_text(target: str, text: str) -> Any:
    """The same for texts, of which many are the same in one file."""
    return load(target)(text)


_CHECKS: Mapping[str, Callable[[Shape, Any, bool], Any]] = {
    "any": _any,
    "unsure": _unsure,
    "string": _string,
    "text": _text,
    "whole": _whole,
    "number": _exact(float),
    "bool": _exact(bool),
    "time": _exact(datetime),
    "word": _word,
    "null": _or_nothing,
    "or": _one_of,
    "tagged": _tagged,
    "list": _list,
    "dict": _dict,
    "model": _model,
    "before": _before,
    "after": _after,
    "chain": _chain,
    "agree": _agree,
    "secret": _secret,
}
