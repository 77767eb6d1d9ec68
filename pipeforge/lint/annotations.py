"""What a model expects at a route: the models that may stand there, their keys, their credentials."""

import types
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from pipeforge.language.diagnostics import Route


@lru_cache(maxsize=256)
def fields(model: type[BaseModel]) -> dict[str, Any]:
    """A model's keys as authors write them, each with its annotation."""
    return {
        field.alias or name: field.annotation
        for name, field in model.model_fields.items()
        if not field.exclude
    }


@lru_cache(maxsize=256)
def credentials(model: type[BaseModel]) -> frozenset[str]:
    """The keys of a model whose values are secret."""
    return frozenset(key for key, annotation in fields(model).items() if SecretStr in _members(annotation))


@lru_cache(maxsize=256)
def credential_maps(model: type[BaseModel]) -> frozenset[str]:
    """The keys of a model whose values are mappings of secrets, each under a name of the author's."""
    return frozenset(
        key
        for key, annotation in fields(model).items()
        if get_origin(annotation) is dict and SecretStr in _members(get_args(annotation)[1])
    )


def models_at(model: type[BaseModel], route: Route) -> tuple[type[BaseModel], ...]:
    """The models that a mapping at `route` may be meant as; none where anything goes."""
    here: list[Any] = [model]
    for part in route:
        here = [inner for annotation in here for inner in _below(annotation, part)]
    return tuple(dict.fromkeys(one for one in here if _is_model(one)))


def _below(annotation: Any, part: str | int) -> Iterator[Any]:
    if _is_model(annotation):
        if part in fields(annotation):
            yield from _members(fields(annotation)[str(part)])
        return
    arguments = get_args(annotation)
    if get_origin(annotation) is dict and len(arguments) == 2:
        yield from _members(arguments[1])
    elif get_origin(annotation) in (list, tuple, set, frozenset) and arguments:
        yield from _members(arguments[0])


def _members(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of a union; the one type itself otherwise."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin is Union or origin is types.UnionType:
        return tuple(one for member in get_args(annotation) for one in _members(member))
    return (annotation,)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
