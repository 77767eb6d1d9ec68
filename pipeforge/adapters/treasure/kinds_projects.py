"""Kinds that show projects, their revisions and workflows.

Source: the groups Project and Workflow of the vendor's OpenAPI description.
"""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from pipeforge.adapters.treasure.fields import Instant, Name, OfProject, OfWorkflow, Paged
from pipeforge.adapters.treasure.making import OUTPUTS, Outputs, reading
from pipeforge.adapters.treasure.rows import (
    ProjectRow,
    RevisionRow,
    ScheduleRow,
    SessionRow,
    TruncatedRow,
    WorkflowRow,
)


class ListProjectsParams(Paged):
    """Which projects to list."""

    name_pattern: Name | None = None
    """Only those whose name holds this text."""


class ProjectsOutputs(Outputs):
    """What was found."""

    projects: list[ProjectRow]
    """The projects, by id."""


class ProjectOutputs(ProjectRow):
    """The project as it stands."""

    model_config = OUTPUTS


class GetProjectArchiveParams(OfProject):
    """Which archive to fetch, and where to keep it."""

    revision: Name | None = None
    """The name of a revision; the latest where it is left out."""
    save_to: Annotated[str, Field(min_length=1, examples=["backups/sales.tar.gz"])] | None = None
    """A file to write the archive to, beside the pipeline; what was there is replaced."""


class ArchivedFile(Outputs):
    """One file of an archive."""

    name: str
    """Its path in the archive."""
    size: int
    """Bytes."""


class ArchiveOutputs(Outputs):
    """What the archive holds."""

    size: int
    """Bytes of the archive, which is a tar.gz."""
    md5: str
    """Its MD5 digest in base64, as the project shows it."""
    files: list[ArchivedFile]
    """Its files, by name; at most 10,000."""
    saved_to: str | None
    """The file that it was written to; null where none was named."""


class ListProjectRevisionsParams(OfProject):
    """Whose revisions to list."""

    limit: int | None = Field(default=None, ge=1)
    """At most so many; left out, all that are told of: an open-source server tells of the newest 100."""


class RevisionsOutputs(Outputs):
    """What was found."""

    revisions: list[RevisionRow]
    """The revisions, newest first."""


class ListProjectSchedulesParams(OfProject):
    """Whose schedules to list."""

    workflow: Name | None = None
    """Only that of the workflow of this name."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many; left out, all of them."""


class SchedulesOutputs(Outputs):
    """What was found."""

    schedules: list[ScheduleRow]
    """The schedules, by id."""


class ListProjectSessionsParams(OfProject):
    """Whose sessions to list."""

    workflow: Name | None = None
    """Only those of the workflow of this name."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many; left out, all of them."""


class ProjectSessionsOutputs(Outputs):
    """What was found."""

    sessions: list[SessionRow]
    """The sessions, newest first."""


class SecretsOutputs(Outputs):
    """What was found; values are never told."""

    keys: list[str]
    """The keys under which the project keeps secrets."""


class ListProjectWorkflowsParams(OfProject):
    """Whose workflows to list."""

    revision: Name | None = None
    """The name of a revision; the latest where it is left out."""


class WorkflowsOutputs(Outputs):
    """What was found."""

    workflows: list[WorkflowRow]
    """The workflows."""


class GetProjectWorkflowParams(OfProject):
    """Which workflow to show."""

    workflow: Annotated[Name, Field(examples=["build_mart"])]
    """The workflow's name."""
    revision: Name | None = None
    """The name of a revision; the latest where it is left out."""


class WorkflowOutputs(WorkflowRow):
    """The workflow of one revision."""

    model_config = OUTPUTS


class ListWorkflowsParams(Paged):
    """Which workflows to list."""

    name_pattern: Name | None = None
    """Only those whose name holds this text."""
    search_project_name: bool = False
    """Whether the text may stand in the project's name instead."""
    order: Literal["asc", "desc"] = "asc"
    """`asc`: by id, the smallest first. `desc`: the greatest first."""


class TruncatedSessionTimeParams(OfWorkflow):
    """Which time to cut, and how."""

    session_time: Annotated[Instant, Field(examples=["${{ context_time }}"])]
    """The instant to begin with, with an offset."""
    mode: Literal["hour", "day", "schedule", "next_schedule"] | None = None
    """`hour`: the hour it lies in. `day`: the day it lies in. `schedule`: the first scheduled time from it
    on. `next_schedule`: the scheduled time after it. Left out, it is the time itself, in the workflow's zone.
    """


class TruncatedOutputs(TruncatedRow):
    """The time as the workflow would take it."""

    model_config = OUTPUTS


LIST_PROJECTS = reading("list_projects", ListProjectsParams, ProjectsOutputs, "Lists projects.")
GET_PROJECT = reading("get_project", OfProject, ProjectOutputs, "Shows one project in its latest revision.")
_ARCHIVE = reading(
    "get_project_archive",
    GetProjectArchiveParams,
    ArchiveOutputs,
    "Fetches what was pushed in one revision: tells its files, and writes the archive to a file if one is "
    "named. Archives of more than 64 MiB are not fetched.",
)
GET_PROJECT_ARCHIVE = replace(_ARCHIVE, traits=_ARCHIVE.traits._replace(paths=("save_to",)))
LIST_PROJECT_REVISIONS = reading(
    "list_project_revisions",
    ListProjectRevisionsParams,
    RevisionsOutputs,
    "Lists a project's revisions.",
)
LIST_PROJECT_SCHEDULES = reading(
    "list_project_schedules",
    ListProjectSchedulesParams,
    SchedulesOutputs,
    "Lists the schedules of a project's workflows.",
)
LIST_PROJECT_SESSIONS = reading(
    "list_project_sessions",
    ListProjectSessionsParams,
    ProjectSessionsOutputs,
    "Lists the sessions of a project's workflows, newest first.",
)
LIST_SECRETS = reading(
    "list_secrets", OfProject, SecretsOutputs, "Lists the keys of a project's secrets. No value is ever told."
)
LIST_PROJECT_WORKFLOWS = reading(
    "list_project_workflows",
    ListProjectWorkflowsParams,
    WorkflowsOutputs,
    "Lists the workflows of one revision of a project.",
)
GET_PROJECT_WORKFLOW = reading(
    "get_project_workflow",
    GetProjectWorkflowParams,
    WorkflowOutputs,
    "Shows one workflow of a project, in its latest or in another revision.",
)
LIST_WORKFLOWS = reading(
    "list_workflows",
    ListWorkflowsParams,
    WorkflowsOutputs,
    "Lists the workflows of all projects, each in its latest revision.",
)
GET_WORKFLOW = reading(
    "get_workflow",
    OfWorkflow,
    WorkflowOutputs,
    "Shows one workflow, by its names or by its id.",
)
TRUNCATED_SESSION_TIME = reading(
    "get_truncated_session_time",
    TruncatedSessionTimeParams,
    TruncatedOutputs,
    "Tells which session time a workflow would take for an instant, in its own time zone. The modes "
    "`schedule` and `next_schedule` need a workflow with a schedule.",
)
