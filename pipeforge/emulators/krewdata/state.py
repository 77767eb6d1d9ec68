"""How krewData behaves: one-shot tokens, units that can be disabled, tasks as functions of the time."""

from collections.abc import Mapping
from hashlib import sha256
from secrets import token_hex

from pipeforge.emulators.core import Desk, Json, fingerprint
from pipeforge.emulators.course import lasts, pick, word_at
from pipeforge.emulators.krewdata.world import KrewdataCourse, KrewdataWorld, Unit

TOKEN_LIFE = 600.0
"""Seconds in which a token can be used for `run`."""
RATE_WINDOW = 60.0
BUSY = KrewdataCourse(
    stages=[{"Queuing": 0.3}],
    outcome="Failure",
    error_code="134",
    error_message="Another user is running the execution unit. "
    "This execution unit is not allowed to run concurrently. ",
    failing_flow=0,
)


class Krewdata:
    """All units. Unit ids and tokens are kept as digests only, so that no record shows a secret."""

    def __init__(self, world: KrewdataWorld, desk: Desk) -> None:
        self.world = world
        self._desk = desk
        if not desk.memory.get("begun"):
            desk.memory["begun"] = True
            for unit_id, unit in (world.units or {}).items():
                for past in unit.past_tasks:
                    self._make(unit_id, unit, past, {"user": "somebody"}, "hand", past.ago)

    def unit(self, unit_id: str) -> Unit | None:
        return self.world.unit if self.world.units is None else self.world.units.get(unit_id)

    def enabled(self, unit_id: str) -> bool:
        unit = self.unit(unit_id)
        switched: bool | None = self._desk.shelf("switched").get(fingerprint(unit_id))
        return bool(unit and unit.enabled) if switched is None else switched

    def switch(self, unit_id: str, *, enabled: bool) -> None:
        self._desk.shelf("switched")[fingerprint(unit_id)] = enabled
        self._desk.shelf("asked").pop(fingerprint(unit_id), None)

    def within_rate(self, unit_id: str) -> bool:
        """Count a start; the one that is too many disables the unit."""
        now = self._desk.clock.now()
        asked = self._desk.shelf("asked")
        recent = [at for at in asked.get(fingerprint(unit_id), []) if at > now - RATE_WINDOW]
        asked[fingerprint(unit_id)] = [*recent, now]
        if len(recent) >= self.world.starts_per_minute:
            self.switch(unit_id, enabled=False)
            return False
        return True

    def issue(self, unit_id: str) -> str:
        token = token_hex(16)
        slip = {"unit": fingerprint(unit_id), "created": self._desk.clock.now(), "used": False}
        self._desk.shelf("tokens")[_digest(token)] = slip
        return token

    def token(self, unit_id: str, token: str) -> dict[str, Json] | None:
        """What is known of a token, None if it is not one of this unit's."""
        slip: dict[str, Json] | None = self._desk.shelf("tokens").get(_digest(token))
        return slip if slip and slip["unit"] == fingerprint(unit_id) else None

    def expired(self, slip: Mapping[str, Json]) -> bool:
        return bool(self._desk.clock.now() - slip["created"] > TOKEN_LIFE)

    def start(self, unit_id: str, given: Mapping[str, Json], by: str = "api") -> dict[str, Json]:
        """Make a task of a unit that exists."""
        unit = self.unit(unit_id)
        assert unit is not None
        earlier = [task for task in self.tasks() if task["unit"] == fingerprint(unit_id)]
        course = pick(unit.course, self.world.course, len(earlier) - len(unit.past_tasks) + 1)
        if unit.concurrency == "fails_late" and self.running(unit_id):
            course = BUSY
        return self._make(unit_id, unit, course, given, by)

    def _make(
        self,
        unit_id: str,
        unit: Unit,
        course: KrewdataCourse,
        given: Mapping[str, Json],
        by: str,
        ago: float = 0.0,
    ) -> dict[str, Json]:
        task = {
            "id": f"task{self._desk.number('task'):010d}",
            "unit": fingerprint(unit_id),
            "of": unit.name or fingerprint(unit_id),
            "by": by,
            "created": self._desk.clock.now() - ago,
            "flows": unit.flows,
            "stages": course.pairs(),
            **course.model_dump(exclude={"stages", "ago"}),
            **given,
        }
        self._desk.shelf("tasks")[str(task["id"])] = task
        return task

    def tasks(self) -> list[dict[str, Json]]:
        """All tasks, oldest first."""
        return list(self._desk.shelf("tasks").values())

    def task(self, unit_id: str, task_id: str) -> dict[str, Json] | None:
        found: dict[str, Json] | None = self._desk.shelf("tasks").get(task_id)
        return found if found and found["unit"] == fingerprint(unit_id) else None

    def running(self, unit_id: str) -> dict[str, Json] | None:
        """A task of the unit that is not over."""
        unit = fingerprint(unit_id)
        return next((task for task in self.tasks() if task["unit"] == unit and not self.over(task)), None)

    def status(self, task: Mapping[str, Json]) -> str:
        return word_at(task["stages"], task["outcome"], self._desk.clock.now() - task["created"])

    def over(self, task: Mapping[str, Json]) -> bool:
        return bool(self._desk.clock.now() >= task["created"] + lasts(task["stages"]))

    def now(self) -> float:
        return self._desk.clock.now()


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
