"""The registry: which vendors there are and which kinds they offer, each imported when first needed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, overload

from pipeforge.loading import load

if TYPE_CHECKING:
    from pipeforge.adapter import Kind
    from pipeforge.adapters.settings import ConnectionSettings

KINDS: dict[str, str] = {
    "trocco.run_job": "pipeforge.adapters.trocco.kinds:RUN_JOB",
    "trocco.run_workflow": "pipeforge.adapters.trocco.kinds:RUN_WORKFLOW",
    "trocco.run_datamart": "pipeforge.adapters.trocco.kinds_datamart:RUN_DATAMART",
    "trocco.get_job": "pipeforge.adapters.trocco.kinds_jobs:GET_JOB",
    "trocco.get_workflow_job": "pipeforge.adapters.trocco.kinds_jobs:GET_WORKFLOW_JOB",
    "trocco.list_jobs": "pipeforge.adapters.trocco.kinds_jobs:LIST_JOBS",
    "trocco.get_job_definition": "pipeforge.adapters.trocco.kinds_setup:GET_JOB_DEFINITION",
    "trocco.list_job_definitions": "pipeforge.adapters.trocco.kinds_setup:LIST_JOB_DEFINITIONS",
    "trocco.get_workflow_definition": "pipeforge.adapters.trocco.kinds_setup:GET_WORKFLOW_DEFINITION",
    "trocco.list_workflow_definitions": "pipeforge.adapters.trocco.kinds_setup:LIST_WORKFLOW_DEFINITIONS",
    "treasure.run_workflow": "pipeforge.adapters.treasure.kinds:RUN_WORKFLOW",
    "treasure.backfill_schedule": "pipeforge.adapters.treasure.kinds_schedules:BACKFILL_SCHEDULE",
    "treasure.list_attempts": "pipeforge.adapters.treasure.kinds_attempts:LIST_ATTEMPTS",
    "treasure.get_attempt": "pipeforge.adapters.treasure.kinds_attempts:GET_ATTEMPT",
    "treasure.list_attempt_retries": "pipeforge.adapters.treasure.kinds_attempts:LIST_ATTEMPT_RETRIES",
    "treasure.list_attempt_tasks": "pipeforge.adapters.treasure.kinds_attempts:LIST_ATTEMPT_TASKS",
    "treasure.kill_attempt": "pipeforge.adapters.treasure.kinds_attempts:KILL_ATTEMPT",
    "treasure.list_log_files": "pipeforge.adapters.treasure.kinds_attempts:LIST_LOG_FILES",
    "treasure.get_log_file": "pipeforge.adapters.treasure.kinds_attempts:GET_LOG_FILE",
    "treasure.list_sessions": "pipeforge.adapters.treasure.kinds_attempts:LIST_SESSIONS",
    "treasure.get_session": "pipeforge.adapters.treasure.kinds_attempts:GET_SESSION",
    "treasure.list_session_attempts": "pipeforge.adapters.treasure.kinds_attempts:LIST_SESSION_ATTEMPTS",
    "treasure.list_projects": "pipeforge.adapters.treasure.kinds_projects:LIST_PROJECTS",
    "treasure.get_project": "pipeforge.adapters.treasure.kinds_projects:GET_PROJECT",
    "treasure.get_project_archive": "pipeforge.adapters.treasure.kinds_projects:GET_PROJECT_ARCHIVE",
    "treasure.list_project_revisions": "pipeforge.adapters.treasure.kinds_projects:LIST_PROJECT_REVISIONS",
    "treasure.list_project_schedules": "pipeforge.adapters.treasure.kinds_projects:LIST_PROJECT_SCHEDULES",
    "treasure.list_project_sessions": "pipeforge.adapters.treasure.kinds_projects:LIST_PROJECT_SESSIONS",
    "treasure.list_secrets": "pipeforge.adapters.treasure.kinds_projects:LIST_SECRETS",
    "treasure.list_project_workflows": "pipeforge.adapters.treasure.kinds_projects:LIST_PROJECT_WORKFLOWS",
    "treasure.get_project_workflow": "pipeforge.adapters.treasure.kinds_projects:GET_PROJECT_WORKFLOW",
    "treasure.list_workflows": "pipeforge.adapters.treasure.kinds_projects:LIST_WORKFLOWS",
    "treasure.get_workflow": "pipeforge.adapters.treasure.kinds_projects:GET_WORKFLOW",
    "treasure.get_truncated_session_time": (
        "pipeforge.adapters.treasure.kinds_projects:TRUNCATED_SESSION_TIME"
    ),
    "treasure.push_project": "pipeforge.adapters.treasure.kinds_changes:PUSH_PROJECT",
    "treasure.delete_project": "pipeforge.adapters.treasure.kinds_changes:DELETE_PROJECT",
    "treasure.put_secret": "pipeforge.adapters.treasure.kinds_changes:PUT_SECRET",
    "treasure.delete_secret": "pipeforge.adapters.treasure.kinds_changes:DELETE_SECRET",
    "treasure.list_schedules": "pipeforge.adapters.treasure.kinds_schedules:LIST_SCHEDULES",
    "treasure.get_schedule": "pipeforge.adapters.treasure.kinds_schedules:GET_SCHEDULE",
    "treasure.enable_schedule": "pipeforge.adapters.treasure.kinds_schedules:ENABLE_SCHEDULE",
    "treasure.disable_schedule": "pipeforge.adapters.treasure.kinds_schedules:DISABLE_SCHEDULE",
    "treasure.skip_schedule": "pipeforge.adapters.treasure.kinds_schedules:SKIP_SCHEDULE",
    "workato.poll_recipe": "pipeforge.adapters.workato.kinds:POLL_RECIPE",
    "workato.run_recipe": "pipeforge.adapters.workato.kinds:RUN_RECIPE",
    "workato.start_recipe": "pipeforge.adapters.workato.kinds:START_RECIPE",
    "workato.stop_recipe": "pipeforge.adapters.workato.kinds:STOP_RECIPE",
    "workato.list_recipes": "pipeforge.adapters.workato.kinds_recipes:LIST_RECIPES",
    "workato.get_recipe": "pipeforge.adapters.workato.kinds_recipes:GET_RECIPE",
    "workato.search_recipes": "pipeforge.adapters.workato.kinds_recipes:SEARCH_RECIPES",
    "workato.list_jobs": "pipeforge.adapters.workato.kinds_jobs:LIST_JOBS",
    "workato.get_job": "pipeforge.adapters.workato.kinds_jobs:GET_JOB",
    "workato.create_recipe": "pipeforge.adapters.workato.kinds_changes:CREATE_RECIPE",
    "workato.update_recipe": "pipeforge.adapters.workato.kinds_changes:UPDATE_RECIPE",
    "workato.deploy_recipe": "pipeforge.adapters.workato.kinds_changes:DEPLOY_RECIPE",
    "workato.delete_recipe": "pipeforge.adapters.workato.kinds_changes:DELETE_RECIPE",
    "workato.reset_trigger": "pipeforge.adapters.workato.kinds_changes:RESET_TRIGGER",
    "krewdata.run_unit": "pipeforge.adapters.krewdata.kinds:RUN_UNIT",
    "krewdata.get_task_status": "pipeforge.adapters.krewdata.kinds_tasks:GET_TASK_STATUS",
    "reckoner.run_workflow": "pipeforge.adapters.reckoner.kinds:RUN_WORKFLOW",
    "reckoner.cancel_job": "pipeforge.adapters.reckoner.kinds_jobs:CANCEL_JOB",
    "reckoner.delete_integration": "pipeforge.adapters.reckoner.kinds_integrations:DELETE_INTEGRATION",
    "reckoner.get_job": "pipeforge.adapters.reckoner.kinds_jobs:GET_JOB",
    "reckoner.list_jobs": "pipeforge.adapters.reckoner.kinds_jobs:LIST_JOBS",
    "reckoner.get_workflow": "pipeforge.adapters.reckoner.kinds_workflows:GET_WORKFLOW",
    "reckoner.list_workflows": "pipeforge.adapters.reckoner.kinds_workflows:LIST_WORKFLOWS",
    "reckoner.export_workflow": "pipeforge.adapters.reckoner.kinds_workflows:EXPORT_WORKFLOW",
    "reckoner.list_integrations": "pipeforge.adapters.reckoner.kinds_integrations:LIST_INTEGRATIONS",
}
"""What `uses` can name of our own vendors, and where its Kind is written."""

CONNECTIONS: dict[str, str] = {
    "trocco": "pipeforge.adapters.trocco.kinds:TroccoConnection",
    "treasure": "pipeforge.adapters.treasure.kinds:TreasureConnection",
    "workato": "pipeforge.adapters.workato.kinds:WorkatoConnection",
    "krewdata": "pipeforge.adapters.krewdata.kinds:KrewdataConnection",
    "reckoner": "pipeforge.adapters.reckoner.kinds:ReckonerConnection",
}

VENDORS: tuple[str, ...] = tuple(CONNECTIONS)
"""Our own, in the order they are shown."""


_FOREIGN = "pipeforge.adapters.foreign"
"""Of installed packages. Looking for them takes time, so that nobody pays for it who names ours alone."""


class _Kinds(Mapping[str, "Kind"]):
    """Names are known at once; a Kind is loaded when it is looked up."""

    def __getitem__(self, name: str) -> "Kind":
        kind: Kind = load(KINDS[name]) if name in KINDS else load(f"{_FOREIGN}:kind")(name)
        return kind

    def __iter__(self) -> Iterator[str]:
        yield from KINDS
        yield from load(f"{_FOREIGN}:names")()

    def __len__(self) -> int:
        return len(KINDS) + len(load(f"{_FOREIGN}:names")())

    def __contains__(self, name: object) -> bool:
        return name in KINDS or (isinstance(name, str) and bool(load(f"{_FOREIGN}:offers")(name)))


class _Vendors(Sequence[str]):
    """Ours, and then those of installed packages."""

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return (*VENDORS, *load(f"{_FOREIGN}:entries")())[index]

    def __len__(self) -> int:
        return len(VENDORS) + len(load(f"{_FOREIGN}:entries")())

    def __contains__(self, name: object) -> bool:
        return name in CONNECTIONS or name in load(f"{_FOREIGN}:entries")()


def kinds() -> "Mapping[str, Kind]":
    """Every kind by name. Looking one up imports its vendor's `kinds` module and nothing else.

    Raises UsageError where one that is not ours is named, or all are, and an installed package is wrong.
    """
    return _Kinds()


def vendors() -> Sequence[str]:
    """Every vendor, in the order they are shown. Raises as `kinds` does."""
    return _Vendors()


def connection_model(vendor: str) -> "type[ConnectionSettings]":
    """The model of a vendor's connection. Raises KeyError for one that is not there, else as `kinds` does."""
    model: type[ConnectionSettings] = (
        load(CONNECTIONS[vendor]) if vendor in CONNECTIONS else load(f"{_FOREIGN}:connection_model")(vendor)
    )
    return model
