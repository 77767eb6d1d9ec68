"""What a person sees and does in Workato's screen: all jobs, start, stop, reset a recipe, let it poll."""

from collections.abc import Callable, Mapping

from pipeforge.emulators.core import Desk, Json, Refused
from pipeforge.emulators.workato.queue import there
from pipeforge.emulators.workato.records import Recipe
from pipeforge.emulators.workato.shapes import Shapes
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.state import Recipes


class Screen:
    """The screen of one workspace."""

    def __init__(self, shelf: Shelf, recipes: Recipes, shapes: Shapes, desk: Desk) -> None:
        self._shelf = shelf
        self._recipes = recipes
        self._shapes = shapes
        self._desk = desk

    def acts(self) -> dict[str, Callable[[Mapping[str, Json]], Json]]:
        """What can be done, by name."""
        return {act.__name__: act for act in (self.start, self.stop, self.poll, self.reset)}

    def jobs(self) -> list[dict[str, Json]]:
        """Every job that is there, oldest first."""
        now = self._desk.clock.now()
        self._recipes.catch_all_up()
        return [
            {
                "id": job["id"],
                "of": job["recipe"],
                "status": self._shapes.status(job, now),
                "by": job["by"],
            }
            for job in self._shelf.all_jobs()
            if there(job, now)
        ]

    def start(self, given: Mapping[str, Json]) -> Json:
        """{"recipe": id}"""
        recipe = self._recipe(given)
        return {"recipe": recipe["id"], "began": self._recipes.start(recipe, "hand")}

    def stop(self, given: Mapping[str, Json]) -> Json:
        """{"recipe": id}"""
        recipe = self._recipe(given)
        self._recipes.stop(recipe)
        return {"recipe": recipe["id"]}

    def poll(self, given: Mapping[str, Json]) -> Json:
        """{"recipe": id, "events": 1}: the recipe's own schedule finds new events."""
        recipe, events = self._recipe(given), given.get("events", 1)
        if isinstance(events, bool) or not isinstance(events, int) or events < 0:
            raise ValueError(f'"{events}" is no number of events; write a whole number from 0 up')
        if recipe["runs_since"] is None:
            raise ValueError(f"recipe {recipe['id']} does not run; start it first")
        self._recipes.poll(recipe, self._desk.clock.now(), "hand", found=events)
        return {"recipe": recipe["id"], "events": events}

    def reset(self, given: Mapping[str, Json]) -> Json:
        """{"recipe": id}"""
        recipe = self._recipe(given)
        self._recipes.reset(recipe, "hand")
        return {"recipe": recipe["id"]}

    def _recipe(self, given: Mapping[str, Json]) -> Recipe:
        number = given.get("recipe")
        try:
            return self._recipes.recipe(str(number))
        except Refused:
            raise ValueError(f'there is no recipe "{number}"; say {{"recipe": id}}') from None
