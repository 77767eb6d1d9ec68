"""Workato recipes as steps that deploy them, with their lines and connections in files."""

from collections.abc import Sequence

from pipeforge.adapter import Json
from pipeforge.adapters.drafts import Draft, Ids, StepDraft
from pipeforge.adapters.workato.choices import NAME_LENGTH
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.adapters.workato.wire_recipes import FullRecipe
from pipeforge.errors import Rejected, UsageError


async def draft(client: WorkatoClient, names: Sequence[str]) -> Draft:
    """Recipes by their ids. Raises UsageError, and what Http.send raises."""
    if not names or not all(name.isascii() and name.isdecimal() for name in names):
        raise UsageError("Workato recipes are named by their ids", "pipeforge import workato 1389")
    ids, files, steps = Ids(), dict[str, Json](), list[StepDraft]()
    for name in names:
        recipe = (await client.read_recipe(int(name))).value
        steps.append(_step(recipe, ids.new(recipe.name, f"recipe_{recipe.id}"), files))
    return Draft(
        name=f"{steps[0].id}_deployment" if len(steps) == 1 else "recipes",
        description="Imported from Workato: keeps recipes as the files beside this one say.",
        steps=tuple(steps),
        notes=("Look through the files for credentials before you commit them.",),
        files=files,
    )


def _step(recipe: FullRecipe, id_: str, files: dict[str, Json]) -> StepDraft:
    lines = recipe.lines()
    if lines is None or recipe.folder_id is None:
        what = "lines" if lines is None else "folder"
        raise Rejected(
            f"recipe {recipe.id} shows no {what}", "give the API client the right to read recipes in full"
        )
    files[f"recipes/{id_}.code.json"] = lines
    name, notes = recipe.name or id_, list[str]()
    if len(name) > NAME_LENGTH:
        name = f"{name[: NAME_LENGTH - 1].rstrip()}…"
        notes = [f"Its name there is longer than {NAME_LENGTH} characters: under this one another is made."]
    given: dict[str, Json] = {"folder_id": recipe.folder_id, "name": name}
    given["code"] = {"file": f"recipes/{id_}.code.json"}
    if recipe.config:
        files[f"recipes/{id_}.config.json"] = recipe.config
        given["config"] = {"file": f"recipes/{id_}.config.json"}
    state = "running" if recipe.running else "stopped"
    notes = [f"Recipe {recipe.id}, {state} when imported.", *notes]
    return StepDraft(id_, "workato.deploy_recipe", given, notes=tuple(notes))
