"""What may stand at a place: its keys with their texts, the words a value can be, whether it is a list."""

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from pipeforge.language.diagnostics import Route
from pipeforge.language.docstrings import key_docs, meanings
from pipeforge.language.durations import seconds
from pipeforge.language.durations import text as duration_text
from pipeforge.language.model import Pipeline, Variable
from pipeforge.language.project_model import Project
from pipeforge.lint.annotations import models_at
from pipeforge.lsp.view import View, models_of

Model = type[BaseModel]

Shape = Literal["value", "mapping", "list"]


class Key(NamedTuple):
    """One key that a mapping can have."""

    name: str
    text: str
    """Its docstring."""
    field: FieldInfo
    others: tuple[FieldInfo, ...] = ()
    """What it is in other models that may be meant there."""

    @property
    def shape(self) -> Shape:
        """What an author will most likely write behind it."""
        shapes = {_shape(member) for member in _members(self.field.annotation)}
        return "value" if "value" in shapes or not shapes else "list" if "list" in shapes else "mapping"

    @property
    def default(self) -> str:
        """Its default as an author would write it; empty where there is none worth telling."""
        value = self.field.default
        if self.field.is_required() or value is None or isinstance(value, BaseModel):
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, float):
            return duration_text(value) if value else ""
        return str(value) if isinstance(value, str | int) else ""

    @property
    def words(self) -> Mapping[str, str]:
        """The words its value can be, each with its meaning where the docstring tells it."""
        said = meanings(self.text)
        fields = (self.field, *self.others)
        return {word: said.get(word, "") for field in fields for word in _words(field.annotation)}

    @property
    def is_duration(self) -> bool:
        return _is_duration(self.field.annotation) or any(map(_reads_duration, self.field.metadata))


def models_for(view: View, route: Route) -> tuple[Model, ...]:
    """The models that a mapping at a route is; none where its keys are the author's."""
    if view.is_project:
        return _of_project(view, route)
    match route:
        case ("connections", str(name), *rest):
            return _of_connection(view, name, tuple(rest))
        case ("custom_variables", _):
            return (Variable,)
        case ("custom_variables", *_):
            return ()
        case ("steps", id_, "with", *rest):
            uses = view.at(("steps", id_, "uses"))
            known = isinstance(uses, str) and uses in view.subject.catalog.kinds
            return models_at(view.subject.catalog.kinds[uses].params.model, tuple(rest)) if known else ()
    return models_at(Pipeline, route)


def _of_project(view: View, route: Route) -> tuple[Model, ...]:
    match route:
        case ("connections", str(name), *rest) | ("environments", _, "connections", str(name), *rest):
            return _of_connection(view, name, tuple(rest))
    return models_at(Project, route)


def _of_connection(view: View, name: str, rest: Route) -> tuple[Model, ...]:
    model = models_of(view, name)
    return models_at(model, rest) if model else ()


def keys(view: View, route: Route) -> dict[str, Key]:
    """Every key that the mapping at a route can have, in the order of the model."""
    found: dict[str, Key] = {}
    for model in models_for(view, route):
        texts = key_docs(model)
        for name, field in model.model_fields.items():
            key = field.alias or name
            known = found.get(key)
            found[key] = (
                known._replace(others=(*known.others, field))
                if known
                else Key(key, texts.get(key, ""), field)
            )
    return found


def key(view: View, route: Route) -> Key | None:
    """The key at the end of a route; for an item of a list, the list's own."""
    while route and isinstance(route[-1], int):
        route = route[:-1]
    return keys(view, route[:-1]).get(str(route[-1])) if route else None


def _shape(annotation: Any) -> Shape:
    origin = get_origin(annotation) or annotation
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, BaseModel)):
        return "mapping"
    return "list" if origin in (list, tuple) else "value"


def _members(annotation: Any) -> Iterator[Any]:
    """The alternatives of a union, without None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin is Union or origin is types.UnionType:
        for member in get_args(annotation):
            yield from _members(member)
    elif annotation is not type(None):
        yield annotation


def _words(annotation: Any) -> Iterator[str]:
    for member in _members(annotation):
        if get_origin(member) is Literal:
            yield from (str(word) for word in get_args(member))
        elif get_origin(member) in (list, tuple):
            yield from _words(get_args(member)[0])
        elif member is bool:
            yield from ("true", "false")


def _is_duration(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        return any(map(_reads_duration, get_args(annotation)[1:])) or _is_duration(get_args(annotation)[0])
    union = get_origin(annotation) in (Union, types.UnionType)
    return union and any(map(_is_duration, get_args(annotation)))


def _reads_duration(one: Any) -> bool:
    return isinstance(one, BeforeValidator) and one.func is seconds
