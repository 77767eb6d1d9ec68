"""How trocco shows what is set up: transfer settings, workflows, data marts. Empty arrays are left out."""

from collections.abc import Mapping, Sequence

from pipeforge.emulators.core import Json
from pipeforge.emulators.trocco.world import (
    DatamartDefinition,
    Definition,
    Task,
    TransferDefinition,
    Variable,
    WorkflowDefinition,
)

MADE = "2023-08-23T03:00:00.000+09:00"


def listed_transfer(number: int, name: str, of: TransferDefinition) -> dict[str, Json]:
    """An item of the list of transfer settings."""
    types = {"input_option_type": of.input_option_type, "output_option_type": of.output_option_type}
    return _every(number, name, of) | types


def transfer(number: int, name: str, of: TransferDefinition) -> dict[str, Json]:
    """A transfer setting."""
    return listed_transfer(number, name, of) | {
        "is_runnable_concurrently": of.is_runnable_concurrently,
        "retry_limit": of.retry_limit,
        "input_option": _option(f"{of.input_option_type}_input_option", of.custom_variables),
        "output_option": _option(f"{of.output_option_type}_output_option", of.output_custom_variables),
    }


def listed_workflow(number: int, name: str, of: WorkflowDefinition) -> dict[str, Json]:
    """An item of the list of workflows."""
    return {key: value for key, value in _every(number, name, of).items() if key != "schedules"}


def workflow(number: int, name: str, of: WorkflowDefinition) -> dict[str, Json]:
    """A workflow."""
    shown = _every(number, name, of) | {
        "max_task_parallelism": of.max_task_parallelism,
        "execution_timeout": of.execution_timeout,
        "max_retries": of.max_retries,
        "min_retry_interval": of.min_retry_interval,
        "is_concurrent_execution_skipped": of.is_concurrent_execution_skipped,
        "is_stopped_on_errors": of.is_stopped_on_errors,
        "tasks": [_task(place, task) for place, task in enumerate(of.tasks, 1)],
        "task_dependencies": [each.model_dump() for each in of.task_dependencies],
    }
    return _without_empty(shown)


def listed_datamart(number: int, name: str, of: DatamartDefinition) -> dict[str, Json]:
    """An item of the list of data mart definitions."""
    return listed(number, name, of) | {"data_warehouse_type": "bigquery"}


def datamart(number: int, name: str, of: DatamartDefinition) -> dict[str, Json]:
    """A data mart definition."""
    shown = _every(number, name, of) | {
        "data_warehouse_type": "bigquery",
        "is_runnable_concurrently": of.is_runnable_concurrently,
        "custom_variable_settings": _variables(of.custom_variables),
    }
    return _without_empty(shown)


def listed(number: int, name: str, of: Definition) -> dict[str, Json]:
    """What every list tells."""
    return {
        "id": number,
        "name": name,
        "description": of.description,
        "created_at": MADE,
        "updated_at": MADE,
    }


def _every(number: int, name: str, of: Definition) -> dict[str, Json]:
    shown = listed(number, name, of) | {
        "resource_group_id": of.resource_group_id,
        "labels": [_label(place, label) for place, label in enumerate(of.labels, 1)],
        "schedules": [each.model_dump() for each in of.schedules],
    }
    return _without_empty(shown)


def _label(number: int, name: str) -> dict[str, Json]:
    told = {"id": number, "name": name, "description": "", "color": "#3a5fcd"}
    return {**told, "created_at": MADE, "updated_at": MADE}


def _option(name: str, variables: Sequence[Variable]) -> dict[str, Json]:
    return {name: {"custom_variable_settings": _variables(variables) or None}}


def _variables(variables: Sequence[Variable]) -> list[Json]:
    return [each.model_dump() for each in variables]


def _task(number: int, task: Task) -> dict[str, Json]:
    own: dict[str, Json] = {"definition_id": task.definition_id, "name": task.name}
    config = {key: value for key, value in own.items() if value is not None} | task.config
    if task.custom_variable_loop is not None:
        config["custom_variable_loop"] = task.custom_variable_loop
    return {"task_identifier": number, "type": task.type, f"{task.type}_config": config}


def _without_empty(shown: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in shown.items() if value != []}
