"""What Reckoner knows of the workflows that steps name."""

from pipeforge.adapter import Json
from pipeforge.adapters.reckoner.client import ReckonerClient
from pipeforge.adapters.reckoner.wire_definitions import Parameter as Told
from pipeforge.adapters.reckoner.wire_definitions import Workflow
from pipeforge.language.lock import Parameter, Thing


async def inspect(client: ReckonerClient, what: str, names: tuple[Json, ...]) -> Thing:
    """Reads only, by getWorkflow. Raises what Http.send raises. No value of a parameter is kept."""
    found = await client.fit("getWorkflow", {"workflow_id": int(names[0])}, Workflow)
    schedule = found.schedule
    at = f"{schedule.cron or 'scheduled'} {schedule.timezone or ''}".strip() if schedule else ""
    return Thing(
        name=found.name,
        parameters={
            each.name: Parameter(
                required=each.value in (None, "") and not each.is_secret, secret=each.is_secret
            )
            for each in found.parameters
        },
        schedules=[at] if schedule and schedule.is_enabled else [],
        others_start_it=bool(found.webhooks),
    )


def _parameter(told: Told) -> Parameter:
    """A secret one has a value that nobody sees."""
    return Parameter(required=not told.is_secret and told.value in (None, ""), secret=told.is_secret)
