"""What Treasure Workflow knows of the workflows that steps name."""

from pipeforge.adapter import Json
from pipeforge.adapters.calls import Call
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.finding import named
from pipeforge.adapters.treasure.paging import SchedulePage, WorkflowPage
from pipeforge.adapters.treasure.rows import ScheduleRow
from pipeforge.language.lock import Thing


async def inspect(client: TreasureClient, what: str, names: tuple[Json, ...]) -> Thing:
    """Reads only: the project, its workflow of that name, and its schedule. Raises what Http.send raises."""
    project, name = str(names[0]), str(names[1])
    there = await named(client, project)
    if there is None:
        return Thing(state="absent", detail=f"no project '{project}'")
    base, query = f"/api/projects/{there.id}", [("name", name)]
    page = await client.http.fit(Call("GET", f"{base}/workflows", query), WorkflowPage)
    found = next((row for row in page.rows if row.name == name), None)
    if found is None:
        return Thing(state="absent", detail=f"project '{project}' has no workflow '{name}'")
    call = Call("GET", f"{base}/schedules", [("workflow", name)])
    schedules = (await client.http.fit(call, SchedulePage)).rows
    on = [row for row in schedules if row.workflow.name == name and row.disabled_at is None]
    return Thing(name=found.name, schedules=[_told(row) for row in on], revision=found.revision)


def _told(row: ScheduleRow) -> str:
    """The zone of its next session says more than that of its next start."""
    return "on" if row.next_schedule_time is None else f"next for {row.next_schedule_time}"
