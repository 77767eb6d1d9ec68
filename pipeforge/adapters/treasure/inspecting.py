"""What Treasure Workflow knows of the projects, workflows, schedules and attempts that steps name."""

from collections.abc import Mapping

from pipeforge.adapter import Json
from pipeforge.adapters.calls import Call
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.finding import named, segment
from pipeforge.adapters.treasure.paging import RevisionPage, SchedulePage, WorkflowPage
from pipeforge.adapters.treasure.rows import AttemptRow, ProjectRow, ScheduleRow, SessionRow, WorkflowRow
from pipeforge.language.lock import Thing

_BY_ID = "_of_project_id"


async def inspect(client: TreasureClient, what: str, names: tuple[Json, ...]) -> Thing:
    """Reads only, by the names or by ids. Raises what Http.send raises."""
    first = str(names[0])
    alone = _ALONE.get(what)
    if alone is not None:
        return await alone(client, first)
    if what.endswith(_BY_ID):
        return await _IN_PROJECT[what.removesuffix(_BY_ID)](client, first, str(names[1]))
    there = await named(client, first)
    if there is None:
        return Thing(state="absent", detail=f"no project '{first}'")
    if what == "project":
        return _project(there)
    return await _IN_PROJECT[what](client, there.id, str(names[1]))


def _project(found: ProjectRow) -> Thing:
    return Thing(name=found.name, revision=found.revision)


async def _project_by_id(client: TreasureClient, number: str) -> Thing:
    return _project(await client.http.fit(Call("GET", f"/api/projects/{segment(number)}"), ProjectRow))


async def _workflow(client: TreasureClient, project: str, name: str) -> Thing:
    call = Call("GET", f"/api/projects/{segment(project)}/workflows", [("name", name)])
    rows = (await client.http.fit(call, WorkflowPage)).rows
    found = next((row for row in rows if row.name == name), None)
    if found is None:
        return Thing(state="absent", detail=f"its project has no workflow '{name}'")
    on = any(row.disabled_at is None for row in await _schedules(client, project, name))
    return Thing(name=found.name, schedules=[_told(found)] if on else [], revision=found.revision)


async def _workflow_by_id(client: TreasureClient, number: str) -> Thing:
    """It belongs to one revision, and never changes."""
    found = await client.http.fit(Call("GET", f"/api/workflows/{segment(number)}"), WorkflowRow)
    return Thing(name=found.name)


async def _revision(client: TreasureClient, project: str, name: str) -> Thing:
    call = Call("GET", f"/api/projects/{segment(project)}/revisions", [("name", name)])
    rows = (await client.http.fit(call, RevisionPage)).rows
    if any(row.revision == name for row in rows):
        return Thing(name=name)
    return Thing(state="absent", detail=f"its project has no revision '{name}'")


async def _schedule(client: TreasureClient, project: str, name: str) -> Thing:
    found = next(iter(await _schedules(client, project, name)), None)
    if found is None:
        return Thing(state="absent", detail=f"workflow '{name}' has no schedule in its latest revision")
    return _switched(found)


async def _schedule_by_id(client: TreasureClient, number: str) -> Thing:
    return _switched(await client.http.fit(Call("GET", f"/api/schedules/{segment(number)}"), ScheduleRow))


def _switched(found: ScheduleRow) -> Thing:
    return Thing(name=found.workflow.name, running=found.disabled_at is None)


async def _schedules(client: TreasureClient, project: str, name: str) -> list[ScheduleRow]:
    call = Call("GET", f"/api/projects/{segment(project)}/schedules", [("workflow", name)])
    rows = (await client.http.fit(call, SchedulePage)).rows
    return [row for row in rows if row.workflow.name == name]


def _told(found: WorkflowRow) -> str:
    """As its definition says; its next time is not kept: it is another one every day."""
    written = found.config.get("schedule")
    words = written.items() if isinstance(written, Mapping) else ()
    told = [f"{key} {value}" for key, value in words if isinstance(value, str | int | float)]
    return " ".join(filter(None, (", ".join(told) or "on", found.timezone)))


async def _attempt(client: TreasureClient, number: str) -> Thing:
    await client.http.fit(Call("GET", f"/api/attempts/{segment(number)}"), AttemptRow)
    return Thing()


async def _session(client: TreasureClient, number: str) -> Thing:
    await client.http.fit(Call("GET", f"/api/sessions/{segment(number)}"), SessionRow)
    return Thing()


_ALONE = {
    "project_id": _project_by_id,
    "workflow_id": _workflow_by_id,
    "schedule_id": _schedule_by_id,
    "attempt": _attempt,
    "session": _session,
}
"""What is found by an id of its own."""

_IN_PROJECT = {"workflow": _workflow, "schedule": _schedule, "revision": _revision}
"""What is found in a project."""
