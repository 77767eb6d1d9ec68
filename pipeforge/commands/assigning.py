"""Reads `name=value` arguments as the parameters of a kind: text or JSON, as each one's type wants it."""

import json
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from pipeforge.adapter import Json, Kind
from pipeforge.errors import UsageError
from pipeforge.language.document import read
from pipeforge.language.saying import say
from pipeforge.language.templating import OPEN
from pipeforge.lint.faults import Fault
from pipeforge.lint.finding import find
from pipeforge.reports.display import shown

_NOTHING = object()
_SHOWN = 60
"""chosen: enough of an argument to recognise it by."""
_STRICT = ConfigDict(strict=True, arbitrary_types_allowed=True)


@dataclass(slots=True)
class _Given:
    """What the arguments come to so far."""

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    """By the first part of a name: the arguments that give it, as they are called in messages."""
    wrong: list[tuple[str, str]] = field(default_factory=list)
    """What is wrong, and the mend."""


def assigned(kind: Kind, arguments: Sequence[str]) -> dict[str, Any]:
    """The parameters. Raises UsageError that names every wrong argument by its place, with its mend.

    The kind itself is argument 1. `name=@file` takes the value from a file: JSON or YAML by its ending,
    any other as text; `name=@@text` is the text `@text`. `a.b=value` is inside of the mapping `a`.
    """
    given = _Given()
    for number, argument in enumerate(arguments, 2):
        _take(kind, f"argument {number}, '{_short(argument)}'", argument, given)
    if given.wrong:
        raise _refused(kind, given.wrong)
    _settle_files(kind, given.data)
    found = find(kind.params, given.data, templates=True, noun=say("parameter"), traits=kind.traits)
    if found.faults:
        renamed = {route[0]: key for route, key in found.renamed.items() if len(route) == 1}
        raise _refused(kind, [_told(kind, fault, renamed, given.places) for fault in found.faults])
    return given.data


def _settle_files(kind: Kind, data: dict[str, Any]) -> None:
    """What a pipeline finds beside itself is meant from the folder where one stands. Raises UsageError."""
    for name in kind.traits.files:
        if isinstance(data.get(name), dict) and data[name].keys() == {"file"}:
            data[name] = _literal(_from_file(str(data[name]["file"])))
    for name in kind.traits.paths:
        if isinstance(data.get(name), str) and OPEN not in data[name]:
            data[name] = str(Path(data[name]).absolute())


def _take(kind: Kind, place: str, argument: str, given: _Given) -> None:
    name, equals, text = argument.partition("=")
    route = name.split(".")
    if not equals or not all(route):
        given.wrong.append((f"{place} is no parameter", "write name=value"))
        return
    try:
        value = _from_file(text[1:]) if text.startswith("@") and text[1:2] != "@" else _NOTHING
    except UsageError as error:
        given.wrong.append((f"{place}: {error.message}", error.hint))
        return
    if value is _NOTHING:
        value = typed(text[1:] if text.startswith("@@") else text, _annotations(kind, route))
    elif route[0] in kind.traits.files:
        value = _literal(value)
    if not _put(given.data, route, value):
        given.wrong.append((f"{place}: '{name}' is given already", "keep one of the two"))
        return
    given.places.setdefault(route[0], []).append(place)


def _literal(value: Json) -> Json:
    """A file's content as it is: what looks like a template in it is none, as in a step."""
    if isinstance(value, str):
        return value.replace(OPEN, f"{OPEN} '{OPEN}' }}}}")
    if isinstance(value, Mapping):
        return {key: _literal(inner) for key, inner in value.items()}
    return [_literal(inner) for inner in value] if isinstance(value, list) else value


def _put(data: dict[str, Any], route: Sequence[str], value: Any) -> bool:
    """False where something stands already."""
    for part in route[:-1]:
        data = data.setdefault(part, {})
        if not isinstance(data, dict):
            return False
    if route[-1] in data:
        return False
    data[route[-1]] = value
    return True


