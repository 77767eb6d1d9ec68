"""Workflow files as an archive brings them: what they define, and how an attempt of them would go."""

import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError

from pipeforge.emulators.core import Json
from pipeforge.emulators.treasure.compiling import check_workflow
from pipeforge.emulators.treasure.refusing import invalid
from pipeforge.emulators.treasure.world import TaskScript

ENDING = ".dig"
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def workflows(archive: bytes, limit: int) -> dict[str, dict[str, Json]]:
    """By name, what each `.dig` file at the root of a tar.gz defines.

    400 for what cannot be read, and for files that unpack to more than `limit` bytes.
    """
    found: dict[str, dict[str, Json]] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
            for member in _bounded(opened, limit):
                name = member.name.removeprefix("./")
                file = opened.extractfile(member) if name.endswith(ENDING) and "/" not in name else None
                if file is not None:
                    found[name.removesuffix(ENDING)] = definition(file.read().decode("utf-8-sig"), name)
    except (tarfile.TarError, OSError, EOFError, UnicodeDecodeError) as error:
        raise invalid(f"Failed to read the archive: {error}") from None
    return dict(sorted(found.items()))


def _bounded(opened: tarfile.TarFile, limit: int) -> Iterator[tarfile.TarInfo]:
    """Its files; 400 when they are too much, or lead out of it."""
    size = 0
    for member in opened:
        size += member.size
        if size > limit:
            raise invalid(f"Total size of the archive exceeds limit ({size} > {limit} bytes)")
        if member.name.startswith("/") or ".." in member.name.split("/"):
            raise invalid(f"Invalid path in the archive: {member.name}")
        if member.isfile():
            yield member


def definition(text: str, name: str) -> dict[str, Json]:
    """The file as JSON. chosen: one that includes others is taken as empty."""
    if "!include" in text:
        return {}
    try:
        loaded = _reader().load(text)
    except (YAMLError, ValueError) as error:
        raise invalid(f"Failed to load {name}: {str(error).splitlines()[0]}") from None
    if not isinstance(loaded, dict):
        raise invalid(f"Failed to load {name}: a workflow is a mapping")
    kept: dict[str, Json] = _plain(loaded)
    check_workflow(name.removesuffix(ENDING), kept)
    return kept


class _Texts(SafeConstructor):
    """What YAML takes for a time is text to digdag."""


_Texts.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def _reader() -> YAML:
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _Texts
    return reader


def _plain(value: Any) -> Json:
    """As JSON, whose keys are texts."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def tasks(config: Mapping[str, Json]) -> list[TaskScript]:
    """The tasks that a definition has, each with the length and end that its operator tells."""
    return [
        _task(name, given if isinstance(given, dict) else {})
        for name, given in config.items()
        if name.startswith("+")
    ]


def _task(name: str, given: Mapping[str, Json]) -> TaskScript:
    own = {key: value for key, value in given.items() if not key.startswith("+")}
    operator = next((key for key in own if key.endswith(">")), "")
    said = str(own.get(operator, ""))
    return TaskScript(
        name=name,
        seconds=_seconds(said) if operator == "wait>" else 0.5,
        outcome="error" if operator == "fail>" else "success",
        message=said,
        log=[said] if operator == "echo>" else [],
        config=own,
        parallel=own.get("_parallel") is True,
        tasks=tasks(given),
    )


def _seconds(text: str) -> float:
    found = re.findall(r"(\d+)\s*([smhd])", text)
    return sum(int(number) * _UNITS[unit] for number, unit in found) if found else 0.5


def written(config: Mapping[str, Json], timezone: str) -> str:
    """A definition as a file, for what was never pushed: YAML that is JSON."""
    lines = [f"timezone: {timezone}"] + [
        f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in config.items()
    ]
    if not any(key.startswith("+") for key in config):
        lines.append('+main: {"echo>": "as its script says"}')
    return "\n".join(lines) + "\n"
