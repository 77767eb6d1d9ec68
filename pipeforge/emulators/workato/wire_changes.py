"""Handlers that change recipes: create, update, delete, copy, connect, for both families."""

from pipeforge.emulators.core import Asked, Reply
from pipeforge.emulators.workato import reading, refusing
from pipeforge.emulators.workato.access import customer
from pipeforge.emulators.workato.editing import Editor
from pipeforge.emulators.workato.wire_recipes import RecipeWire
from pipeforge.emulators.workato.world import WorkatoWorld


class ChangeWire:
    """The handlers."""

    def __init__(self, world: WorkatoWorld, editor: Editor, recipes: RecipeWire) -> None:
        self._world = world
        self._editor = editor
        self._recipes = recipes

    def create(self, asked: Asked) -> Reply:
        """The new recipe's id. The developer family wants the lines."""
        owner, given = customer(self._world, asked), reading.recipe(asked)
        if "mu" not in asked.params and "code" not in given:
            raise refusing.bad_request("code: can't be blank")
        made = self._editor.create(given, owner)
        return Reply(200, {"success": True, "id": made["id"]}, started=f"recipe {made['id']}")

    def update(self, asked: Asked) -> Reply:
        recipe = self._recipes.find(asked)
        self._editor.update(recipe, reading.recipe(asked))
        return Reply(200, refusing.ACCEPTED)

    def delete(self, asked: Asked) -> Reply:
        self._editor.delete(self._recipes.find(asked))
        return Reply(200, refusing.ACCEPTED)

    def copy(self, asked: Asked) -> Reply:
        recipe, folder = self._recipes.find(asked), reading.body(asked).get("folder_id")
        if not isinstance(folder, str):
            raise refusing.bad_request("Must be a String")
        made = self._editor.copy(recipe, reading.folder(folder), customer(self._world, asked))
        return Reply(200, {"success": True, "new_flow_id": made["id"]}, started=f"recipe {made['id']}")

    def connect(self, asked: Asked) -> Reply:
        recipe, given = self._recipes.find(asked), reading.body(asked)
        provider, connection = given.get("adapter_name"), given.get("connection_id")
        if not isinstance(provider, str) or not isinstance(connection, int):
            raise refusing.bad_request()
        self._editor.connect(recipe, provider, connection)
        return Reply(200, refusing.ACCEPTED)
