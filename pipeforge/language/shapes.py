"""The shape of a model, as `surely` reads it: made of what Pydantic itself says that it will check."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from pipeforge.language.surely import ANY, UNSURE, Shape
from pipeforge.loading import load

Node = Mapping[str, Any]
"""A part of a core schema."""

_ABOUT = frozenset(["type", "metadata", "ref", "serialization", "json_schema_input_schema"])
"""What a part may always have: none of it bears on what is right."""
_OPAQUE = frozenset(["default", "function", "metadata", "serialization"])
_CONFIG = frozenset(
    ["extra_fields_behavior", "hide_input_in_errors", "strict", "title"],
) | {"validate_by_alias", "validate_by_name"}
_CONSTRAINT = "apply_known_metadata.<locals>._apply_constraint_with_incompatibility_info"
"""What Pydantic wraps around a validator of ours to check a length or a pattern behind it."""


class _Unknown(Exception):
    """A part that has something to it that is not known here."""


def shape_of(model: type[BaseModel]) -> Shape:
    """What a model takes. Parts that cannot be told of are UNSURE."""
    model.model_rebuild()
    return _shape(_inlined(model.__pydantic_core_schema__, {}))


def _inlined(node: Any, known: Mapping[str, Any]) -> Any:
    """With its definitions where they are referred to; what refers to itself stays as it is."""
    if isinstance(node, list):
        return [_inlined(one, known) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "definitions":
        return _inlined(node["schema"], {one["ref"]: one for one in node["definitions"]})
    if node.get("type") == "definition-ref" and node["schema_ref"] in known:
        others = {ref: one for ref, one in known.items() if ref != node["schema_ref"]}
        return _inlined(known[node["schema_ref"]], others)
    return {key: inner if key in _OPAQUE else _inlined(inner, known) for key, inner in node.items()}


def _shape(node: Node) -> Shape:
    make = _MAKERS.get(node["type"])
    try:
        return make(node) if make else UNSURE
    except _Unknown:
        return UNSURE


def _only(node: Node, *known: str) -> list[Any]:
    """What a part has of the known things, when it has no others."""
    if node.keys() - _ABOUT - set(known):
        raise _Unknown
    return [node.get(name) for name in known]


def _plain(word: str) -> Callable[[Node], Shape]:
    def make(node: Node) -> Shape:
        _only(node)
        return (word,)

    return make


def _text(node: Node) -> Shape:
    least, most, pattern, _ = _only(node, "min_length", "max_length", "pattern", "strict")
    return ("string",) if least is most is pattern is None else ("text", least, most, pattern)


def _whole(node: Node) -> Shape:
    return ("whole", *_only(node, "ge", "le"))


def _time(node: Node) -> Shape:
    _only(node, "microseconds_precision")
    return ("time",)


def _word(node: Node) -> Shape:
    (expected,) = _only(node, "expected")
    if not all(type(one) is str for one in expected):
        raise _Unknown
    return ("word", tuple(expected))


def _default(node: Node) -> Shape:
    inner, *_ = _only(node, "schema", "default", "default_factory", "default_factory_takes_data")
    return _shape(inner)


def _or_nothing(node: Node) -> Shape:
    (inner,) = _only(node, "schema")
    return ("null", _shape(inner))


def _one_of(node: Node) -> Shape:
    choices, _ = _only(node, "choices", "custom_error_type")
    if not all(isinstance(one, dict) for one in choices):
        raise _Unknown
    known = tuple(shape for shape in map(_shape, choices) if shape != UNSURE)
    return known[0] if len(known) == 1 else ("or", known)


def _tagged(node: Node) -> Shape:
    by, choices, *_ = _only(node, "discriminator", "choices", "strict", "from_attributes")
    if not isinstance(by, str):
        raise _Unknown
    return ("tagged", by, tuple((word, _shape(one)) for word, one in choices.items()))


def _list(node: Node) -> Shape:
    inner, least, most = _only(node, "items_schema", "min_length", "max_length")
    return ("list", _shape(inner) if inner else ANY, least, most)


def _dict(node: Node) -> Shape:
    key, inner, least, most = _only(node, "keys_schema", "values_schema", "min_length", "max_length")
    return ("dict", _shape(key) if key else ANY, _shape(inner) if inner else ANY, least, most)


def _model(node: Node) -> Shape:
    inner, config, _, custom, root = _only(node, "schema", "config", "cls", "custom_init", "root_model")
    if custom or root or inner["type"] != "model-fields" or config.keys() - _CONFIG:
        raise _Unknown
    if config.get("extra_fields_behavior") != "forbid" or config.get("validate_by_name"):
        raise _Unknown
    fields, *_ = _only(inner, "fields", "model_name", "computed_fields")
    known = [_field(name, field) for name, field in fields.items()]
    return ("model", {key: inner for key, _, inner in known}, tuple(key for key, must, _ in known if must))


def _field(name: str, field: Node) -> tuple[str, bool, Shape]:
    """Its key, whether it must be there, its shape."""
    inner, alias, _ = _only(field, "schema", "validation_alias", "serialization_alias")
    if alias is not None and not isinstance(alias, str):
        raise _Unknown
    return alias or name, inner["type"] != "default", _shape(inner)


def _before(node: Node) -> Shape:
    function, inner = _only(node, "function", "schema")
    return ("before", _target(function), _shape(inner))


def _after(node: Node) -> Shape:
    function, inner = _only(node, "function", "schema")
    if function["function"] is SecretStr:
        return ("secret", _shape(inner))
    model = _looked_at(inner)
    if model is not None:
        return ("agree", _shape(inner), _target(function), _own_names(model))
    return ("after", _shape(inner), _target(function))


def _looked_at(node: Node) -> type[BaseModel] | None:
    """The model whose fields a validator is given together; another may have looked at them before."""
    while node["type"] == "function-after":
        node = node["schema"]
    model: type[BaseModel] | None = node["cls"] if node["type"] == "model" else None
    return model


def _own_names(model: type[BaseModel]) -> tuple[tuple[Any, ...], ...]:
    """Each field's name, its key, and its default where that is a plain value; another is left out."""
    found: list[tuple[Any, ...]] = []
    for name, field in model.model_fields.items():
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        plain = isinstance(default, str | int | float | bool | None)
        found.append((name, field.alias or name, default) if plain else (name, field.alias or name))
    return tuple(found)


