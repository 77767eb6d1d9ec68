"""What a person sees and does in the krewData plug-in."""

from collections.abc import Mapping

from pipeforge.emulators.core import Json
from pipeforge.emulators.krewdata.state import Krewdata


class Screen:
    """What a person sees and does in the plug-in."""

    def __init__(self, units: Krewdata) -> None:
        self._units = units

    def jobs(self) -> list[dict[str, Json]]:
        shown = ("id", "of", "by", "created", "user", "appId", "record")
        return [
            {key: task.get(key) for key in shown} | {"status": self._units.status(task)}
            for task in self._units.tasks()
        ]

    def enable(self, given: Mapping[str, Json]) -> Json:
        """{"unit": id}"""
        self._units.switch(self._named(given), enabled=True)
        return {"enabled": True}

    def disable(self, given: Mapping[str, Json]) -> Json:
        """{"unit": id}"""
        self._units.switch(self._named(given), enabled=False)
        return {"enabled": False}

    def start(self, given: Mapping[str, Json]) -> Json:
        """{"unit": id}: somebody else's task."""
        task = self._units.start(self._named(given), {"user": "somebody"}, by="hand")
        return {"id": task["id"], "status": self._units.status(task)}

    def _named(self, given: Mapping[str, Json]) -> str:
        unit_id = given.get("unit")
        if not isinstance(unit_id, str) or self._units.unit(unit_id) is None:
            raise ValueError("there is no such unit")
        return unit_id
