"""What the API shows of schedules and of the attempts that a backfill would make."""

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from pipeforge.emulators.core import Clock, Json
from pipeforge.emulators.treasure.schedules import Schedules
from pipeforge.emulators.treasure.shapes import POOL, Shapes, instant, session_time
from pipeforge.emulators.treasure.shelves import Schedule
from pipeforge.emulators.treasure.world import TreasureWorld


class ScheduleShapes:
    """Renders schedules."""

    def __init__(self, world: TreasureWorld, schedules: Schedules, shapes: Shapes, clock: Clock) -> None:
        self._world = world
        self._schedules = schedules
        self._shapes = shapes
        self._clock = clock

    def schedule(self, row: Schedule, *, summary: bool = False) -> dict[str, Json]:
        """As it is listed; the summary that changes answer with tells of its making too."""
        table = self._schedules.table(row)
        made = instant(row["created"])  # digdag tells it twice: a change does not show in updatedAt
        times: dict[str, Json] = {"createdAt": made, "updatedAt": made}
        return {
            "id": str(row["id"]),
            **self._of(row),
            "nextRunTime": instant(row["next_run"]),
            "nextScheduleTime": session_time(row["next_time"], table.zone),
            "disabledAt": instant(row["disabled"]),
            **(times if summary else {}),
        }

    def filled(self, row: Schedule, attempts: Sequence[dict[str, Json]]) -> dict[str, Json]:
        """The answer to a backfill."""
        return {"id": str(row["id"]), **self._of(row), "attempts": list(attempts)}

    def planned(self, row: Schedule, time: int, name: str | None) -> dict[str, Json]:
        """An attempt that a dry run tells of: without ids, since nothing was made."""
        table, pool = self._schedules.table(row), {"poolId": POOL} if self._world.hosted else {}
        return {
            "status": "running",
            "id": "0",
            "index": 0,
            **self._of(row),
            "sessionId": "0",
            "sessionUuid": str(uuid5(NAMESPACE_URL, f"planned {row['id']} {time}")),
            "sessionTime": session_time(time, table.zone),
            "retryAttemptName": name,
            "done": False,
            "success": False,
            "cancelRequested": False,
            "params": {},
            "createdAt": instant(self._clock.now()),
            "finishedAt": None,
            **pool,
        }

    def _of(self, row: Schedule) -> dict[str, Json]:
        shown = self._shapes.workflow(self._schedules.workflow(row))
        return {"project": shown["project"], "workflow": {"id": shown["id"], "name": shown["name"]}}
