"""A kind's reference page, made from its own docstrings."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from pipeforge.adapter import Kind
from pipeforge.language.durations import text as duration
from pipeforge.language.filters import SIGNATURES
from pipeforge.reports.plan import PROMISES

Docs = Mapping[str, str]


def page(kind: Kind, params: Docs, outputs: Docs) -> str:
    """Markdown. `params` and `outputs` are the texts under the fields of the kind's models."""
    cancel = "can be canceled" if kind.cancellable else "cannot be canceled"
    out = [f"# {kind.name}", "", kind.doc.strip(), "", f"**{kind.guarantee}**: {PROMISES[kind.guarantee]}."]
    out += [f"A lost answer: {kind.recovery}."] if kind.recovery else []
    pace = f"every {duration(kind.pace.first)}, later every {duration(kind.pace.longest)}"
    out += [f"A running job {cancel}; it is looked at {pace}.", ""]
    out += ["## Parameters (`with`)", "", *_fields(kind.params, params, required=True), ""]
    out += ["## Outputs", "", *_fields(kind.outputs, outputs, required=False)]
    return "\n".join(out) + "\n"


def _fields(model: type[BaseModel], docs: Docs, *, required: bool) -> list[str]:
    out = []
    for name, field in model.model_fields.items():
        needed = ", required" if required and field.is_required() else ""
        text = " ".join(docs.get(name, "").split())
        out.append(f"- `{field.alias or name}` ({type_name(field.annotation)}{needed}): {text}".rstrip(": "))
    return out or ["none"]


def type_name(annotation: Any) -> str:
    """A type in an author's words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation is type(None):
        return "null"
    if origin in (list, tuple):
        return f"list of {type_name(inner[0])}" if inner else "list"
    if origin in (dict, Mapping):
        return "mapping"
    if str(origin) in ("typing.Literal",):
        return " or ".join(f"`{choice}`" for choice in inner)
    if str(origin) == "typing.Annotated":
        return type_name(inner[0])
    if inner:
        names = dict.fromkeys(type_name(part) for part in inner if part is not type(None))
        return " or ".join(name for name in names if name != "value" or len(names) == 1)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    plain = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return plain.get(annotation, str(getattr(annotation, "__name__", "value")).lower())


def templates_page() -> str:
    """What may stand between ${{ and }}."""
    names = {
        "context_time": "the instant the run is for, in the pipeline's time zone",
        "custom_variables.NAME": "a custom variable's value",
        "records.NAME": "a kintone record, as a mapping",
        "env.NAME": "an environment variable listed under `env:` of pipeforge.yaml",
        "secrets.NAME": "a secret, in connections only",
        "steps.ID.outputs.NAME": "what an earlier step gave; the step must be needed",
        "steps.ID.outcome": "how an earlier step ended",
        "run.id": "the run's id",
        "run.attempt": "which attempt of the step this is",
        "item": "the item of a `foreach`, or the name its `as` gives",
    }
    out = ["# Templates", "", "An expression stands between `${{` and `}}`. A value that is nothing but one"]
    out += ["expression keeps its type; anything else becomes text. There are no calls, only filters.", ""]
    out += ["## Names", "", *(f"- `{name}`: {what}" for name, what in names.items()), ""]
    out += ["## Filters", "", *(f"- `{signature}`" for signature in SIGNATURES.values())]
    return "\n".join(out) + "\n"
