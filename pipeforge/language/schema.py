"""JSON Schemas for editors: the pipeline file with `uses` choosing `with`, and the project file."""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pipeforge.adapter import Kind
from pipeforge.language.model import Pipeline
from pipeforge.language.project import Project

DIALECT = "http://json-schema.org/draft-07/schema#"
_DURATION = {
    "type": "string",
    "pattern": r"^([0-9]+(\.[0-9]+)?[smhd])+$",
    "examples": ["90s", "5m", "2h", "1d"],
}
_TEMPLATE = {"type": "string", "pattern": r"\$\{\{"}
_ID = r"^[^\s.\[\]]{1,100}$"  # looser than lint: a schema has no word for letters of every script

Model = type[BaseModel]


class _Generator(GenerateJsonSchema):
    """What an author writes, not what the program holds."""

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        # Every float of the envelope is a duration, which is written as text.
        return dict(_DURATION)

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        inner = super().function_before_schema(schema)
        if inner.get("type") == "array":
            return {"anyOf": [{"type": "string"}, inner]}
        return inner


def pipeline_schema(kinds: Mapping[str, Kind], connections: Mapping[str, Model]) -> dict[str, Any]:
    """The schema of a pipeline file."""
    schema = _described(Pipeline)
    definitions = schema["$defs"]
    step = definitions["Step"]
    step["properties"]["uses"] = {**step["properties"]["uses"], "enum": sorted(kinds)}
    step["allOf"] = [_choice(name, kinds[name], definitions) for name in sorted(kinds)]
    schema["properties"]["steps"] |= {"propertyNames": {"pattern": _ID}}
    schema["properties"]["connections"] |= {
        "additionalProperties": _connections(connections, definitions, whole=True)
    }
    return {"$schema": DIALECT, **schema, "title": "pipeforge pipeline"}


def project_schema(connections: Mapping[str, Model]) -> dict[str, Any]:
    """The schema of pipeforge.yaml."""
    schema = _described(Project)
    definitions = schema["$defs"]
    schema["properties"]["connections"] |= {
        "additionalProperties": _connections(connections, definitions, whole=True)
    }
    return {"$schema": DIALECT, **schema, "title": "pipeforge project"}


def _choice(name: str, kind: Kind, definitions: dict[str, Any]) -> dict[str, Any]:
    """If `uses` is this kind, then `with` is its parameters."""
    params = _templated(_lifted(kind.params, definitions, prefix=f"{name}."))
    params["description"] = kind.doc
    required = ["with"] if params.get("required") else []
    then = {"properties": {"with": params}, **({"required": required} if required else {})}
    return {"if": {"properties": {"uses": {"const": name}}, "required": ["uses"]}, "then": then}


def _connections(models: Mapping[str, Model], definitions: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    choices = []
    for vendor, model in models.items():
        settings = _templated(_lifted(model, definitions, prefix=f"{vendor}."))
        settings["properties"] = {**settings.get("properties", {}), "vendor": {"const": vendor}}
        condition = {"properties": {"vendor": {"const": vendor}}, "required": ["vendor"]}
        choices.append({"if": condition, "then": settings})
    vendor_names = {"enum": list(models), "description": "Which vendor the account is with."}
    return {
        "type": "object",
        "properties": {"vendor": vendor_names},
        "required": ["vendor"],
        "allOf": choices,
    }


def _lifted(model: Model, definitions: dict[str, Any], *, prefix: str) -> dict[str, Any]:
    """A model's schema, its own definitions moved among the document's under a prefix."""
    schema = _described(model)
    inner = schema.pop("$defs", {})
    for name, definition in inner.items():
        definitions[prefix + name] = _renamed(definition, prefix)
    renamed: dict[str, Any] = _renamed(schema, prefix)
    return renamed


def _renamed(value: Any, prefix: str) -> Any:
    if isinstance(value, dict):
        return {
            key: re.sub(r"^#/\$defs/", f"#/$defs/{prefix}", inner)
            if key == "$ref" and isinstance(inner, str)
            else _renamed(inner, prefix)
            for key, inner in value.items()
        }
    return [_renamed(inner, prefix) for inner in value] if isinstance(value, list) else value


def _templated(schema: dict[str, Any]) -> dict[str, Any]:
    """Every property also takes a template."""
    properties = {name: _or_template(inner) for name, inner in schema.get("properties", {}).items()}
    return {**schema, "properties": properties}


def _or_template(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("const") is not None or (schema.get("type") == "string" and "pattern" not in schema):
        return schema
    about: dict[str, Any] = {
        key: schema[key] for key in ("description", "default", "examples") if key in schema
    }
    return {**about, "anyOf": [{k: v for k, v in schema.items() if k not in about}, _TEMPLATE]}


def _described(model: Model) -> dict[str, Any]:
    """A model's schema with the docstrings that follow its fields as descriptions."""
    schema = model.model_json_schema(schema_generator=_Generator)
    _describe(schema, model)
    for name, definition in schema.get("$defs", {}).items():
        found = next((inner for inner in _models_in(model) if inner.__name__ == name), None)
        if found is not None:
            _describe(definition, found)
    return schema


def _describe(schema: dict[str, Any], model: Model) -> None:
    texts = field_docs(model)
    for name, field in model.model_fields.items():
        key = field.alias or name
        if name in texts and key in schema.get("properties", {}):
            schema["properties"][key]["description"] = texts[name]


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


def field_docs(model: Model) -> dict[str, str]:
    """The text under each field of a model and of its bases, read from the source."""
    texts: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if isinstance(base, type) and issubclass(base, BaseModel) and base is not BaseModel:
            texts |= _docs_of(base)
    return texts


def _docs_of(model: Model) -> dict[str, str]:
    source: Callable[[Any], str] = inspect.getsource
    body = ast.parse(inspect.cleandoc("\n" + source(model))).body[0]
    assert isinstance(body, ast.ClassDef)
    texts = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            texts[field.target.id] = inspect.cleandoc(after.value.value)
    return texts
