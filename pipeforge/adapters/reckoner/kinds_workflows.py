"""What a pipeline can ask about Reckoner's workflows: one, all of a project, one in importable form."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from pipeforge.adapter import Guarantee, Kind, Role, Traits
from pipeforge.adapters.reckoner import naming
from pipeforge.adapters.reckoner.kinds import CONFIG, ReckonerConnection
from pipeforge.adapters.reckoner.kinds_jobs import ALL_PAGES, Most, Number


class GetWorkflowParams(BaseModel):
    """Parameters of reckoner.get_workflow."""

    model_config = CONFIG

    workflow_id: Number = Field(examples=[42])
    """The workflow's number (not the project's)."""


class Task(BaseModel):
    """One task of a workflow."""

    model_config = CONFIG

    name: str
    """Its name as shown in Reckoner."""
    category: str | None = None
    """source, transform, analytics or sink."""
    subcategory: str | None = None
    """The service or operation, such as MySQL."""
    property: dict[str, Any] = Field(default_factory=dict)
    """Its settings, as Reckoner keeps them; they differ from task to task."""
    integration_name: str | None = None
    """The integration that it uses."""


class Edge(BaseModel):
    """Which task follows which."""

    model_config = CONFIG

    upstream: str
    """The name of the earlier task (`from`)."""
    downstream: str
    """The name of the later task (`to`)."""


class Parameter(BaseModel):
    """A parameter variable that a run may override."""

    model_config = CONFIG

    name: str
    """Its name."""
    value: str | None = None
    """The value that it has when a run gives none; nothing of a secret one."""
    is_secret: bool = False
    """Whether Reckoner hides its value."""


class Schedule(BaseModel):
    """When Reckoner itself runs the workflow."""

    model_config = CONFIG

    is_enabled: bool
    """Whether it does so now."""
    cron: str | None = None
    """When, as a cron expression."""
    timezone: str | None = None
    """The zone that `cron` is meant in."""


class Label(BaseModel):
    """A label of workflows."""

    model_config = CONFIG

    id: int
    """Its number."""
    name: str | None = None
    """Its name."""
    description: str | None = None
    """What it is for."""


class Notification(BaseModel):
    """Who is told how a job ended. Addresses that can be posted to are not shown: they are credentials."""

    model_config = CONFIG

    by: str
    """emails, webhooks, slacks or msteams."""
    status: str | None = None
    """Of which ends: ALL, COMPLETED or FAILED."""
    to: str | None = None
    """The address of a mail, the channel of Slack, the team and channel of Teams."""


class GetWorkflowOutputs(BaseModel):
    """Outputs of reckoner.get_workflow."""

    model_config = CONFIG

    id: int
    """The workflow's number."""
    name: str
    """Its name."""
    description: str | None = None
    """What it is for."""
    tasks: list[Task]
    """Its tasks."""
    task_dependencies: list[Edge]
    """Which task follows which, by their names."""
    parameters: list[Parameter]
    """The variables that `reckoner.run_workflow` may override."""
    schedule: Schedule | None = None
    """When Reckoner itself runs it."""
    webhooks: int
    """How many addresses start it for whoever posts to them; they are credentials and are not shown."""
    notifications: list[Notification]
    """Who is told how a job ended."""
    labels: list[Label]
    """Its labels."""


class ListWorkflowsParams(BaseModel):
    """Parameters of reckoner.list_workflows."""

    model_config = CONFIG

    project_id: Number = Field(examples=[3])
    """The project's number."""
    search_words: Annotated[str, Field(min_length=1)] | None = None
    """Only workflows whose name holds this."""
    label_ids: list[Number] | None = Field(default=None, examples=[[5, 8]])
    """Only workflows with these labels."""
    schedule_filtering_by: Literal["active", "inactive", "all"] | None = None
    """Only workflows whose schedule is on (`active`) or not (`inactive`); by default all."""
    sort: (
        Literal[
            "name:asc",
            "name:desc",
            "updated_at:asc",
            "updated_at:desc",
            "last_started_at:asc",
            "last_started_at:desc",
        ]
        | None
    ) = None
    """The order; by default the last updated first."""
    limit: Most = None
    """At most so many workflows; by default all."""


class ListedWorkflow(BaseModel):
    """One workflow of a list."""

    model_config = CONFIG

    id: int
    """Its number."""
    name: str
    """Its name."""
    description: str | None = None
    """What it is for."""
    updated_at: str | None = None
    """When it was changed last, as Reckoner writes it."""
    last_started_at: str | None = None
    """When a job of it started last."""
    is_scheduled: bool | None = None
    """Whether Reckoner itself runs it by a schedule."""
    labels: list[Label]
    """Its labels."""


class ListWorkflowsOutputs(BaseModel):
    """Outputs of reckoner.list_workflows."""

    model_config = CONFIG

    workflows: list[ListedWorkflow]
    """The workflows, as Reckoner orders them."""


class ExportWorkflowParams(BaseModel):
    """Parameters of reckoner.export_workflow."""

    model_config = CONFIG

    workflow_id: Number = Field(examples=[42])
    """The workflow's number."""


class ExportWorkflowOutputs(BaseModel):
    """Outputs of reckoner.export_workflow."""

    model_config = CONFIG

    name: str
    """The workflow's name."""
    type: str | None = None
    """Its type, in a word that Reckoner does not document."""
    definition: dict[str, Any]
    """The whole workflow as Reckoner's own import takes it: name, description, type, tasks, dependencies,
    parameters. Values of secret parameters are masked in it by Reckoner."""


_CALLED = {"id": "workflow_id", "workflow": "workflow_id"}

GET_WORKFLOW = Kind(
    name="reckoner.get_workflow",
    params=GetWorkflowParams,
    outputs=GetWorkflowOutputs,
    connection=ReckonerConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Asks for a workflow as it is defined: tasks, their order, parameters, schedule, notifications. A "
    "number that Reckoner does not know (NOT_FOUND) fails the step. Reckoner's operation getWorkflow.",
    recovery="asked again",
    traits=Traits(names=naming.WORKFLOW, called=_CALLED),
)

LIST_WORKFLOWS = Kind(
    name="reckoner.list_workflows",
    params=ListWorkflowsParams,
    outputs=ListWorkflowsOutputs,
    connection=ReckonerConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Lists the workflows of a project, all pages of them. Reckoner's operation listWorkflows.",
    recovery="asked again",
    traits=Traits(
        names=naming.PROJECT,
        called={
            "id": "project_id",
            "project": "project_id",
            "search": "search_words",
            "name": "search_words",
            "labels": "label_ids",
            "scheduled": "schedule_filtering_by",
        },
        lacks={"page": ALL_PAGES},
    ),
)

EXPORT_WORKFLOW = Kind(
    name="reckoner.export_workflow",
    params=ExportWorkflowParams,
    outputs=ExportWorkflowOutputs,
    connection=ReckonerConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Asks for a workflow in the form that Reckoner's screen can import; the API has no import of its "
    "own. A number that Reckoner does not know (NOT_FOUND) fails the step. Reckoner's operation "
    "exportWorkflow.",
    recovery="asked again",
    traits=Traits(names=naming.WORKFLOW, called=_CALLED),
)
