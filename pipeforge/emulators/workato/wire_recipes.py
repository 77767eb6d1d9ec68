"""Handlers of recipes: list, get, start, stop, reset, poll now, for both families."""

from pipeforge.emulators.core import Asked, Json, Refused, Reply
from pipeforge.emulators.workato import refusing
from pipeforge.emulators.workato.access import owns
from pipeforge.emulators.workato.editing import Editor
from pipeforge.emulators.workato.listing import chosen_recipes
from pipeforge.emulators.workato.records import Recipe
from pipeforge.emulators.workato.shapes import Shapes, minute
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.state import Recipes
from pipeforge.emulators.workato.world import Poll, WorkatoWorld


class RecipeWire:
    """The handlers."""

    def __init__(
        self, world: WorkatoWorld, shelf: Shelf, recipes: Recipes, shapes: Shapes, editor: Editor
    ) -> None:
        self._world = world
        self._shelf = shelf
        self._recipes = recipes
        self._shapes = shapes
        self._editor = editor

    def find(self, asked: Asked) -> Recipe:
        """The recipe that the path names; 404 also if it is another customer's."""
        owns(self._world, asked, 0, None)
        recipe = self._recipes.recipe(asked.params["id"])
        if not owns(self._world, asked, recipe["id"], recipe["customer"]):
            raise refusing.missing()
        return recipe

    def list_embedded(self, asked: Asked) -> Reply:
        rows = [self._shapes.recipe(each, asked.now) for each in self._visible(asked)]
        return Reply(200, {self._world.list_wrapper: chosen_recipes(asked, rows)})

    def list_developer(self, asked: Asked) -> Reply:
        rows = [self._shapes.developer_recipe(each, asked.now) for each in self._visible(asked)]
        return Reply(200, {"items": chosen_recipes(asked, rows)})

    def get_embedded(self, asked: Asked) -> Reply:
        shown = self._shapes.recipe_in_full(self.find(asked), asked.now)
        wrappers: dict[str, Json] = {"list": {"result": [shown]}, "object": {"result": shown}, "bare": shown}
        return Reply(200, wrappers[self._world.get_wrapper])

    def get_developer(self, asked: Asked) -> Reply:
        return Reply(200, self._shapes.developer_recipe(self.find(asked), asked.now))

    def start(self, asked: Asked) -> Reply:
        """Acknowledged; the activation comes later."""
        recipe = self.find(asked)
        told = self._recipes.next_start(recipe)
        if told.status is not None:
            return refusing.saying(told.status, told.message)
        code, config = (
            self._editor.start_errors(recipe) if told.accepted else (told.code_errors, told.config_errors)
        )
        if code or config:
            return refusing.not_started(code, config)
        began = self._recipes.start(recipe)
        return Reply(200, refusing.ACCEPTED, started=f"start of recipe {recipe['id']}" if began else None)

    def stop(self, asked: Asked) -> Reply:
        self._recipes.stop(self.find(asked))
        return Reply(200, refusing.ACCEPTED)

    def reset_trigger(self, asked: Asked) -> Reply:
        recipe = self.find(asked)
        self._recipes.reset(recipe)
        return Reply(200, refusing.ACCEPTED, started=f"reset of recipe {recipe['id']}")

    def poll_now(self, asked: Asked) -> Reply:
        """Asks the source now; what it finds becomes jobs a little later, and nothing says which."""
        try:
            recipe = self.find(asked)
        except Refused:
            raise refusing.missing_for_poll() from None
        poll, until = self._recipes.next_poll_now(recipe)
        if poll.answer != "ok":
            return _refused(poll, until, asked.now)
        if recipe["runs_since"] is None:
            return refusing.NOT_RUNNING
        if self._shelf.script(recipe).trigger == "other":
            return Reply(200, refusing.ACCEPTED)
        self._recipes.poll(recipe, asked.now, "api")
        return Reply(200, refusing.ACCEPTED, started=f"poll {recipe['polls']} of recipe {recipe['id']}")

    def _visible(self, asked: Asked) -> list[Recipe]:
        self._recipes.catch_all_up()
        return [
            each for each in self._shelf.recipes() if owns(self._world, asked, each["id"], each["customer"])
        ]


def _refused(poll: Poll, until: float, now: float) -> Reply:
    if poll.answer == "back_off":
        return refusing.back_off(minute(until), poll.status, until - now if poll.retry_after else None)
    fixed = {
        "no_credit": refusing.NO_CREDIT,
        "no_quota": refusing.NO_QUOTA,
        "trial_expired": refusing.TRIAL_EXPIRED,
    }
    return fixed[poll.answer]
