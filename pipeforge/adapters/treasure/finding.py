"""From the names that authors give to the ids that requests need."""

from urllib.parse import quote

from pipeforge.adapters.calls import Call
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.fields import Belonging, OfProject, OfSchedule, OfWorkflow
from pipeforge.adapters.treasure.paging import ProjectPage, SchedulePage
from pipeforge.adapters.treasure.rows import ProjectRow, ScheduleRow
from pipeforge.errors import Rejected


async def project_id(client: TreasureClient, params: OfProject | Belonging) -> str:
    """The id of a project. Raises Rejected where there is none of the name."""
    return params.project_id or await client.find_project(params.project or "")


async def get_project(client: TreasureClient, params: OfProject) -> ProjectRow:
    """GET /api/projects/{id}, or GET /api/projects by name."""
    if params.project_id is not None:
        return await client.http.fit(Call("GET", f"/api/projects/{params.project_id}"), ProjectRow)
    found = await named(client, params.project or "")
    if found is None:
        raise client.no_project(params.project or "")
    return found


async def named(client: TreasureClient, name: str) -> ProjectRow | None:
    """The project of exactly that name."""
    page = await client.http.fit(Call("GET", "/api/projects", [("name", name)]), ProjectPage)
    return next((row for row in page.rows if row.name == name), None)


async def workflow_id(client: TreasureClient, params: OfWorkflow) -> str:
    """The id of a workflow, by name that of its latest revision. Raises Rejected where there is none."""
    if params.workflow_id is not None:
        return params.workflow_id
    return await client.find_workflow(await project_id(client, params), params.workflow or "")


async def schedule_id(client: TreasureClient, params: OfSchedule) -> str:
    """The id of a schedule. Raises Rejected where the workflow has none."""
    return params.schedule_id or (await schedule(client, params)).id


async def schedule(client: TreasureClient, params: OfSchedule) -> ScheduleRow:
    """GET /api/schedules/{id}, or GET /api/projects/{id}/schedules by the workflow's name."""
    if params.schedule_id is not None:
        return await client.http.fit(Call("GET", f"/api/schedules/{params.schedule_id}"), ScheduleRow)
    project, name = await project_id(client, params), params.workflow or ""
    call = Call("GET", f"/api/projects/{project}/schedules", [("workflow", name)])
    for row in (await client.http.fit(call, SchedulePage)).rows:
        if row.workflow.name == name:
            return row
    raise Rejected(
        f"{client.http.access.name}: workflow '{name}' has no schedule",
        "check the spelling, and that its latest revision has a `schedule:`",
    )


def segment(text: str) -> str:
    """A name as one part of a path."""
    return quote(text, safe="")
