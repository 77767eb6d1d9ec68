"""The JSON Schema of what `pipeforge lint --format json` prints."""

from typing import Any

from pipeforge.lint.tongues import LANGUAGES
from pipeforge.reports.as_json import VERSION

DIALECT = "http://json-schema.org/draft-07/schema#"

_TEXT = {"type": "string"}
_CODE = {"type": "string", "pattern": "^PF[0-9]{3}$", "description": "The rule's code."}
_RULE = {"type": "string", "description": "The rule's name."}
_SEVERITY = {"enum": ["error", "warning", "info"], "description": "An error or a warning fails a lint."}
_CODES = {"type": "array", "items": _TEXT, "description": "Codes of rules, or how several begin."}
_PATH = {
    "type": "string",
    "description": "From the current folder where it is below; with `/` between folders.",
}
_SPAN = {"$ref": "#/$defs/span"}


def schema() -> dict[str, Any]:
    """One object: the findings or, by the flags of those names, the statistics or the settings."""
    version = {"const": VERSION, "description": "Changes when a reader would have to; new keys may come."}
    language = {"language": {"enum": list(LANGUAGES), "description": "That of the messages."}}
    kinds = {
        "diagnostics": _list("diagnostic", "By file, place and code."),
        "statistics": _list("count", "The most frequent rule first."),
        "settings": {"$ref": "#/$defs/settings"},
    }
    return {
        "$schema": DIALECT,
        "title": "pipeforge lint",
        "description": "What `pipeforge lint --format json` prints.",
        "oneOf": [
            object_({"version": version, **(language if name == "diagnostics" else {}), name: kind})
            for name, kind in kinds.items()
        ],
        "$defs": {
            "position": _position(),
            "span": object_({"start": _ref("position"), "end": _ref("position")}, _SPAN_MEANS),
            "diagnostic": _diagnostic(),
            "fix": _fix(),
            "count": _count(),
            "settings": _settings(),
        },
    }


_SPAN_MEANS = "From its start up to its end, which is no longer part of it."


def _position() -> dict[str, Any]:
    line = {"type": "integer", "minimum": 1, "description": "From 1."}
    column = {"type": "integer", "minimum": 1, "description": "From 1, in Unicode code points."}
    return object_({"line": line, "column": column})


def _diagnostic() -> dict[str, Any]:
    also = object_({"span": _SPAN, "label": _TEXT})
    return object_(
        {
            "path": _PATH,
            "span": _SPAN,
            "code": _CODE,
            "rule": _RULE,
            "severity": _SEVERITY,
            "message": {"type": "string", "description": "What is wrong."},
            "hint": {"type": ["string", "null"], "description": "The mend."},
            "see_also": {"type": "array", "items": also, "description": "Other places of the same file."},
            "fix": {"anyOf": [_ref("fix"), {"type": "null"}]},
            "fingerprint": {
                "type": "string",
                "description": "The same for the same finding in every run, also when lines above it change.",
            },
            "url": {"type": "string", "format": "uri", "description": "The rule's page."},
        },
        "One finding.",
    )


def _fix() -> dict[str, Any]:
    edit = object_({"span": _SPAN, "text": {"type": "string", "description": "What belongs there."}})
    edits = "Made together; none where they would show a credential."
    return object_(
        {
            "title": _TEXT,
            "safe": {"type": "boolean", "description": "The meaning is certainly what the author wanted."},
            "edits": {"type": "array", "items": edit, "description": edits},
        },
        "How a machine mends it.",
    )


def _count() -> dict[str, Any]:
    number = {"type": "integer", "minimum": 0}
    counted = {"found": {**number, "minimum": 1}, "fixable": {**number, "description": "Those with a fix."}}
    return object_({"code": _CODE, "rule": _RULE, "severity": _SEVERITY, **counted})


def _settings() -> dict[str, Any]:
    project = object_(
        {
            "path": {
                "type": ["string", "null"],
                "description": "The project file; null where there is none.",
            },
            "ignore": _CODES,
            "per_path": {"type": "object", "additionalProperties": _CODES},
            "pipelines": {"type": "array", "items": _PATH, "description": "Those that it governs."},
        }
    )
    environment = {"type": ["string", "null"], "description": "What --env names."}
    return object_(
        {"environment": environment, "left_out": _CODES, "projects": {"type": "array", "items": project}}
    )


def object_(properties: dict[str, Any], description: str = "") -> dict[str, Any]:
    """An object that has all of these keys. Others may come with a later version of pipeforge."""
    told = {"description": description} if description else {}
    return {"type": "object", **told, "required": list(properties), "properties": properties}


def _list(item: str, description: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(item), "description": description}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}
