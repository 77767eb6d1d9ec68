"""Models as reference text: each field with its type, its default and its own words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo

from pipeforge.language.durations import seconds
from pipeforge.language.durations import text as duration

Docs = Callable[[type[BaseModel]], Mapping[str, str]]
"""The text under each field of a model, by the field's name."""

Part = tuple[str, type[BaseModel]]
"""What a mapping is called in the file, and what may stand in it."""

_PLAIN = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    list: "list",
    SecretStr: "secret",
}


def chapter(title: str, model: type[BaseModel], docs: Docs, *, given: bool = True) -> list[str]:
    """A model's fields below a title, then the mappings that they hold. `given`: an author writes them."""
    out = [title, "", *fields(model, docs(model), given=given)]
    for name, inner in _within(model, frozenset([model])):
        about = " ".join((inner.__doc__ or "").split())
        out += [
            "",
            f"### `{name}`",
            "",
            *([about, ""] if about else []),
            *fields(inner, docs(inner), given=given),
        ]
    return out


def fields(model: type[BaseModel], docs: Mapping[str, str], *, given: bool = True) -> list[str]:
    """One line a field."""
    out = []
    for name, field in model.model_fields.items():
        about = type_name(field.annotation, tuple(field.metadata)) + (_terms(field) if given else "")
        text = " ".join(docs.get(name, "").split())
        out.append(f"- `{field.alias or name}` ({about}): {text}".rstrip(": "))
    return out or ["none"]


def _terms(field: FieldInfo) -> str:
    if field.is_required():
        return ", required"
    value = field.default
    if isinstance(value, bool):
        return f", default {str(value).lower()}"
    if isinstance(value, int | float):
        long = _is_duration(tuple(field.metadata)) or "duration" in type_name(field.annotation)
        return f", default {duration(value) if long else format(value, 'g')}"
    return f", default `{value}`" if isinstance(value, str) and value else ""


def _is_duration(metadata: tuple[Any, ...]) -> bool:
    return any(isinstance(one, BeforeValidator) and one.func is seconds for one in metadata)


def type_name(annotation: Any, metadata: tuple[Any, ...] = ()) -> str:
    """A type in an author's words."""
    if _is_duration(metadata):
        return "duration"
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (list, tuple):
        return f"list of {type_name(inner[0])}" if inner else "list"
    if origin in (dict, Mapping):
        return "mapping"
    if str(origin) == "typing.Literal":
        return " or ".join(f"`{choice}`" for choice in inner)
    if origin is Annotated:
        return type_name(inner[0], inner[1:])
    if inner:
        names = dict.fromkeys(type_name(part) for part in inner if part is not type(None))
        return " or ".join(name for name in names if name != "value" or len(names) == 1)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    if annotation is Any:
        return "anything"
    return _PLAIN.get(annotation, str(getattr(annotation, "__name__", "value")).lower())


def _within(model: type[BaseModel], seen: frozenset[type[BaseModel]]) -> Iterator[Part]:
    """The models below a model, depth first, each once."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        for inner in _models(field.annotation):
            if inner not in seen:
                seen |= {inner}
                yield (
                    f"{key}.{'ID' if key == 'steps' else 'NAME'}" if _by_name(field.annotation) else key,
                    inner,
                )
                for below in _within(inner, seen):
                    seen |= {below[1]}
                    yield below


def _by_name(annotation: Any) -> bool:
    """Whether it is a mapping of mappings, each of which has a name of the author's."""
    return get_origin(annotation) is dict or any(get_origin(part) is dict for part in get_args(annotation))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
