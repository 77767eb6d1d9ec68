"""trocco's questions: what each asks of the client, and what its answer becomes."""

from collections.abc import Sequence
from typing import Any

from pipeforge.adapters.trocco.client import TroccoClient
from pipeforge.adapters.trocco.kinds_jobs import (
    GetJobOutputs,
    GetJobParams,
    GetWorkflowJobOutputs,
    GetWorkflowJobParams,
    ListedJob,
    ListJobsOutputs,
    ListJobsParams,
)
from pipeforge.adapters.trocco.kinds_setup import (
    CustomVariable,
    Dependency,
    GetJobDefinitionOutputs,
    GetJobDefinitionParams,
    GetWorkflowDefinitionOutputs,
    GetWorkflowDefinitionParams,
    JobDefinition,
    ListJobDefinitionsOutputs,
    ListJobDefinitionsParams,
    ListWorkflowDefinitionsOutputs,
    ListWorkflowDefinitionsParams,
    Schedule,
    Task,
    WorkflowDefinition,
)
from pipeforge.adapters.trocco.wire import ShownJob, normalise
from pipeforge.adapters.trocco.wire_definitions import JobDefinition as ToldJobDefinition
from pipeforge.adapters.trocco.wire_definitions import Label, PipelineDefinition
from pipeforge.adapters.trocco.wire_definitions import Task as ToldTask
from pipeforge.adapters.trocco.written import given_instant

_ID = "job_definitions"
_WORKFLOW = "pipeline_definitions"  # inferred: addressed as a transfer setting's page is


async def get_job(client: TroccoClient, params: GetJobParams) -> GetJobOutputs:
    job = await client.get_job(params.job_id)
    told = job.model_dump() | {"status": normalise(job.status), "link": client.link("jobs", job.id)}
    return GetJobOutputs(**told)


async def get_workflow_job(client: TroccoClient, params: GetWorkflowJobParams) -> GetWorkflowJobOutputs:
    job = await client.get_workflow_job(params.pipeline_job_id)
    told = job.model_dump() | {"status": normalise(job.status), "link": client.link("pipeline_jobs", job.id)}
    return GetWorkflowJobOutputs(**told)


async def list_jobs(client: TroccoClient, params: ListJobsParams) -> ListJobsOutputs:
    since = given_instant(params.start_time, "start_time")
    jobs = await client.every_job(params.job_definition_id, since, params.limit)
    return ListJobsOutputs(jobs=[_listed(client, job) for job in jobs])


async def get_job_definition(client: TroccoClient, params: GetJobDefinitionParams) -> GetJobDefinitionOutputs:
    found = await client.get_job_definition(params.job_definition_id)
    return GetJobDefinitionOutputs(
        **_job_definition(client, found),
        is_runnable_concurrently=found.is_runnable_concurrently,
        retry_limit=found.retry_limit,
        custom_variables=custom_variables(found),
    )


async def list_job_definitions(
    client: TroccoClient, params: ListJobDefinitionsParams
) -> ListJobDefinitionsOutputs:
    found = await client.list_job_definitions(params.name, params.limit)
    return ListJobDefinitionsOutputs(
        job_definitions=[JobDefinition(**_job_definition(client, one)) for one in found]
    )


async def get_workflow_definition(
    client: TroccoClient, params: GetWorkflowDefinitionParams
) -> GetWorkflowDefinitionOutputs:
    found = await client.get_workflow_definition(params.pipeline_definition_id)
    plain = {
        "max_task_parallelism",
        "execution_timeout",
        "max_retries",
        "min_retry_interval",
        "is_concurrent_execution_skipped",
        "is_stopped_on_errors",
    }
    return GetWorkflowDefinitionOutputs(
        **_definition(found, client.link(_WORKFLOW, found.id)),
        **found.model_dump(include=plain),
        tasks=[_task(task) for task in found.tasks or ()],
        task_dependencies=[Dependency(**one.model_dump()) for one in found.task_dependencies or ()],
    )


async def list_workflow_definitions(
    client: TroccoClient, params: ListWorkflowDefinitionsParams
) -> ListWorkflowDefinitionsOutputs:
    found = await client.list_workflow_definitions(params.limit)
    return ListWorkflowDefinitionsOutputs(
        pipeline_definitions=[
            WorkflowDefinition(**_definition(one, client.link(_WORKFLOW, one.id))) for one in found
        ]
    )


def custom_variables(found: ToldJobDefinition) -> list[CustomVariable]:
    """Of a transfer setting, those of its input first."""
    return [CustomVariable(side=side, **one.model_dump()) for side, one in found.variables()]


def _listed(client: TroccoClient, job: ShownJob) -> ListedJob:
    status = None if job.status is None else normalise(job.status)
    return ListedJob(**job.model_dump() | {"status": status, "link": client.link("jobs", job.id)})


def _job_definition(client: TroccoClient, found: ToldJobDefinition) -> dict[str, Any]:
    types = found.model_dump(include={"input_option_type", "output_option_type"})
    return _definition(found, client.link(_ID, found.id)) | types


def _definition(found: ToldJobDefinition | PipelineDefinition, link: str) -> dict[str, Any]:
    plain = {"id", "name", "description", "resource_group_id", "created_at", "updated_at"}
    return found.model_dump(include=plain) | {
        "link": link,
        "labels": _names(found.labels or ()),
        "schedules": [Schedule(**one.model_dump()) for one in found.schedules or ()],
    }


def _names(labels: Sequence[Label | str]) -> list[str]:
    return [one if isinstance(one, str) else one.name for one in labels]


def _task(task: ToldTask) -> Task:
    return Task(
        task_identifier=task.task_identifier,
        type=task.type,
        definition_id=task.config.definition_id,
        name=task.config.name,
        loops=task.config.custom_variable_loop is not None,
    )
