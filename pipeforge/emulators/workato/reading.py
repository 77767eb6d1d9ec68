"""Reads what a client writes about a recipe: wrapped or bare, everything in it a text."""

import json
from typing import TypedDict

from pipeforge.emulators.core import Asked, Json
from pipeforge.emulators.workato.refusing import bad_request

TEXTS = ("name", "description", "code", "config", "folder_id")
LONGEST_NAME = 255


class Written(TypedDict, total=False):
    """What was given, decoded."""

    name: str
    description: str
    code: str
    config: list[dict[str, Json]]
    folder_id: int


def body(asked: Asked) -> dict[str, Json]:
    """The body, which must be a JSON object and say so; 400 otherwise."""
    if "json" not in asked.headers.get("content-type", ""):
        raise bad_request()
    try:
        found = asked.json()
    except ValueError:
        raise bad_request() from None
    if not isinstance(found, dict):
        raise bad_request()
    return found


def recipe(asked: Asked) -> Written:
    """The fields of a recipe; 400 for one that is no text, or whose text is not what it should be."""
    found = body(asked)
    inner = found.get("recipe", found)
    if not isinstance(inner, dict):
        raise bad_request()
    for key in TEXTS:
        if not isinstance(inner.get(key), str | None):
            raise bad_request(f"{key}: Must be a String")
    return _decoded({key: inner[key] for key in TEXTS if inner.get(key) is not None})


def _decoded(given: dict[str, str]) -> Written:
    made = Written()
    if "name" in given:
        if not given["name"].strip() or len(given["name"]) > LONGEST_NAME:
            raise bad_request()
        made["name"] = given["name"]
    if "description" in given:
        made["description"] = given["description"]
    if "code" in given:
        _json(given["code"], dict)
        made["code"] = given["code"]
    if "config" in given:
        made["config"] = _config(given["config"])
    if "folder_id" in given:
        made["folder_id"] = folder(given["folder_id"])
    return made


def folder(text: str) -> int:
    """A folder's number; 400 if it is none."""
    if not (text.isascii() and text.isdigit()):
        raise bad_request()
    return int(text)


def _config(text: str) -> list[dict[str, Json]]:
    lines: list[dict[str, Json]] = _json(text, list)
    if not all(isinstance(line, dict) for line in lines):
        raise bad_request()
    return lines


def _json(text: str, wanted: type) -> Json:
    try:
        found = json.loads(text)
    except ValueError:
        raise bad_request() from None
    if not isinstance(found, wanted):
        raise bad_request()
    return found
