"""Packages: recipes of a folder as files in a zip archive, and such an archive taken in."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from pipeforge.emulators.core import Json
from pipeforge.emulators.workato.editing import HOME, Editor
from pipeforge.emulators.workato.reading import Written
from pipeforge.emulators.workato.records import Recipe
from pipeforge.emulators.workato.refusing import bad_request
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.state import Recipes
from pipeforge.emulators.workato.workspace import Workspace

RECIPE, CONNECTION = ".recipe.json", ".connection.json"
LONG_AGO = (2020, 1, 1, 0, 0, 0)
"""Of every file in an archive, so that the same recipes are the same bytes."""


class Packages:
    """Writes and reads archives."""

    def __init__(self, shelf: Shelf, recipes: Recipes, editor: Editor, workspace: Workspace) -> None:
        self._shelf = shelf
        self._recipes = recipes
        self._editor = editor
        self._workspace = workspace

    def assets(self, folder: int) -> list[dict[str, Json]]:
        """What a folder holds, and what the folders below it hold."""
        rows = []
        for path, number in self._tree(folder):
            held = [each for each in self._shelf.recipes() if each["folder_id"] == number]
            rows += [_asset(each["id"], each["name"], RECIPE, path, each["version_no"]) for each in held]
            known = self._workspace.connections().items()
            linked = [(number_, each) for number_, each in known if each.folder_id == number]
            rows += [_asset(number_, each.name, CONNECTION, path, 1) for number_, each in linked]
        return rows

    def archive(self, folder: int) -> bytes:
        """The zip archive of a folder."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for asset in self.assets(folder):
                held = self._exported(asset["id"]) if asset["type"] == "recipe" else self._link(asset["id"])
                info = zipfile.ZipInfo(asset["zip_name"], LONG_AGO)
                archive.writestr(info, json.dumps(held, ensure_ascii=False, indent=2))
        return buffer.getvalue()

    def take_in(self, content: bytes, folder: int, restart: bool) -> list[dict[str, Json]]:
        """What became of each recipe. 400 for what is no archive, or would change one that runs."""
        files = dict(_files(content))
        found = {path: self._present(held, self._below(path, folder)) for path, held in files.items()}
        if not restart and any(each and each["runs_since"] is not None for each in found.values()):
            raise bad_request("Recipes are running: stop them, or allow that they are restarted")
        return [
            self._import(held, found[path], self._below(path, folder, create=True) or folder)
            for path, held in files.items()
        ]

    def _below(self, path: str, folder: int, *, create: bool = False) -> int | None:
        """The folder that a path in an archive leads to; None if it is not there."""
        for name in PurePosixPath(path).parent.parts:
            known = self._workspace.folders().items()
            below = [
                number for number, each in known if (each.parent_id or HOME, each.name) == (folder, name)
            ]
            if not below and not create:
                return None
            folder = below[0] if below else self._workspace.create_folder(name, folder)
        return folder

    def _import(self, held: dict[str, Json], recipe: Recipe | None, folder: int) -> dict[str, Json]:
        given = Written(
            name=str(held.get("name") or "Untitled recipe"),
            description=str(held.get("description") or ""),
            code=json.dumps(held.get("code") or {}),
            config=[self._resolved(line) for line in held.get("config") or ()],
            folder_id=folder,
        )
        if recipe is None:
            made = self._editor.create(given, None)
            return {"id": made["id"], "import_result": "no_update_or_updated_without_restart"}
        if self._editor.is_so(recipe, given):
            return {"id": recipe["id"], "import_result": "no_update_or_updated_without_restart"}
        ran = recipe["runs_since"] is not None
        if ran:
            self._recipes.halt(recipe)
        self._editor.update(recipe, given)
        if ran and any(self._editor.start_errors(recipe)):
            return {"id": recipe["id"], "import_result": "restart_failed"}
        if ran:
            self._recipes.start(recipe)
        result = "restarted" if ran else "no_update_or_updated_without_restart"
        return {"id": recipe["id"], "import_result": result}

    def _present(self, held: dict[str, Json], folder: int | None) -> Recipe | None:
        """inferred: a recipe is the one of the same name in the folder."""
        rows = [each for each in self._shelf.recipes() if each["folder_id"] == folder]
        return next((each for each in rows if each["name"] == held.get("name")), None)

    def _exported(self, number: int) -> dict[str, Json]:
        recipe = self._shelf.recipe(str(number))
        return {
            "name": recipe["name"],
            "description": recipe["description"],
            "version": recipe["version_no"],
            "private": True,
            "concurrency": 1,
            "code": json.loads(recipe["code"]),
            "config": [self._named(line) for line in recipe["config"]],
        }

    def _link(self, number: int) -> dict[str, Json]:
        connection = self._workspace.connections()[number]
        return {"name": connection.name, "provider": connection.provider, "root_folder": False}

    def _named(self, line: dict[str, Json]) -> dict[str, Json]:
        """Connections go by their names in files: their ids differ from workspace to workspace."""
        connection = self._workspace.connections().get(line.get("account_id") or 0)
        if connection is None:
            return {**line, "account_id": None}
        reference = {
            "zip_name": _file_name(connection.name, CONNECTION),
            "name": connection.name,
            "folder": "",
        }
        return {**line, "account_id": reference}

    def _resolved(self, line: dict[str, Json]) -> dict[str, Json]:
        reference = line.get("account_id")
        if not isinstance(reference, dict):
            return line
        known = self._workspace.connections().items()
        named = [number for number, each in known if each.name == reference.get("name")]
        return {**line, "account_id": named[0] if named else None}

    def _tree(self, folder: int, path: str = "") -> Iterator[tuple[str, int]]:
        yield path, folder
        for number, each in self._workspace.folders().items():
            if each.parent_id == folder and number != folder:
                yield from self._tree(number, f"{path}{each.name}/")


def _asset(number: int, name: str, ending: str, path: str, version: int) -> dict[str, Json]:
    return {
        "id": number,
        "name": name,
        "type": ending.split(".")[1],
        "version": version,
        "folder": path.rstrip("/"),
        "absolute_path": path.rstrip("/"),
        "root_folder": False,
        "unreachable": False,
        "zip_name": path + _file_name(name, ending),
        "checked": True,
        "status": "added",
    }


def _file_name(name: str, ending: str) -> str:
    return re.sub(r"\W+", "_", name.lower()).strip("_") + ending


def _files(content: bytes) -> Iterator[tuple[str, dict[str, Json]]]:
    """The recipes in an archive; what else is in it is left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for path in archive.namelist():
                if PurePosixPath(path).name.endswith(RECIPE):
                    held = json.loads(archive.read(path))
                    if not isinstance(held, dict):
                        raise bad_request("The package holds a recipe that is none")
                    yield path, held
    except (zipfile.BadZipFile, ValueError):
        raise bad_request("The package is no zip archive of recipes") from None
