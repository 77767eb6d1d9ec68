"""The workflows of a Treasure project as steps of a pipeline."""

from collections.abc import Sequence

from pipeforge.adapters.calls import Call
from pipeforge.adapters.drafts import Draft, Ids, StepDraft, slug
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.finding import named
from pipeforge.adapters.treasure.paging import SchedulePage, WorkflowPage
from pipeforge.adapters.treasure.rows import ScheduleRow, WorkflowRow
from pipeforge.errors import UsageError
from pipeforge.language.templating import Own


async def draft(client: TreasureClient, names: Sequence[str]) -> Draft:
    """A project's workflows, or those that are named behind it. Raises UsageError, what Http.send raises."""
    if not names:
        raise UsageError("the project is missing", "pipeforge import treasure PROJECT [WORKFLOW …]")
    project, wanted = await named(client, names[0]), names[1:]
    if project is None:
        raise client.no_project(names[0])
    base = f"/api/projects/{project.id}"
    rows = (await client.http.fit(Call("GET", f"{base}/workflows"), WorkflowPage)).rows
    strange = next((name for name in wanted if name not in [row.name for row in rows]), None)
    if strange is not None:
        listed = ", ".join(row.name for row in rows) or "none"
        raise UsageError(f"project '{names[0]}' has no workflow '{strange}'", f"it has: {listed}")
    schedules = (await client.http.fit(Call("GET", f"{base}/schedules"), SchedulePage)).rows
    taken = [row for row in rows if not wanted or row.name in wanted]
    ids = Ids()
    steps = [
        _step(names[0], row, ids, [one for one in schedules if one.workflow.name == row.name])
        for row in taken
    ]
    if not steps:
        raise UsageError(f"project '{names[0]}' has no workflow", "push one first")
    return Draft(
        name=slug(names[0], "project"),
        description=f"Imported from the Treasure project '{names[0]}'.",
        timezone=next((row.timezone for row in taken if row.timezone), None) or "UTC",
        steps=tuple(steps),
        notes=("Side by side: write `needs:` where one waits for another.",) if len(steps) > 1 else (),
    )


def _step(project: str, row: WorkflowRow, ids: Ids, schedules: Sequence[ScheduleRow]) -> StepDraft:
    notes = []
    for one in schedules:
        if one.disabled_at is None:
            when = one.next_schedule_time or "soon"
            notes.append(
                f"Treasure starts it by its own schedule, next for {when}: disable that, or it runs twice."
            )
        else:
            notes.append("Its own schedule is switched off.")
    given = {"project": project, "workflow": row.name, "session_time": Own("${{ context_time }}")}
    return StepDraft(ids.new(row.name, "workflow"), "treasure.run_workflow", given, notes=tuple(notes))
