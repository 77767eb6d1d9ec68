"""The types of a model's fields, as templates see the outputs that have them."""

import types
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from pipeforge.language.types import ANY, MAPPING, PLAIN, Type


def of_annotation(annotation: Any) -> Type:
    """Of a field of a kind's outputs."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return of_annotation(arguments[0])
    if origin is Union or origin is types.UnionType:
        some = [one for one in arguments if one is not types.NoneType]
        return of_annotation(some[0]) if len(some) == 1 else ANY
    if origin is Literal:
        return Type("text", values=arguments) if all(isinstance(one, str) for one in arguments) else ANY
    if origin is list or annotation is list:
        return Type("list", inner=of_annotation(arguments[0]) if arguments else ANY)
    if origin is dict or annotation is dict:
        return MAPPING
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return of_model(annotation)
    return PLAIN.get(annotation, ANY)


@lru_cache(maxsize=256)
def of_model(model: type[BaseModel]) -> Type:
    """Of a kind's outputs."""
    if model.model_config.get("extra") == "allow":
        return MAPPING
    return Type("mapping", parts={n: of_annotation(one.annotation) for n, one in model.model_fields.items()})
