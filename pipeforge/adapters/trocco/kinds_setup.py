"""What a pipeline can ask about what is set up in trocco: transfer settings and workflows."""

from pydantic import BaseModel, Field

from pipeforge.adapter import Guarantee, Kind, Role, Traits
from pipeforge.adapters.trocco import naming
from pipeforge.adapters.trocco.kinds import CONFIG, TroccoConnection
from pipeforge.adapters.trocco.kinds_jobs import ALL_PAGES, Most, Number
from pipeforge.language.saying import say


class Schedule(BaseModel):
    """When trocco runs something by itself. Whether the schedule is switched on trocco does not tell."""

    model_config = CONFIG

    frequency: str | None = None
    """How often: `hourly`, `daily`, `weekly` or `monthly`."""
    minute: int | None = None
    """The minute of the hour."""
    hour: int | None = None
    """The hour of the day."""
    day: int | None = None
    """The day of the month."""
    day_of_week: int | None = None
    """The day of the week as trocco counts it."""
    time_zone: str | None = None
    """The zone of these times."""


class CustomVariable(BaseModel):
    """A custom variable that a definition has."""

    model_config = CONFIG

    name: str
    """Its name, dollar signs included."""
    side: str
    """Where it is used: `input` or `output`. A value given to a run holds for both."""
    type: str | None = None
    """`string`, `timestamp` (moved by `context_time`) or `timestamp_runtime` (taken when the job starts)."""
    value: str | None = None
    """The default of a `string`."""
    quantity: int | None = None
    """Of a time: how many units before or after."""
    unit: str | None = None
    """Of a time: `hour`, `date` or `month`."""
    direction: str | None = None
    """Of a time: `ago` or `later`."""
    format: str | None = None
    """Of a time: how it is written, with Ruby's strftime signs."""
    time_zone: str | None = None
    """Of a time: its zone."""


class _Definition(BaseModel):
    model_config = CONFIG

    id: int
    """Its number."""
    name: str | None = None
    """Its name."""
    description: str | None = None
    """What its author wrote of it."""
    link: str
    """Its page in trocco."""
    resource_group_id: int | None = None
    """The resource group that it belongs to."""
    labels: list[str] = Field(default_factory=list)
    """The names of its labels."""
    schedules: list[Schedule] = Field(default_factory=list)
    """When trocco itself runs it."""
    created_at: str | None = None
    """When it was made, as trocco writes it."""
    updated_at: str | None = None
    """When it was last changed."""


class JobDefinition(_Definition):
    """A transfer setting as a list shows it."""

    input_option_type: str | None = None
    """Where the data comes from, such as `mysql`."""
    output_option_type: str | None = None
    """Where the data goes, such as `bigquery`."""


class GetJobDefinitionOutputs(JobDefinition):
    """Outputs of trocco.get_job_definition."""

    is_runnable_concurrently: bool | None = None
    """False: a job is skipped while another of this setting is going."""
    retry_limit: int | None = None
    """How often trocco itself tries a failed transfer again."""
    custom_variables: list[CustomVariable] = Field(default_factory=list)
    """Its custom variables, those of its input first."""


class GetJobDefinitionParams(BaseModel):
    """Parameters of trocco.get_job_definition."""

    model_config = CONFIG

    job_definition_id: Number = Field(examples=[1201])
    """The number of the transfer setting."""


class ListJobDefinitionsParams(BaseModel):
    """Parameters of trocco.list_job_definitions."""

    model_config = CONFIG

    name: str | None = Field(default=None, min_length=1, examples=["orders"])
    """Only transfer settings with this in their names."""
    limit: Most = None
    """At most so many; by default all."""


class ListJobDefinitionsOutputs(BaseModel):
    """Outputs of trocco.list_job_definitions."""

    model_config = CONFIG

    job_definitions: list[JobDefinition]
    """The transfer settings that this API key may see."""


