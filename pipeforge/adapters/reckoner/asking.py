"""Reckoner's questions: what each kind that only asks asks for, and how the answer becomes its outputs."""

from typing import Any

from pipeforge.adapters.calls import Pairs
from pipeforge.adapters.reckoner import kinds_integrations, kinds_jobs, kinds_workflows
from pipeforge.adapters.reckoner.client import PAGE, ReckonerClient
from pipeforge.adapters.reckoner.wire import ListedJob
from pipeforge.adapters.reckoner.wire_definitions import (
    Export,
    Integrations,
    ListedWorkflow,
    Workflow,
    WorkflowPage,
)


async def get_job(client: ReckonerClient, params: kinds_jobs.GetJobParams) -> kinds_jobs.GetJobOutputs:
    """One job, by getWorkflowJob."""
    job = await client.get_job(params.workflow_id, params.job_id)
    found = {**job.model_dump(), "id": params.job_id, "workflow_id": params.workflow_id}
    return kinds_jobs.GetJobOutputs.model_validate(found)


async def list_jobs(client: ReckonerClient, params: kinds_jobs.ListJobsParams) -> kinds_jobs.ListJobsOutputs:
    """All jobs of a workflow, by listWorkflowJobs; each once, whatever moves between two pages."""
    days = [("started_at", params.started_at), ("ended_at", params.ended_at)]
    query = [(name, day) for name, day in days if day is not None]
    found: dict[int, ListedJob] = {}
    seen, number = 0, 0
    while True:
        number += 1
        page, _ = await client.list_jobs(params.workflow_id, number, query)
        seen, known = seen + len(page.jobs), len(found)
        found |= {job.id: job for job in page.jobs}
        if _over(seen, page.total, len(page.jobs), len(found) - known):
            break
    newest_first = [found[number].model_dump() for number in sorted(found, reverse=True)]
    return kinds_jobs.ListJobsOutputs.model_validate({"jobs": newest_first[: params.limit]})


async def get_workflow(
    client: ReckonerClient, params: kinds_workflows.GetWorkflowParams
) -> kinds_workflows.GetWorkflowOutputs:
    """One workflow, by getWorkflow; addresses that start it or can be posted to stay here."""
    found = await client.fit("getWorkflow", {"workflow_id": params.workflow_id}, Workflow)
    shown = found.model_dump()
    shown["parameters"] = [
        {**each.model_dump(), "value": None if each.is_secret else each.value} for each in found.parameters
    ]
    shown["webhooks"] = len(found.webhooks or ())
    shown["notifications"] = _notifications(found.notifications or {})
    return kinds_workflows.GetWorkflowOutputs.model_validate(shown)


async def list_workflows(
    client: ReckonerClient, params: kinds_workflows.ListWorkflowsParams
) -> kinds_workflows.ListWorkflowsOutputs:
    """The workflows of a project, by listWorkflows, as far as they are wanted."""
    query = _filters(params)
    found: dict[int, ListedWorkflow] = {}
    seen, number = 0, 0
    while True:
        number += 1
        pages = [("limit", str(PAGE)), ("page", str(number))]
        path = {"project_id": params.project_id}
        page = await client.fit("listWorkflows", path, WorkflowPage, [*pages, *query])
        seen, known = seen + len(page.workflows), len(found)
        found |= {each.id: each for each in page.workflows if each.id not in found}
        enough = params.limit is not None and len(found) >= params.limit
        if enough or _over(seen, page.total, len(page.workflows), len(found) - known):
            break
    listed = [each.model_dump() for each in found.values()]
    return kinds_workflows.ListWorkflowsOutputs.model_validate({"workflows": listed[: params.limit]})


async def export_workflow(
    client: ReckonerClient, params: kinds_workflows.ExportWorkflowParams
) -> kinds_workflows.ExportWorkflowOutputs:
    """One workflow as Reckoner's import takes it, by exportWorkflow."""
    reply = await client.ask("exportWorkflow", {"workflow_id": params.workflow_id})
    named = client.read(reply, Export)
    definition = {str(key): value for key, value in reply.body.items()}
    return kinds_workflows.ExportWorkflowOutputs(
        name=named.name, type=named.type, definition=client.redactor.json(definition)
    )


async def list_integrations(
    client: ReckonerClient, params: kinds_integrations.ListIntegrationsParams
) -> kinds_integrations.ListIntegrationsOutputs:
    """The integrations of a project, by listIntegrations: one answer without pages."""
    query = [] if params.service is None else [("service", params.service)]
    path = {"project_id": params.project_id}
    found = await client.fit("listIntegrations", path, Integrations, query)
    listed = [each.model_dump() for each in found.listed]
    return kinds_integrations.ListIntegrationsOutputs.model_validate({"integrations": listed})


def _over(seen: int, total: int | None, on_page: int, new: int) -> bool:
    """Whether a list is over: it says so, or its next page brings nothing (a server that ignores `page`)."""
    return not on_page or not new or (total is not None and seen >= total)


def _filters(params: kinds_workflows.ListWorkflowsParams) -> Pairs:
    labels = ",".join(map(str, params.label_ids)) if params.label_ids else None
    given = {
        "search_words": params.search_words,
        "label_ids": labels,
        "schedule_filtering_by": params.schedule_filtering_by,
        "sort": params.sort,
    }
    return [(name, value) for name, value in given.items() if value is not None]


def _notifications(given: dict[str, Any]) -> list[dict[str, Any]]:
    """Each with its target, but for those whose target is an address to post to."""
    return [
        {"by": str(by), "status": _text(each.get("status")), "to": _target(each)}
        for by, those in given.items()
        if isinstance(those, list)
        for each in those
        if isinstance(each, dict)
    ]


def _target(notification: dict[str, Any]) -> str | None:
    parts = [_text(notification.get(key)) for key in ("email", "team", "channel")]
    return " / ".join(part for part in parts if part) or None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
