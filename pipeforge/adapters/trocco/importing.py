"""A trocco workflow as a pipeline: its tasks as steps, as far as the API can run them."""

from collections.abc import Mapping, Sequence

from pipeforge.adapter import Json
from pipeforge.adapters.drafts import Draft, Ids, StepDraft, slug
from pipeforge.adapters.trocco.client import TroccoClient
from pipeforge.adapters.trocco.wire_definitions import PipelineDefinition, Task
from pipeforge.errors import AdapterError, UsageError
from pipeforge.language.templating import Own

_RUNS = {
    "trocco_transfer": ("trocco.run_job", "job_definition_id"),
    "trocco_pipeline": ("trocco.run_workflow", "pipeline_definition_id"),
}
"""By type of task: the kind that runs the same, and the parameter that takes its number."""
_MART = ("trocco.run_datamart", "datamart_definition_id")


async def draft(client: TroccoClient, names: Sequence[str]) -> Draft:
    """One workflow, by its number. Raises UsageError, and what Http.send raises."""
    if len(names) != 1 or not names[0].isascii() or not names[0].isdecimal():
        raise UsageError("a trocco workflow is named by its number", "pipeforge import trocco 310")
    found = await client.get_workflow_definition(int(names[0]))
    tasks = {task.task_identifier or -at: task for at, task in enumerate(found.tasks or (), 1)}
    ids, named = Ids(), dict[int, str]()
    for number, task in tasks.items():
        if _kind(task) is not None:
            named[number] = ids.new(task.config.name, f"task_{abs(number)}")
    if not named:
        whole = f"run it as a whole: trocco.run_workflow with pipeline_definition_id: {found.id}"
        raise UsageError(f"workflow {found.id} has no task that trocco's API can run", whole)
    needs = _needs(found, named)
    steps = [await _step(client, id_, tasks[number], needs[number]) for number, id_ in named.items()]
    return Draft(
        name=slug(found.name, f"workflow_{found.id}"),
        description=f"Imported from the trocco workflow '{found.name or found.id}'.",
        timezone="Asia/Tokyo",
        steps=tuple(steps),
        notes=(
            f"The whole workflow is one step, too: trocco.run_workflow, pipeline_definition_id: {found.id}.",
            *_settings(found),
            *(_left_out(number, task) for number, task in tasks.items() if number not in named),
        ),
    )


def _kind(task: Task) -> tuple[str, str] | None:
    if task.config.definition_id is None:
        return None
    return _MART if (task.type or "").endswith("_datamart") else _RUNS.get(task.type or "")


def _left_out(number: int, task: Task) -> str:
    name = f" '{task.config.name}'" if task.config.name else ""
    return f"Not taken over, for trocco's API cannot run it: task {number}{name} ({task.type})."


def _settings(found: PipelineDefinition) -> list[str]:
    told = []
    if found.max_retries:
        told.append(
            f"trocco runs the workflow again up to {found.max_retries} times; here each step has `retry:`."
        )
    if found.schedules:
        told.append(
            "trocco also starts it by its own schedule: switch that off before this one is scheduled."
        )
    return told


def _needs(found: PipelineDefinition, named: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    """Of each task that is taken over, those before it; through a task that is not, those before that."""
    before: dict[int, list[int]] = {}
    for edge in found.task_dependencies or ():
        before.setdefault(edge.destination, []).append(edge.source)

    def reached(number: int, seen: frozenset[int]) -> list[str]:
        out = []
        for source in before.get(number, ()):
            if source in named:
                out.append(named[source])
            elif source not in seen:
                out += reached(source, seen | {source})
        return out

    return {number: tuple(dict.fromkeys(reached(number, frozenset({number})))) for number in named}


async def _step(client: TroccoClient, id_: str, task: Task, needs: tuple[str, ...]) -> StepDraft:
    kind = _kind(task)
    assert kind is not None and task.config.definition_id is not None
    notes, later = [], dict[str, dict[str, Json]]()
    if task.config.custom_variable_loop:
        notes.append("trocco runs this task in a loop over custom variables: write `foreach:` for that.")
    if kind[0] == "trocco.run_job":
        try:
            setting = await client.get_job_definition(task.config.definition_id)
        except AdapterError as error:
            notes.append(f"Its custom variables could not be read: {error.message}")
        else:
            variables = {one.name: one.value or "" for _, one in setting.variables() if one.type == "string"}
            later = {"custom_variables": dict(variables)} if variables else {}
    given: dict[str, Json] = {kind[1]: task.config.definition_id, "context_time": Own("${{ context_time }}")}
    return StepDraft(id_, kind[0], given, needs, tuple(notes), later)
