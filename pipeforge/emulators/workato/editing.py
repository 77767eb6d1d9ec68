"""What changes a recipe itself: created, updated, deleted, copied, connected; and why one cannot start."""

import json

from pipeforge.emulators.core import Desk, Json
from pipeforge.emulators.workato.authoring import filled
from pipeforge.emulators.workato.reading import Written
from pipeforge.emulators.workato.records import Recipe
from pipeforge.emulators.workato.refusing import NO_TRIGGER, bad_request, not_while_running, unconnected
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.world import WorkatoWorld

HOME = 1
"""The root folder."""


class Editor:
    """Changes recipes that do not run."""

    def __init__(self, world: WorkatoWorld, shelf: Shelf, desk: Desk) -> None:
        self._world = world
        self._shelf = shelf
        self._desk = desk

    def create(self, given: Written, customer: int | None) -> Recipe:
        """A stopped recipe, version 1. Names need not differ."""
        self._check(given)
        made = self._shelf.create(
            given.get("name", "Untitled recipe"), given.get("folder_id", HOME), customer
        )
        self._fill(made, given)
        return made

    def update(self, recipe: Recipe, given: Written) -> None:
        """What is given is replaced; every update is a version."""
        if _runs(recipe):
            raise not_while_running("can't modify running recipe")
        self._check(given)
        if self._shelf.script(recipe).frozen:
            return
        self._fill(recipe, given)
        recipe["version_no"] += 1
        recipe["updated"] = self._desk.clock.now()

    def is_so(self, recipe: Recipe, given: Written) -> bool:
        """Whether an update would change nothing."""
        same = all(recipe[key] == given[key] for key in ("name", "description", "folder_id") if key in given)
        lines = "code" not in given or json.loads(given["code"]) == json.loads(recipe["code"])
        config = [self._line(line) for line in given.get("config", recipe["config"])]
        return same and lines and config == recipe["config"]

    def delete(self, recipe: Recipe) -> None:
        if _runs(recipe):
            raise not_while_running("Can't change the recipe state: invalid state running")
        self._shelf.remove(recipe)

    def copy(self, recipe: Recipe, folder: int, customer: int | None) -> Recipe:
        """A stopped recipe with the same lines under the same name."""
        given = Written(name=recipe["name"], code=recipe["code"], config=recipe["config"], folder_id=folder)
        return self.create(given, customer)

    def connect(self, recipe: Recipe, provider: str, connection: int) -> None:
        """Another connection for all lines of an application."""
        lines = [line for line in recipe["config"] if line.get("provider") == provider]
        if not lines or self._known(connection) is None:
            raise bad_request()
        others = [
            {**line, **({"account_id": connection} if line in lines else {})} for line in recipe["config"]
        ]
        self.update(recipe, Written(config=others))

    def start_errors(self, recipe: Recipe) -> tuple[list[Json], list[Json]]:
        """What keeps it from starting: in its lines, and in its connections."""
        code = NO_TRIGGER if json.loads(recipe["code"]) == {} else []
        listed, config = self._world.connections or {}, []
        for step, line in enumerate(recipe["config"]):
            account = line.get("account_id")
            found = listed.get(account) if account is not None else None
            lost = account is None and line.get("provider") in recipe["lost"]
            if lost or (found is not None and found.status != "success"):
                config.append(unconnected(step, account))
        return code, config

    def _check(self, given: Written) -> None:
        """A folder that is not there is refused, if folders are listed."""
        folders = self._world.folders
        folder = given.get("folder_id")
        if folder in (None, HOME) or folders is None:
            return
        if folder not in folders and str(folder) not in self._desk.shelf("folders"):
            raise bad_request()

    def _fill(self, recipe: Recipe, given: Written) -> None:
        recipe["name"] = given.get("name", recipe["name"])
        recipe["description"] = given.get("description", recipe["description"])
        recipe["code"] = given.get("code", recipe["code"])
        recipe["folder_id"] = given.get("folder_id", recipe["folder_id"])
        if "config" in given:
            recipe["config"] = [self._line(line) for line in given["config"]]
            lines = zip(given["config"], recipe["config"], strict=True)
            recipe["lost"] = [
                str(kept.get("provider"))
                for line, kept in lines
                if line.get("account_id") is not None and kept["account_id"] is None
            ]

    def _line(self, line: dict[str, Json]) -> dict[str, Json]:
        """A connection line; an id that the workspace does not know is rewritten to null without a word."""
        made = filled(line)
        return {**made, "account_id": self._known(made["account_id"])}

    def _known(self, connection: Json) -> Json:
        known = self._world.connections
        return connection if known is None or connection in known else None


def _runs(recipe: Recipe) -> bool:
    """Also one that is being activated."""
    return recipe["runs_since"] is not None or recipe["activates_by"] is not None
