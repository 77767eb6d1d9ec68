"""JSON Schemas for editors: the pipeline file with `uses` choosing `with`, and the project file.

They never reject what lint accepts; where a schema has no words for a rule, it is looser.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from pipeforge.adapter import Kind
from pipeforge.language import snippets
from pipeforge.language.kintone_types import TYPES
from pipeforge.language.model import Pipeline, Variable
from pipeforge.language.project_model import Project
from pipeforge.language.shaping import TEMPLATE, Schema, lifted, shaped, told
from pipeforge.language.trials import Trials

DIALECT = "http://json-schema.org/draft-07/schema#"
_ID = r"^[^\s.\[\]]{1,100}$"  # looser than lint: a schema has no word for letters of every script

_EXAMPLES: Mapping[tuple[str, str], list[Any]] = {
    ("", "name"): ["nightly_sales"],
    ("", "timezone"): ["Asia/Tokyo", "UTC"],
    ("Step", "uses"): ["trocco.run_job"],
    ("Step", "needs"): ["load_orders", ["load_orders", "load_customers"]],
    ("Step", "if"): ['${{ custom_variables.region == "jp" }}'],
    ("Step", "accept"): [["skipped"]],
    ("ForeachPolicy", "items"): [["tokyo", "osaka"], "${{ custom_variables.regions }}"],
    ("ForeachPolicy", "as"): ["store"],
    ("ForeachPolicy", "max_parallel"): [2],
    ("RetryPolicy", "max_attempts"): [3],
}
"""By definition and key, where the type alone does not show what is written."""


def pipeline_schema(kinds: Mapping[str, Kind], connections: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The schema of a pipeline file."""
    schema = shaped(Pipeline)
    definitions, properties = schema["$defs"], schema["properties"]
    definitions["Variable"] = shaped(Variable)
    _envelope(schema)
    step = definitions["Step"]
    step["properties"]["uses"] |= _kinds(kinds)
    step["allOf"] = [_choice(name, kinds[name], definitions) for name in sorted(kinds)]
    names = {"pattern": _ID}
    needs = step["properties"]["needs"]
    needs["anyOf"] = [{"type": "string", **names}, {"type": "array", "items": {"type": "string", **names}}]
    step["properties"]["if"]["anyOf"] = [{"type": "boolean"}, TEMPLATE, {"type": "null"}]
    properties["steps"] |= {"propertyNames": names, "defaultSnippets": snippets.of_steps(kinds)}
    properties["custom_variables"] |= _variables()
    properties["records"] |= {"additionalProperties": _record()}
    properties["connections"] |= _connections(connections, definitions)
    head = {"$schema": DIALECT, "title": "pipeforge pipeline", "defaultSnippets": snippets.of_pipeline()}
    return {**head, **schema}


