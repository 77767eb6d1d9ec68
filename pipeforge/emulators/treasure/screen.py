"""What a person sees and does in the vendor's console: all attempts, start one, kill one, push a project."""

from collections.abc import Callable, Mapping

from pipeforge.emulators.core import Desk, Json, Refused
from pipeforge.emulators.treasure.asking import whole_second
from pipeforge.emulators.treasure.parts import Parts
from pipeforge.emulators.treasure.pushes import recreate, repeat
from pipeforge.emulators.treasure.records import Start

Act = Callable[[Mapping[str, Json]], Json]


class Screen:
    """The console of one account."""

    def __init__(self, parts: Parts, desk: Desk) -> None:
        self._parts = parts
        self._desk = desk

    def acts(self) -> dict[str, Act]:
        """What can be done, by name."""
        return {act.__name__: _plain(act) for act in (self.start, self.kill, self.push, self.recreate)}

    def jobs(self) -> list[dict[str, Json]]:
        """Every attempt, oldest first."""
        now = self._desk.clock.now()
        self._parts.schedules.settle()
        self._parts.attempts.settle()
        rows = [(row, self._parts.shapes.attempt(row, now)) for row in self._parts.ledger.attempts()]
        return [
            {
                "id": shown["id"],
                "of": f"{shown['project']['name']}/{shown['workflow']['name']}",
                "status": shown["status"],
                "by": row["by"],
                "name": row["name"],
            }
            for row, shown in rows
        ]

    def start(self, given: Mapping[str, Json]) -> Json:
        """{"project", "workflow", "session_time", "retry_attempt_name" or not}: somebody else's attempt."""
        catalog = self._parts.catalog
        workflow = catalog.demand_workflow(catalog.demand(given["project"]), given["workflow"])
        time, name = whole_second(given["session_time"]), given.get("retry_attempt_name")
        made, new = self._parts.attempts.start(Start(str(workflow["id"]), time, name, by="hand"))
        if not new:
            raise ValueError(f"there is such an attempt already: {made['id']}")
        return {"id": str(made["id"]), "session": str(made["session"])}

    def kill(self, given: Mapping[str, Json]) -> Json:
        """{"id"}: ask for the kill of an attempt."""
        return {"id": str(self._parts.attempts.kill(str(given["id"]))["id"])}

    def push(self, given: Mapping[str, Json]) -> Json:
        """{"project", "revision"}: a new revision with the same workflows, under new ids."""
        now, catalog = self._desk.clock.now(), self._parts.catalog
        made = repeat(catalog, now, given["project"], str(given["revision"]))
        return {"id": str(made["id"])}

    def recreate(self, given: Mapping[str, Json]) -> Json:
        """{"project"}: delete it and make it anew."""
        return {"id": str(recreate(self._parts.catalog, given["project"])["id"])}


def _plain(act: Act) -> Act:
    """With every refusal as a ValueError, as the admin endpoint wants it."""

    def done(given: Mapping[str, Json]) -> Json:
        try:
            return act(given)
        except Refused as refused:
            raise ValueError(refused.reply.body["message"]) from None
        except KeyError as missing:
            raise ValueError(f"{missing} is missing; say {act.__doc__}") from None

    return done
