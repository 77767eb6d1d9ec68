"""What a pipeline can ask about trocco's jobs."""

from typing import Annotated

from pydantic import BaseModel, Field

from pipeforge.adapter import Guarantee, Kind, Role, Traits
from pipeforge.adapters.trocco import naming
from pipeforge.adapters.trocco.kinds import (
    CONFIG,
    INSTANTS,
    ContextTime,
    RunJobOutputs,
    RunWorkflowOutputs,
    TroccoConnection,
)
from pipeforge.language.saying import say

Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""trocco's numbers: whole, from 1."""
Most = Annotated[int | None, Field(default=None, ge=1)]
"""At most so many of a list; None for all."""

ALL_PAGES = say("leave it out: all pages are read")


class GetJobParams(BaseModel):
    """Parameters of trocco.get_job."""

    model_config = CONFIG

    job_id: Number = Field(examples=["${{ steps.load_orders.outputs.id }}"])
    """The transfer job's number."""


class GetJobOutputs(RunJobOutputs):
    """Outputs of trocco.get_job. `status` is trocco's word at the time of asking."""


class GetWorkflowJobParams(BaseModel):
    """Parameters of trocco.get_workflow_job."""

    model_config = CONFIG

    pipeline_job_id: Number = Field(examples=["${{ steps.refresh.outputs.id }}"])
    """The workflow job's number."""


class GetWorkflowJobOutputs(RunWorkflowOutputs):
    """Outputs of trocco.get_workflow_job. `status` is trocco's word at the time of asking."""


class ListJobsParams(BaseModel):
    """Parameters of trocco.list_jobs."""

    model_config = CONFIG

    job_definition_id: Number = Field(examples=[1201])
    """The number of the transfer setting whose jobs are listed."""
    start_time: ContextTime = Field(default=None, examples=["${{ context_time | shift(days=-1) }}"])
    """Only jobs that were made at this instant or later; without an offset it is meant in Japan time."""
    limit: Most = None
    """At most so many jobs; by default all, in trocco's order, which it does not document."""


class ListedJob(BaseModel):
    """One transfer job of a list."""

    model_config = CONFIG

    id: int
    """The job's number."""
    status: str | None = None
    """trocco's word for how it goes or ended."""
    link: str
    """The job's page in trocco."""
    job_definition_id: int | None = None
    """The transfer setting's number."""
    job_definition_name: str | None = None
    """The transfer setting's name."""
    created_at: str | None = None
    """When it was queued, as trocco writes it."""
    started_at: str | None = None
    """When it started; told only of jobs that are over."""
    finished_at: str | None = None
    """When it ended."""


class ListJobsOutputs(BaseModel):
    """Outputs of trocco.list_jobs."""

    model_config = CONFIG

    jobs: list[ListedJob]
    """The jobs, as trocco lists them."""


GET_JOB = Kind(
    name="trocco.get_job",
    params=GetJobParams,
    outputs=GetJobOutputs,
    connection=TroccoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Asks for the status of a transfer job. A job that is still going is an answer like any other: the "
    "step succeeds, and `status` says `executing`. A number that trocco does not know fails the step.",
    recovery="asked again",
    traits=Traits(names=naming.JOB, called={"id": "job_id"}),
)

GET_WORKFLOW_JOB = Kind(
    name="trocco.get_workflow_job",
    params=GetWorkflowJobParams,
    outputs=GetWorkflowJobOutputs,
    connection=TroccoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Asks for the status of a workflow job (pipeline job). A job that is still going is an answer like "
    "any other. A number that trocco does not know fails the step.",
    recovery="asked again",
    traits=Traits(names=naming.WORKFLOW_JOB, called={"id": "pipeline_job_id", "job_id": "pipeline_job_id"}),
)

LIST_JOBS = Kind(
    name="trocco.list_jobs",
    params=ListJobsParams,
    outputs=ListJobsOutputs,
    connection=TroccoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Lists the jobs of a transfer setting, all pages of them. trocco keeps no list of workflow jobs.",
    recovery="asked again",
    traits=Traits(
        names=naming.TRANSFER,
        instants={"start_time": INSTANTS["context_time"]},
        called={"id": "job_definition_id", "definition_id": "job_definition_id", "since": "start_time"},
        lacks={
            "cursor": ALL_PAGES,
            "end_time": say("trocco does not say which time it means by it: filter what was listed"),
            "time_zone": say("leave it out: {name} carries its own offset", name="start_time"),
        },
    ),
)