def project_schema(connections: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The schema of pipeforge.yaml."""
    schema = shaped(Project)
    definitions = schema["$defs"]
    _envelope(schema)
    schema["properties"]["connections"] |= _connections(connections, definitions)
    overlay = definitions["Environment"]["properties"]["connections"]
    overlay["additionalProperties"] = _overlay(connections, definitions)
    return {"$schema": DIALECT, "title": "pipeforge project", **schema}


def tests_schema() -> dict[str, Any]:
    """The schema of NAME.test.yaml."""
    return {"$schema": DIALECT, "title": "tests of a pipeforge pipeline", **shaped(Trials)}


def _envelope(schema: Schema) -> None:
    """Examples, and beginnings for what is a mapping."""
    definitions = {"": schema, **schema["$defs"]}
    for name, definition in schema["$defs"].items():
        definition["title"] = name.lower()
    for (name, key), examples in _EXAMPLES.items():
        property_ = definitions.get(name, {}).get("properties", {}).get(key)
        if property_ is not None:
            property_["examples"] = examples
    begins = {"RetryPolicy": snippets.RETRY, "ForeachPolicy": snippets.FOREACH}
    for name, listed in begins.items():
        if name in definitions:
            definitions[name]["defaultSnippets"] = listed


def _kinds(kinds: Mapping[str, Kind]) -> Schema:
    texts = [" ".join(kinds[name].doc.split()) for name in sorted(kinds)]
    plain = [text.replace("`", "") for text in texts]
    return {"enum": sorted(kinds), "enumDescriptions": plain, "markdownEnumDescriptions": texts}


def _choice(name: str, kind: Kind, definitions: Schema) -> Schema:
    """If `uses` is this kind, then `with` is its parameters."""
    params = lifted(kind.params, definitions, prefix=f"{name}.")
    params |= {"title": f"parameters of {name}", **told(kind.doc)}
    body = snippets.given(kind.params, 1)
    if body:
        begin = {"label": f"with: {name}", "description": "What it must have.", "body": body}
        params["defaultSnippets"] = [begin]
    required = {"required": ["with"]} if params.get("required") else {}
    then = {"properties": {"with": params}, **required}
    return {"if": {"properties": {"uses": {"const": name}}, "required": ["uses"]}, "then": then}


def _variables() -> Schema:
    """A value is anything; a mapping with `type` is a declaration."""
    declaration = {"if": {"type": "object", "required": ["type"]}, "then": {"$ref": "#/$defs/Variable"}}
    return {"additionalProperties": declaration, "defaultSnippets": snippets.VARIABLES}


def _record() -> Schema:
    """Field codes with {type, value}, or a file; a template may stand for all of it or for a field."""
    types = {"enum": list(TYPES), "description": "The field's type in kintone."}
    value = {"description": "The field's value, in the form that its type has."}
    field = {"type": ["object", "string"], "properties": {"type": types, "value": value}}
    file = {"type": "object", "properties": {"file": _FILE}, "required": ["file"], "maxProperties": 1}
    fields = {"type": ["object", "string"], "additionalProperties": field}
    return {"if": {**file, "properties": {"file": {"type": "string"}}}, "then": file, "else": fields}


_FILE = {"type": "string", "description": "A JSON or YAML file beside this one.", "examples": ["order.json"]}


def _connections(models: Mapping[str, type[BaseModel]], definitions: Schema) -> Schema:
    choices = []
    for vendor, model in models.items():
        settings = _settings(vendor, model, definitions)
        condition = {"properties": {"vendor": {"const": vendor}}, "required": ["vendor"]}
        choices.append({"if": condition, "then": settings})
    texts = [" ".join((model.__doc__ or "").split()) for model in models.values()]
    vendor_names = {
        "enum": list(models),
        "description": "Which vendor the account is with.",
        "enumDescriptions": texts,
    }
    # Nothing is required: an environment may bring what a connection lacks, and lint knows which.
    one = {"type": "object", "properties": {"vendor": vendor_names}, "allOf": choices}
    return {"additionalProperties": one, "defaultSnippets": snippets.of_connections(models)}


def _settings(vendor: str, model: type[BaseModel], definitions: Schema) -> Schema:
    settings = lifted(model, definitions, prefix=f"{vendor}.")
    settings.pop("required", None)
    settings["title"] = f"{vendor} connection"
    settings["properties"]["vendor"] = {"const": vendor}
    return settings


def _overlay(models: Mapping[str, type[BaseModel]], definitions: Schema) -> Schema:
    """What an environment may change: a setting of any vendor, since the base tells which one it is."""
    merged: Schema = {}
    for vendor, model in models.items():
        for key, inner in _settings(vendor, model, definitions)["properties"].items():
            merged.setdefault(key, [])
            if inner not in merged[key]:
                merged[key].append(inner)
    merged["vendor"] = [{"enum": list(models)}]
    properties = {key: options[0] if len(options) == 1 else _any(options) for key, options in merged.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _any(options: list[Schema]) -> Schema:
    about = next((one["description"] for one in options if "description" in one), "")
    return {**({"description": about} if about else {}), "anyOf": options}
