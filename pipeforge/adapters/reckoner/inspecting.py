"""What Reckoner knows of the workflows, jobs, projects and integrations that steps name."""

from pipeforge.adapter import Json
from pipeforge.adapters.reckoner.client import ReckonerClient
from pipeforge.adapters.reckoner.wire_definitions import Integrations, Workflow, WorkflowPage
from pipeforge.adapters.reckoner.wire_definitions import Parameter as Told
from pipeforge.language.lock import Parameter, Thing

_ONE = (("limit", "1"),)


async def inspect(client: ReckonerClient, what: str, names: tuple[Json, ...]) -> Thing:
    """Reads only. Raises what Http.send raises. No value of a parameter is kept."""
    number = int(names[0])
    if what == "job":
        await client.get_job(number, int(names[1]))
        return Thing()
    if what == "project":  # its list of workflows asks for no right but the one that its readers have
        await client.fit("listWorkflows", {"project_id": number}, WorkflowPage, _ONE)
        return Thing()
    if what == "integration":
        return await _integration(client, number, str(names[1]), int(names[2]))
    return await _workflow(client, number)


async def _workflow(client: ReckonerClient, number: int) -> Thing:
    found = await client.fit("getWorkflow", {"workflow_id": number}, Workflow)
    schedule = found.schedule
    at = f"{schedule.cron or 'scheduled'} {schedule.timezone or ''}".strip() if schedule else ""
    return Thing(
        name=found.name,
        parameters={each.name: _parameter(each) for each in found.parameters},
        schedules=[at] if schedule and schedule.is_enabled else [],
        others_start_it=bool(found.webhooks),
    )


def _parameter(told: Told) -> Parameter:
    """A secret one has a value that nobody sees."""
    return Parameter(required=not told.is_secret and told.value in (None, ""), secret=told.is_secret)


async def _integration(client: ReckonerClient, project: int, service: str, number: int) -> Thing:
    query = [("service", service)]
    page = await client.fit("listIntegrations", {"project_id": project}, Integrations, query)
    for each in page.listed:
        if (each.service, each.integration_id) == (service, number):
            return Thing(name=each.name)
    return Thing(state="absent", detail=f"project {project} has no such integration with {service}")
