"""Beginnings that an editor offers: a pipeline, a step of each kind, a connection of each vendor."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from pipeforge.adapter import Kind

Snippet = dict[str, Any]


def of_steps(kinds: Mapping[str, Kind]) -> list[Snippet]:
    """A step of each kind with the parameters that it must have."""
    return [
        {
            "label": f"step: {name}",
            "description": " ".join(kinds[name].doc.split()),
            "body": {"${1:step_id}": {"uses": name, "with": given(kinds[name].params, 2)}},
        }
        for name in sorted(kinds)
    ]


def of_connections(models: Mapping[str, type[BaseModel]]) -> list[Snippet]:
    """A connection of each vendor with what most accounts must give."""
    return [
        {
            "label": f"connection: {vendor}",
            "description": " ".join((model.__doc__ or "").split()),
            "body": {f"${{1:{vendor}}}": {"vendor": vendor, **_gaps(model)}},
        }
        for vendor, model in models.items()
    ]


def of_pipeline() -> list[Snippet]:
    """A whole file."""
    step = {"uses": "trocco.run_job", "with": {"job_definition_id": "${3:1201}"}}
    body = {"name": "${1:nightly}", "timezone": "Asia/Tokyo", "steps": {"${2:load}": step}}
    return [{"label": "pipeline", "description": "A pipeline with one step.", "body": body}]


VARIABLES = [
    {
        "label": "variable: given with --set",
        "description": "A custom variable that a run may be given.",
        "body": {"${1:name}": {"type": "${2|string,integer,number,boolean,array,object|}", "default": "$3"}},
    },
    {
        "label": "variable: a date",
        "description": "A day computed from the run's instant.",
        "body": {"${1:target_date}": r'\${{ context_time | date("%Y-%m-%d") \}}'},
    },
]
RETRY = [
    {
        "label": "retry: three attempts",
        "description": "After a definite failure, with growing pauses.",
        "body": {"max_attempts": "^${1:3}", "delay": "${2:1m}", "backoff": "exponential"},
    }
]
FOREACH = [
    {
        "label": "foreach: a list",
        "description": "The step once for each item.",
        "body": {"items": ["${1:first}", "${2:second}"], "as": "${3:item}"},
    }
]


def given(model: type[BaseModel], first: int) -> dict[str, Any]:
    """The keys that must be given, each with a gap numbered from `first` and an example in it."""
    wanted = [(key, field) for key, field in model.model_fields.items() if field.is_required()]
    return {
        field.alias or key: _gap(number, (field.examples or [key])[0])
        for number, (key, field) in enumerate(wanted, first)
    }


def _gap(number: int, example: Any) -> str | list[str]:
    """A list has one item to begin with."""
    return [gap(number, example[0])] if isinstance(example, list) else gap(number, example)


def gap(number: int, example: Any) -> str:
    """A place to fill in; a template's own braces and dollars are text."""
    shown = str(example).lower() if isinstance(example, bool) else str(example)
    text = shown.replace("\\", r"\\").replace("$", r"\$").replace("}", r"\}")
    return f"${{{number}:{text}}}"


def settings(model: type[BaseModel]) -> dict[str, str]:
    """What a connection must be given, with the one of several ways to say where the account lives."""
    fields = model.model_fields
    place = next((key for key in ("region", "data_center") if key in fields), None)
    wanted = [key for key, field in fields.items() if field.is_required() and key != "vendor"]
    if "api_key" in fields and "api_key" not in wanted:
        wanted.append("api_key")
    keys = [*([place] if place else []), *wanted]
    return {key: str((fields[key].examples or [f"${{{{ secrets.{key.upper()} }}}}"])[0]) for key in keys}


def _gaps(model: type[BaseModel]) -> dict[str, str]:
    return {key: gap(number, example) for number, (key, example) in enumerate(settings(model).items(), 2)}