class Task(BaseModel):
    """One task of a workflow. What else belongs to it, such as texts and headers of requests, is left out."""

    model_config = CONFIG

    task_identifier: int | None = None
    """Its number within the workflow."""
    type: str | None = None
    """What it is: `trocco_transfer`, `trocco_pipeline`, `trocco_dbt`, `http_request`, …"""
    definition_id: int | None = None
    """The number of the definition that it runs, if it runs one."""
    name: str | None = None
    """Its name, or that of its definition."""
    loops: bool = False
    """Whether it runs once for each value of a custom variable."""


class Dependency(BaseModel):
    """One task that waits for another."""

    model_config = CONFIG

    source: int
    """The task that is waited for."""
    destination: int
    """The task that waits."""


class WorkflowDefinition(_Definition):
    """A workflow as a list shows it."""


class GetWorkflowDefinitionOutputs(_Definition):
    """Outputs of trocco.get_workflow_definition."""

    max_task_parallelism: int | None = None
    """How many of its tasks run at once."""
    execution_timeout: int | None = None
    """Minutes after which trocco ends a job of it."""
    max_retries: int | None = None
    """How often trocco itself runs a failed job again."""
    min_retry_interval: int | None = None
    """Minutes before each of these."""
    is_concurrent_execution_skipped: bool | None = None
    """True: a job is skipped while another of this workflow is going."""
    is_stopped_on_errors: bool | None = None
    """True: when one task fails, those that are going are stopped."""
    tasks: list[Task] = Field(default_factory=list)
    """Its tasks."""
    task_dependencies: list[Dependency] = Field(default_factory=list)
    """Which task waits for which."""


class GetWorkflowDefinitionParams(BaseModel):
    """Parameters of trocco.get_workflow_definition."""

    model_config = CONFIG

    pipeline_definition_id: Number = Field(examples=[310])
    """The number of the workflow definition."""


class ListWorkflowDefinitionsParams(BaseModel):
    """Parameters of trocco.list_workflow_definitions."""

    model_config = CONFIG

    limit: Most = None
    """At most so many; by default all."""


class ListWorkflowDefinitionsOutputs(BaseModel):
    """Outputs of trocco.list_workflow_definitions."""

    model_config = CONFIG

    pipeline_definitions: list[WorkflowDefinition]
    """The workflows that this API key may see."""


GET_JOB_DEFINITION = Kind(
    name="trocco.get_job_definition",
    params=GetJobDefinitionParams,
    outputs=GetJobDefinitionOutputs,
    connection=TroccoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Asks how a transfer setting is set up: its custom variables, schedules, retries. trocco cannot "
    "describe settings with certain connectors and answers 400 for them: that fails the step, although such "
    "a setting runs. A deleted one is answered with 403.",
    recovery="asked again",
    traits=Traits(
        names=naming.TRANSFER,
        called={"id": "job_definition_id", "definition_id": "job_definition_id"},
    ),
)

LIST_JOB_DEFINITIONS = Kind(
    name="trocco.list_job_definitions",
    params=ListJobDefinitionsParams,
    outputs=ListJobDefinitionsOutputs,
    connection=TroccoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Lists the transfer settings of the account, all pages of them, with their schedules and labels.",
    recovery="asked again",
    traits=Traits(lacks={"cursor": ALL_PAGES}),
)

GET_WORKFLOW_DEFINITION = Kind(
    name="trocco.get_workflow_definition",
    params=GetWorkflowDefinitionParams,
    outputs=GetWorkflowDefinitionOutputs,
    connection=TroccoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Asks how a workflow is set up: its tasks and their order, schedules, retries, time limits.",
    recovery="asked again",
    traits=Traits(
        names=naming.WORKFLOW,
        called={"id": "pipeline_definition_id", "definition_id": "pipeline_definition_id"},
    ),
)

LIST_WORKFLOW_DEFINITIONS = Kind(
    name="trocco.list_workflow_definitions",
    params=ListWorkflowDefinitionsParams,
    outputs=ListWorkflowDefinitionsOutputs,
    connection=TroccoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Lists the workflows of the account, all pages of them.",
    recovery="asked again",
    traits=Traits(
        lacks={"cursor": ALL_PAGES, "name": say("trocco lists workflows without a filter: filter the list")}
    ),
)