def _wrapped(node: Node) -> Shape:
    function, inner = _only(node, "function", "schema")
    if getattr(function["function"], "__qualname__", "") != _CONSTRAINT:
        raise _Unknown
    return _shape(inner)


def _chain(node: Node) -> Shape:
    (steps,) = _only(node, "steps")
    return ("chain", tuple(map(_shape, steps)))


def _strict(node: Node) -> Shape:
    """Data from a file is Python's; what is read strictly is taken leniently too."""
    return _shape(node["strict_schema"])


def _python(node: Node) -> Shape:
    return _shape(node["python_schema"])


def _target(function: Node) -> str:
    """Where a validator is found again; one that cannot be is not known."""
    call = function["function"]
    target = f"{getattr(call, '__module__', '')}:{getattr(call, '__qualname__', '')}"
    if function["type"] != "no-info" or not target.rpartition(":")[2].isidentifier():
        raise _Unknown
    if load(target) is not call:
        raise _Unknown
    return target


_MAKERS: Mapping[str, Callable[[Node], Shape]] = {
    "any": _plain("any"),
    "bool": _plain("bool"),
    "float": _plain("number"),
    "str": _text,
    "int": _whole,
    "datetime": _time,
    "literal": _word,
    "default": _default,
    "nullable": _or_nothing,
    "union": _one_of,
    "tagged-union": _tagged,
    "list": _list,
    "dict": _dict,
    "model": _model,
    "function-before": _before,
    "function-after": _after,
    "function-wrap": _wrapped,
    "chain": _chain,
    "lax-or-strict": _strict,
    "json-or-python": _python,
}
