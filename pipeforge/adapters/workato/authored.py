"""A recipe's lines and connections as an author gives them: written out, as JSON in a text, or in a file."""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator

from pipeforge.adapter import Json
from pipeforge.adapters.accepting import is_late
from pipeforge.language.refusing import refused
from pipeforge.language.saying import Said, say


def _code(value: Any) -> Any:
    """The trigger's line. Of a file that Workato exported its `code`."""
    found = _read(value)
    if isinstance(found, dict) and isinstance(found.get("code"), dict) and "keyword" not in found:
        found = found["code"]
    if not isinstance(found, dict) or (found.get("keyword") != "trigger" and not _elsewhere(found)):
        raise _wrong(say("this is no recipe's code: its outermost line has no `keyword: trigger`"))
    return found


def _config(value: Any) -> Any:
    """The lines with what Workato needs in each. Of a file that Workato exported its `config`."""
    found = _read(value)
    if isinstance(found, dict) and isinstance(found.get("config"), list):
        found = found["config"]
    if _elsewhere(found):
        return found
    if not isinstance(found, list) or not all(isinstance(line, dict) for line in found):
        raise _wrong(say("this is no recipe's config: it is a list of mappings, one a connector"))
    return [_line(line) for line in found]


def _line(line: dict[str, Json]) -> dict[str, Json]:
    """Without a name Workato takes a line and then never activates the recipe (inferred from a client)."""
    provider = line.get("provider")
    if not isinstance(provider, str) or not provider:
        raise _wrong(say("a line of config has no `provider`"))
    return {"keyword": "application", "name": provider, **line}


def _read(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        if is_late(value):
            return value
        raise _wrong(say("the text is no JSON")) from None


def _elsewhere(value: Any) -> bool:
    """Whether it stands in a file, or is not known yet."""
    if isinstance(value, str):
        return is_late(value)
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("file"), str)


def _wrong(message: Said) -> Exception:
    return refused("workato_recipe", message, say("export the recipe from Workato, or name such a file"))


Code = Annotated[dict[str, Json] | str, BeforeValidator(_code, json_schema_input_type=dict[str, Any] | str)]
"""A recipe's lines."""

Config = Annotated[
    list[dict[str, Json]] | dict[str, str] | str,
    BeforeValidator(_config, json_schema_input_type=list[dict[str, Any]] | dict[str, Any] | str),
]
"""A recipe's connections."""


def texts(code: Json, config: Json) -> dict[str, str]:
    """Both as Workato takes them: JSON in a text. What is None is left out."""
    given = {"code": code, "config": config}
    return {name: json.dumps(value, ensure_ascii=False) for name, value in given.items() if value is not None}
