"""What trocco knows of the transfer settings, workflows, data marts and jobs that steps name."""

from collections.abc import Iterable

from pipeforge.adapter import Json
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.trocco.client import TroccoClient
from pipeforge.adapters.trocco.wire_definitions import Schedule, Variable
from pipeforge.language.lock import Parameter, Thing

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


async def inspect(client: TroccoClient, what: str, names: tuple[Json, ...]) -> Thing:
    """Reads only. Raises what Http.send raises."""
    number = int(names[0])
    if what == "pipeline_definition":
        workflow = await client.get_workflow_definition(number)
        return Thing(
            name=workflow.name, schedules=_schedules(workflow.schedules), revision=workflow.updated_at
        )
    if what == "datamart_definition":
        mart = await client.get_datamart_definition(number)
        variables = _parameters(mart.custom_variable_settings or ())
        return Thing(name=mart.name, parameters=variables, schedules=_schedules(mart.schedules))
    if what in ("job", "pipeline_job"):
        await (client.get_job(number) if what == "job" else client.get_workflow_job(number))
        return Thing()
    return await _setting(client, number)


async def _setting(client: TroccoClient, number: int) -> Thing:
    try:
        setting = await client.get_job_definition(number)
    except Refused as refusal:
        if refusal.status != 400:
            raise
        return Thing()  # it is there, but the API cannot describe its connectors
    return Thing(
        name=setting.name,
        parameters=_parameters(variable for _, variable in setting.variables()),
        schedules=_schedules(setting.schedules),
        revision=setting.updated_at,
    )


def _parameters(variables: Iterable[Variable]) -> dict[str, Parameter]:
    """Each has a value of its own: trocco computes it, or keeps a default."""
    return {variable.name: Parameter(type=variable.type or "") for variable in variables}


def _schedules(schedules: Iterable[Schedule] | None) -> list[str]:
    """In words. Whether one is switched off is not told."""
    return [_schedule(schedule) for schedule in schedules or ()]


def _schedule(told: Schedule) -> str:
    day = _DAYS[told.day_of_week] if told.day_of_week is not None and told.day_of_week in range(7) else ""
    at = f"{told.hour:02d}:{told.minute or 0:02d}" if told.hour is not None else ""
    month = f"day {told.day}" if told.day is not None else ""
    parts = (told.frequency or "scheduled", month, day, at, told.time_zone or "")
    return " ".join(part for part in parts if part)
