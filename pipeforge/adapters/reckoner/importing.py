"""A Reckoner workflow as a step, with a picture of what it does inside."""

from collections.abc import Sequence

from pipeforge.adapter import Json
from pipeforge.adapters.drafts import Draft, Ids, StepDraft, slug
from pipeforge.adapters.reckoner.client import ReckonerClient
from pipeforge.adapters.reckoner.wire_definitions import Workflow
from pipeforge.errors import UsageError


async def draft(client: ReckonerClient, names: Sequence[str]) -> Draft:
    """Workflows by their numbers, one after the other. Raises UsageError, and what Http.send raises."""
    if not names or not all(name.isascii() and name.isdecimal() for name in names):
        raise UsageError("Reckoner workflows are named by their numbers", "pipeforge import reckoner 42")
    found = [await client.fit("getWorkflow", {"workflow_id": int(name)}, Workflow) for name in names]
    ids = Ids()
    steps: list[StepDraft] = []
    for workflow in found:
        id_ = ids.new(workflow.name, f"workflow_{workflow.id}")
        needs = (steps[-1].id,) if steps else ()
        steps.append(_step(workflow, id_, needs))
    name = slug(found[0].name, f"workflow_{found[0].id}") if len(found) == 1 else "reckoner_workflows"
    listed = ", ".join(f"'{workflow.name}'" for workflow in found)
    return Draft(name, f"Imported from Reckoner: {listed}.", tuple(steps), timezone="Asia/Tokyo")


def _step(found: Workflow, id_: str, needs: tuple[str, ...]) -> StepDraft:
    open_: dict[str, Json] = {one.name: one.value or "" for one in found.parameters if not one.is_secret}
    secret = [one.name for one in found.parameters if one.is_secret]
    notes = [f"Workflow {found.id}, '{found.name}'.", *_inside(found)]
    notes += [f"Its secret parameters keep their values at Reckoner: {', '.join(secret)}."] if secret else []
    schedule = found.schedule
    if schedule and schedule.is_enabled:
        at = f"{schedule.cron or ''} {schedule.timezone or ''}".strip()
        notes.append(
            f"Reckoner also starts it by its own schedule ({at}): switch that off before you schedule this."
        )
    needed = {name: value for name, value in open_.items() if not value}
    later = {name: value for name, value in open_.items() if value}
    given: dict[str, Json] = {"workflow_id": found.id}
    given |= {"parameters": needed} if needed else {}
    return StepDraft(
        id_, "reckoner.run_workflow", given, needs, tuple(notes), {"parameters": later} if later else {}
    )


def _inside(found: Workflow) -> list[str]:
    """Its tasks in their order, each with those that it waits for; they cannot be run one by one."""
    before: dict[str, list[str]] = {}
    for edge in found.task_dependencies:
        before.setdefault(edge.downstream, []).append(edge.upstream)
    told = ["Inside:"] if found.tasks else []
    for task in _in_order([task.name for task in found.tasks], before):
        after = before.get(task, [])
        told.append(f"  {task}" + (f"  <- {', '.join(after)}" if after else ""))
    return told


def _in_order(names: Sequence[str], before: dict[str, list[str]]) -> list[str]:
    """Those that are waited for first; what waits in a ring comes last, as it was told."""
    left, out = list(dict.fromkeys(names)), list[str]()
    while left:
        free = [name for name in left if all(one in out or one not in left for one in before.get(name, ()))]
        out += free or left
        left = [name for name in left if name not in out]
    return out
