"""What Pydantic says of a model as a JSON Schema for authors: no noise, templates let in, words told."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pipeforge.language.docstrings import key_docs, meanings
from pipeforge.language.durations import text as duration_text

Schema = dict[str, Any]
Model = type[BaseModel]

_DURATION = {
    "type": "string",
    "pattern": r"^\s*([0-9]+(\.[0-9]+)?[smhd])+\s*$",
    "examples": ["90s", "5m", "2h", "1d"],
}
TEMPLATE = {"type": "string", "pattern": r"\$\{\{"}
"""A text with a template in it: what it becomes is known only when it is rendered."""

_NOISE = frozenset(["title", "format", "writeOnly", "discriminator"])
"""What Pydantic adds and authors have no use for; formats are stricter than lint."""
_ABOUT = ("description", "markdownDescription", "default", "examples", "defaultSnippets")


class _Generator(GenerateJsonSchema):
    """What an author writes, not what the program holds."""

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        # Every float of the envelope and of the kinds is a duration, which is written as text.
        return dict(_DURATION)

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        inner = super().function_before_schema(schema)
        if inner.get("type") == "array":
            return {"anyOf": [{"type": "string"}, inner]}
        return inner


def shaped(model: Model, *, templates: bool = False) -> Schema:
    """A model's schema with the docstrings of its fields. `templates`: every value may also be one."""
    schema = model.model_json_schema(schema_generator=_Generator)
    models = {inner.__name__: inner for inner in _models_in(model)}
    for name, definition in schema.get("$defs", {}).items():
        if name in models:
            _describe(definition, models[name])
    _describe(schema, model)
    return _clean(schema, templates=templates)


def lifted(model: Model, definitions: Schema, *, prefix: str) -> Schema:
    """The same with templates, its own definitions moved among the document's under a prefix."""
    schema = shaped(model, templates=True)
    for name, definition in schema.pop("$defs", {}).items():
        definitions[prefix + name] = _renamed(definition, prefix)
    renamed: Schema = _renamed(schema, prefix)
    return renamed


def told(text: str) -> Schema:
    """A description, plain, and in Markdown where it has code in it."""
    plain = " ".join(text.split())
    marked = {"markdownDescription": plain} if "`" in plain else {}
    return {"description": plain.replace("`", ""), **marked}


def _describe(schema: Schema, model: Model) -> None:
    for key, text in key_docs(model).items():
        if key in schema.get("properties", {}):
            schema["properties"][key]["description"] = text


def _clean(schema: Schema, *, templates: bool) -> Schema:
    out: Schema = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            wrap = templates and key == "properties"
            out[key] = {name: _value(inner, templates=templates, wrap=wrap) for name, inner in value.items()}
        elif key in ("anyOf", "oneOf", "allOf"):
            options = [_clean(inner, templates=templates) for inner in value]
            out["anyOf" if key == "oneOf" else key] = options
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            out[key] = _value(value, templates=templates, wrap=templates)
        elif key == "description":
            out |= told(value)
        elif key not in _NOISE:
            out[key] = value
    return _with_meanings(_without_empty_default(out), str(schema.get("description", "")))


def _value(schema: Schema, *, templates: bool, wrap: bool) -> Schema:
    inner = _clean(schema, templates=templates)
    return _or_template(inner) if wrap else inner


def _or_template(schema: Schema) -> Schema:
    if set(schema) - {"additionalProperties", *_ABOUT} in ({"type"}, set()) and schema.get("type") in (
        "string",
        None,
    ):
        return schema
    about = {key: schema[key] for key in schema if key in _ABOUT}
    rest = {key: schema[key] for key in schema if key not in _ABOUT}
    options = rest.pop("anyOf") if set(rest) == {"anyOf"} else [rest]
    return {**about, "anyOf": [*options, TEMPLATE]}


def _without_empty_default(schema: Schema) -> Schema:
    """A default that says nothing, or not in an author's words, is left out or put into them."""
    default = schema.get("default")
    if "default" not in schema:
        return schema
    if isinstance(default, float) and default:
        return {**schema, "default": duration_text(default)}
    if default is None or default == "" or isinstance(default, float | dict | list):
        del schema["default"]
    return schema


def _with_meanings(schema: Schema, text: str) -> Schema:
    """What the description says of each word, beside the word."""
    said = meanings(text)
    for inner in (schema, *schema.get("anyOf", ()), schema.get("items")):
        words = inner.get("enum", ()) if isinstance(inner, Mapping) else ()
        if words and any(word in said for word in words):
            inner["enumDescriptions"] = [said.get(word, "").replace("`", "") for word in words]
            inner["markdownEnumDescriptions"] = [said.get(word, "") for word in words]
    return schema


def _renamed(value: Any, prefix: str) -> Any:
    if isinstance(value, dict):
        return {
            key: re.sub(r"^#/\$defs/", f"#/$defs/{prefix}", inner)
            if key == "$ref" and isinstance(inner, str)
            else _renamed(inner, prefix)
            for key, inner in value.items()
        }
    return [_renamed(inner, prefix) for inner in value] if isinstance(value, list) else value


def _models_in(model: Model, seen: frozenset[Model] = frozenset()) -> Iterable[Model]:
    """The models that a model's fields are made of, itself included."""
    if model in seen:
        return
    yield model
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _models_in(part, seen | {model})


def _parts(annotation: Any) -> Iterable[Any]:
    yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _parts(inner)
