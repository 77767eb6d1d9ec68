"""A recipe's lines and connections as an author gives them: written out, as JSON in a text, or in a file."""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator

from pipeforge.adapter import Json
from pipeforge.adapters.workato import accepting

Code = Annotated[
    dict[str, Json] | str, BeforeValidator(accepting.code, json_schema_input_type=dict[str, Any] | str)
]
"""A recipe's lines."""

Config = Annotated[
    list[dict[str, Json]] | dict[str, str] | str,
    BeforeValidator(accepting.config, json_schema_input_type=list[dict[str, Any]] | dict[str, Any] | str),
]
"""A recipe's connections."""


def texts(code: Json, config: Json) -> dict[str, str]:
    """Both as Workato takes them: JSON in a text. What is None is left out."""
    given = {"code": code, "config": config}
    return {name: json.dumps(value, ensure_ascii=False) for name, value in given.items() if value is not None}
