"""What a recipe is made of: its lines and its connection lines, read from or made for the API."""

import json
from collections.abc import Iterator

from pipeforge.emulators.core import Json
from pipeforge.emulators.workato.world import Recipe as Script


def code_of(script: Script) -> str:
    """A scripted recipe's lines, as JSON in a string."""
    if script.code is not None:
        return json.dumps(script.code, ensure_ascii=False)
    steps = [
        {"number": number, "provider": each, "name": "run", "as": each, "keyword": "action", "input": {}}
        for number, each in enumerate(script.action_applications, 1)
    ]
    trigger = {"number": 0, "provider": script.trigger_application, "name": "poll", "keyword": "trigger"}
    return json.dumps({**trigger, "input": {}, "block": steps})


def config_of(script: Script) -> list[dict[str, Json]]:
    """A scripted recipe's connection lines."""
    if script.config is not None:
        return [filled(line) for line in script.config]
    used = [each for each in (script.trigger_application, *script.action_applications) if each]
    return [filled({"keyword": "application", "name": each, "provider": each}) for each in used]


def filled(line: dict[str, Json]) -> dict[str, Json]:
    """A connection line as it is shown: what was left out is null or false."""
    return {"skip_validation": False, "account_id": None, **line}


def providers(code: str) -> tuple[str | None, list[str]]:
    """The trigger's application and those of the actions, each once."""
    try:
        root = json.loads(code or "{}")
    except ValueError:
        return None, []
    lines = list(_lines(root))
    trigger = next((line.get("provider") for line in lines if line.get("keyword") == "trigger"), None)
    actions = [
        line["provider"] for line in lines if line.get("provider") and line.get("keyword") != "trigger"
    ]
    return trigger, list(dict.fromkeys(actions))


def lines(code: str) -> list[dict[str, Json]]:
    """All lines in their order."""
    root = json.loads(code)
    return list(_lines(root)) if root else []


def _lines(line: Json) -> Iterator[dict[str, Json]]:
    """A line and those in its block, in their order."""
    if isinstance(line, dict):
        yield line
        for inner in line.get("block") or ():
            yield from _lines(inner)
