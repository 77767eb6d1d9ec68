"""A world as text and back: JSON has no numbers as keys."""

import json
from collections.abc import Mapping
from typing import Any

from pipeforge.adapter import Json

_BESIDE = ("faults", "afresh")
"""What a world says beside its vendors."""


def vendors(world: Mapping[str, Json]) -> list[str]:
    """Those of a world."""
    return [name for name in world if name not in _BESIDE]


def packed(world: Json) -> str:
    """Every mapping as a list of pairs."""
    return json.dumps(_pairs(world))


def unpacked(text: str | bytes) -> Json:
    """The world of such a text."""
    return _mappings(json.loads(text))


def _pairs(value: Any) -> Any:
    if isinstance(value, dict):
        return {"of": [[key, _pairs(inner)] for key, inner in value.items()]}
    return [_pairs(each) for each in value] if isinstance(value, list | tuple) else value


def _mappings(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _mappings(inner) for key, inner in value["of"]}
    return [_mappings(each) for each in value] if isinstance(value, list) else value
