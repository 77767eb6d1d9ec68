"""What digdag looks at in a project that is pushed: names, keys, operators, what waits for what. All 400.

Measured at digdag's own loader and compiler (digdag-core 0.9.42), by tests/live/test_digdag_engine.py.
"""

import re
from collections.abc import Mapping

from pipeforge.emulators.core import Json
from pipeforge.emulators.treasure.refusing import invalid
from pipeforge.emulators.treasure.zones import time_zone

NAME_LENGTH = 255
_PROJECT = re.compile(r'[^0-9+^@"|<>*?:\\/].*', re.DOTALL)
_WORKFLOW = re.compile(r"[A-Za-z_.=\[\]%&,{}^-][\w.=\[\]@%&,{}^-]*", re.ASCII)
_TASK = re.compile(r"\+[\w.=\[\]@%&,{}-]*", re.ASCII)
_TOP = frozenset({"schedule", "sla", "timezone", "_error", "_check", "_retry", "_parallel", "_export"})
_GROUP = _TOP - {"timezone"} | {"_background", "_after", "_disable", "_secrets"}
"""Keys of a task that only holds others."""


def check_project(name: str) -> None:
    """A project's name."""
    if not name.strip() or len(name) > NAME_LENGTH:
        raise invalid("Validating project failed: a name is blank or too long")
    if _PROJECT.fullmatch(name) is None or name.endswith(".dig"):
        raise invalid(f"Validating project failed: {name} is no name of a project")


def check_workflow(name: str, config: Mapping[str, Json]) -> None:
    """A workflow's name and all that its file defines."""
    if len(name) > NAME_LENGTH or _WORKFLOW.fullmatch(name) is None:
        raise invalid(f"Validating project failed: {name} is no name of a workflow")
    unknown = [key for key in config if key not in _TOP and not key.startswith("+")]
    if unknown:
        raise invalid(f"Validating project failed: workflow {name} has unknown keys: {', '.join(unknown)}")
    if not isinstance(config.get("_export") or {}, dict):
        raise invalid(f"Validating project failed: _export of workflow {name} is no object")
    _check_zone(config.get("timezone", "UTC"))
    _check_within(f"+{name}", config)


def _check_zone(given: Json) -> None:
    try:
        time_zone(str(given))
    except ValueError:
        raise invalid(f"Validating project failed: {given} is no time zone") from None


def _check_within(name: str, given: Mapping[str, Json]) -> None:
    """What a group, a workflow among them, says of itself, and its tasks."""
    parallel, error = given.get("_parallel", False), given.get("_error", {})
    # stated of 0.10: a limit may stand there, which 0.9 refuses
    if not isinstance(parallel, bool | int | dict):
        raise invalid(f"{name}: _parallel is not true or false: {parallel}")
    if not isinstance(error, dict):
        raise invalid(f"{name}: _error is no object: {error}")
    below = {key: value for key, value in given.items() if key.startswith("+")}
    for key, task in below.items():
        _check_task(key, task, f"{name}{key}")
        if isinstance(task, dict):
            _check_waiting(task, list(below), parallel=bool(parallel))


def _check_task(key: str, given: Json, name: str) -> None:
    if len(key) > NAME_LENGTH or _TASK.fullmatch(key) is None:
        raise invalid(f"Validating workflow failed: {key} is no name of a task")
    if not isinstance(given, dict | list):
        raise invalid(f"{name} is no object")
    if isinstance(given, list):
        return
    operators = [each for each in given if each.endswith(">")]
    group = any(each.startswith("+") for each in given)
    if len(operators) > 1:
        raise invalid(f"{name}: a task has one operator: {', '.join(operators)}")
    if group and (operators or "_type" in given):
        raise invalid(f"{name}: a task with an operator has no tasks")
    strange = [each for each in given if each not in _GROUP and not each.startswith("+")]
    if strange and not operators and "_type" not in given:
        raise invalid(f"{name}: without an operator, there are unknown keys: {', '.join(strange)}")
    _check_within(name, given)


def _check_waiting(task: Mapping[str, Json], siblings: list[str], *, parallel: bool) -> None:
    if task.get("_background") is True and parallel:
        raise invalid("_background is of no use beneath _parallel")
    after = task.get("_after")
    if after is not None and not parallel:
        raise invalid("_after is for tasks beneath _parallel")
    for each in after if isinstance(after, list) else []:
        if each not in siblings:
            raise invalid(f"_after names {each}, which there is not")
