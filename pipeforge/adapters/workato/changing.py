"""Workato's changes in one request or two: recipes created, updated and deleted, triggers reset."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from pipeforge.adapter import Evidence, Handle
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.operations import Change
from pipeforge.adapters.workato.asking import every_recipe
from pipeforge.adapters.workato.choices import (
    ACTIVATION_LOOK,
    RECOVERY_LOOK,
    SERVER_WORKS,
    UNFIT_TRIGGERS,
    VERIFIED_WITHIN,
)
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.adapters.workato.comparing import same
from pipeforge.adapters.workato.kinds_changes import (
    CreateRecipeOutputs,
    CreateRecipeParams,
    DeleteRecipeOutputs,
    DeleteRecipeParams,
    ResetTriggerOutputs,
    ResetTriggerParams,
    UpdateRecipeOutputs,
    UpdateRecipeParams,
)
from pipeforge.adapters.workato.sending import fields
from pipeforge.adapters.workato.wire_recipes import FullRecipe
from pipeforge.errors import AdapterError, InDoubt, Rejected, Transient

P = TypeVar("P", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Settled(Change[WorkatoClient, P]):
    """A change of which Workato shows whether it was made."""

    look: Callable[[WorkatoClient, P, Evidence], Awaitable[BaseModel | None]] | None = None
    """The outputs of one whose answer was lost; None where it was not made."""

    async def recover(self, params: P, key: str, evidence: Evidence) -> Handle | None:
        assert self.look is not None
        found = await self.look(self.client, params, evidence)
        return None if found is None else {"outputs": found.model_dump(mode="json")}


async def note_greatest(client: WorkatoClient, params: CreateRecipeParams) -> Evidence:
    """Ids rise: a recipe that is created has a greater one than all there are."""
    newest = (await client.list_recipes(size=1)).value.items
    return {"greatest": newest[0].id if newest else 0}


async def create(
    client: WorkatoClient, params: CreateRecipeParams, evidence: Evidence
) -> CreateRecipeOutputs:
    return CreateRecipeOutputs(recipe_id=await client.create_recipe(await fields(client, params)))


async def created(
    client: WorkatoClient, params: CreateRecipeParams, evidence: Evidence
) -> CreateRecipeOutputs | None:
    """Raises InDoubt where there are several."""
    found = await until_worked(lambda: newer(client, params.name, params.folder_id, evidence["greatest"]))
    return None if found is None else CreateRecipeOutputs(recipe_id=found)


async def newer(client: WorkatoClient, name: str, folder: int | None, greatest: int) -> int | None:
    """The id of a recipe of this name that came after `greatest`. Raises InDoubt where there are several."""
    filters = [] if folder is None else [("folder_id", str(folder))]
    rows = await every_recipe(client, filters, above=greatest)
    ids = [row.id for row in rows if row.name == name]
    if len(ids) > 1:
        told = f"recipes {', '.join(map(str, ids))} are called '{name}' and newer than the intent"
        raise InDoubt(told, "look which of them this step created, and delete what is too much")
    return ids[0] if ids else None


async def until_worked(look: Callable[[], Awaitable[T | None]]) -> T | None:
    """What a look finds; None once a request whose answer was lost can no longer take effect."""
    waited = 0.0
    while True:
        found = await look()
        if found is not None or waited >= SERVER_WORKS:
            return found
        await asyncio.sleep(RECOVERY_LOOK)
        waited += RECOVERY_LOOK


async def note_version(client: WorkatoClient, params: UpdateRecipeParams) -> Evidence:
    return {"version_no": (await client.get_recipe(params.recipe_id)).value.version_no}


async def update(
    client: WorkatoClient, params: UpdateRecipeParams, evidence: Evidence
) -> UpdateRecipeOutputs:
    """Sends nothing where all is so already."""
    wanted, recipe = await fields(client, params), params.recipe_id
    seen = (await client.read_recipe(recipe)).value
    if same(wanted, seen):
        return _updated(seen, evidence)
    if seen.running:
        raise Rejected(
            f"recipe {recipe} is running, and Workato updates only those that are stopped",
            "stop it first (workato.stop_recipe), or use workato.deploy_recipe, which stops and starts it",
        )
    await client.update_recipe(recipe, wanted)
    return _updated(await verified(client, recipe, seen, wanted), evidence)


async def updated(
    client: WorkatoClient, params: UpdateRecipeParams, evidence: Evidence
) -> UpdateRecipeOutputs | None:
    """Only by what the recipe is now; one that is not what was asked for is updated again."""
    wanted, seen = await fields(client, params), (await client.read_recipe(params.recipe_id)).value
    return _updated(seen, evidence) if same(wanted, seen) else None


def _updated(seen: FullRecipe, evidence: Evidence) -> UpdateRecipeOutputs:
    changed = seen.version_no != evidence["version_no"]
    return UpdateRecipeOutputs(recipe_id=seen.id, changed=changed, version_no=seen.version_no)


async def verified(
    client: WorkatoClient, recipe: int, before: FullRecipe, wanted: Mapping[str, str]
) -> FullRecipe:
    """The recipe once it has a new version (or, where none is told, what was asked for).

    Workato may write lines in another way than they were sent: a new version is the proof, not equality.
    Raises Rejected where an acknowledged update is not seen, InDoubt where nothing can be seen.
    """
    waited = 0.0
    while True:
        trouble: AdapterError
        try:
            seen = (await client.read_recipe(recipe)).value
        except Transient as error:
            trouble = InDoubt(error.message, error.hint)
        else:
            if _is_newer(seen, before) if seen.version_no is not None else same(wanted, seen):
                return seen
            told = f"Workato took the update of recipe {recipe}, which is still version {seen.version_no}"
            trouble = Rejected(told, "look at the recipe's versions in Workato")
        if waited >= VERIFIED_WITHIN:
            raise trouble
        await asyncio.sleep(ACTIVATION_LOOK)
        waited += ACTIVATION_LOOK


def _is_newer(seen: FullRecipe, before: FullRecipe) -> bool:
    return before.version_no is None or (seen.version_no or 0) > before.version_no


async def check_name(client: WorkatoClient, params: DeleteRecipeParams) -> Evidence:
    """Before anything is deleted: whether it is the recipe that the author means, and is stopped."""
    seen = (await client.get_recipe(params.recipe_id)).value
    if seen.name != params.confirm:
        raise Rejected(
            f"recipe {params.recipe_id} is called '{seen.name}', not '{params.confirm}': it is not deleted",
            "check `recipe_id`, and repeat the name of the recipe that is meant under `confirm`",
        )
    if seen.running:
        told = (
            f"recipe {params.recipe_id} '{seen.name}' runs, and Workato deletes only those that are stopped"
        )
        raise Rejected(told, "stop it first: workato.stop_recipe")
    return {"name": seen.name}


async def delete(
    client: WorkatoClient, params: DeleteRecipeParams, evidence: Evidence
) -> DeleteRecipeOutputs:
    await client.delete_recipe(params.recipe_id)
    return DeleteRecipeOutputs(recipe_id=params.recipe_id, name=evidence["name"])


async def deleted(
    client: WorkatoClient, params: DeleteRecipeParams, evidence: Evidence
) -> DeleteRecipeOutputs | None:
    async def gone() -> bool | None:
        try:
            await client.get_recipe(params.recipe_id)
        except Refused as refusal:
            if refusal.status == 404:
                return True
            raise
        return None

    if not await until_worked(gone):
        return None
    return DeleteRecipeOutputs(recipe_id=params.recipe_id, name=evidence["name"])


async def check_trigger(client: WorkatoClient, params: ResetTriggerParams) -> Evidence:
    """Refuses triggers of which Workato says that a reset does nothing to them, or harm."""
    seen = (await client.get_recipe(params.recipe_id)).value
    unfit = UNFIT_TRIGGERS.get(seen.trigger_application or "")
    if unfit:
        raise Rejected(
            f"recipe {params.recipe_id} begins with '{seen.trigger_application}' ({unfit}): "
            "resetting such a trigger has no effect, or one that nobody wants",
            "only triggers that poll or go by a schedule can be reset",
        )
    return {"running": seen.running}


async def reset(client: WorkatoClient, params: ResetTriggerParams, evidence: Evidence) -> ResetTriggerOutputs:
    await client.reset_trigger(params.recipe_id)
    return ResetTriggerOutputs(recipe_id=params.recipe_id, running=evidence["running"])