def typed(text: str, annotations: Sequence[Any]) -> Json:
    """A text as the first reading that one of the annotations takes; JSON where none does and it is some.

    Text is preferred to JSON for what stands without quotes and brackets: a memo of `123` is a text.
    """
    try:
        parsed = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # of brackets, thousands deep, nothing is meant
        return text
    anything = not annotations or Any in annotations
    first = isinstance(parsed, str | list | dict) or anything
    readings = [parsed, text] if first else [text, parsed]
    for reading in readings:
        if anything or any(_takes(annotation, reading) for annotation in annotations):
            return reading
    return parsed


def _no_constant(name: str) -> Json:
    raise ValueError(name)


def _takes(annotation: Any, value: Json) -> bool:
    holder: Any = create_model("Value", __config__=_STRICT, value=(annotation, ...))
    try:
        holder.model_validate({"value": value})
    except ValidationError:
        return False
    return True


def _annotations(kind: Kind, route: Sequence[str]) -> list[Any]:
    """What may stand at a route; nothing where that is not known."""
    ours = kind.traits.called.get(route[0], route[0])
    here: list[Any] = [kind.params]
    for part in (ours, *route[1:]):
        here = [inner for one in here for inner in _below(one, part)]
    return here


def _below(annotation: Any, key: str) -> Iterator[Any]:
    for one in _members(annotation):
        if isinstance(one, type) and issubclass(one, BaseModel):
            for name, inside in one.model_fields.items():
                if key == (inside.alias or name):
                    yield (
                        Annotated[(inside.annotation, *inside.metadata)]
                        if inside.metadata
                        else (inside.annotation)
                    )
        elif get_origin(one) in (dict, Mapping) and len(get_args(one)) == 2:
            yield get_args(one)[1]


def _members(annotation: Any) -> Iterator[Any]:
    """The alternatives of a union; the one type itself otherwise."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin is Union or origin is types.UnionType:
        for one in get_args(annotation):
            yield from _members(one)
    else:
        yield annotation


def _from_file(name: str) -> Json:
    """What a file holds. Raises UsageError."""
    path = Path(name)
    try:
        if path.suffix in (".yaml", ".yml"):
            return _from_yaml(path)
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(
            f"cannot read '{name}': {why}", "check the path; @@ begins a text with an @"
        ) from None
    if path.suffix != ".json":
        return text
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        line = f" line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UsageError(f"'{name}'{line} is not JSON", "mend the file") from None


def _from_yaml(path: Path) -> Json:
    path.stat()
    document = read(path)
    for _, problem in document.faults:
        line = f" line {problem.span.line}" if problem.span else ""
        raise UsageError(f"'{path}'{line}: {problem.message}", problem.hint or "mend the file")
    return document.data


def _told(
    kind: Kind, fault: Fault, renamed: Mapping[Any, str], places: Mapping[str, list[str]]
) -> tuple[str, str]:
    """A fault with the argument that it is about."""
    name = str(fault.route[0]) if fault.route else ""
    where = places.get(renamed.get(name, name), [])
    hint = str(fault.hint)
    if fault.sort == "missing_key" and len(fault.route) == 1:
        return str(fault.message), f"add {name}=…; `pipeforge call {kind.name} --help` tells what it is"
    if fault.sort == "foreign_word" and fault.fix is not None:
        hint = f"write {name}=…"
    return f"{_which(where, fault)}{fault.message}", hint


def _which(where: Sequence[str], fault: Fault) -> str:
    """Of several arguments for one mapping the one that the fault is in."""
    inside = [one for one in where if len(fault.route) > 1 and f".{fault.route[1]}" in one]
    named = inside or where
    return f"{' and '.join(named[:2])}: " if named else ""


def _short(argument: str) -> str:
    return argument if len(argument) <= _SHOWN else f"{argument[:_SHOWN]}…"


def _refused(kind: Kind, wrong: Sequence[tuple[str, str]]) -> UsageError:
    wrong = [(shown(message), shown(hint)) for message, hint in wrong]
    if len(wrong) == 1:
        return UsageError(*wrong[0])
    lines = [f"{len(wrong)} things are wrong with this call of {kind.name}"]
    for message, hint in wrong:
        lines += [f"  {message}", *([f"    help: {hint}"] if hint else [])]
    return UsageError("\n".join(lines))
