"""What Workato knows of the recipes, jobs, folders and connections that steps name."""

from collections.abc import AsyncIterator, Awaitable, Callable

from pipeforge.adapter import Json
from pipeforge.adapters.workato.asking import every_recipe
from pipeforge.adapters.workato.choices import FOLDERS_ASKED, PAGE
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.adapters.workato.wire import Recipe
from pipeforge.adapters.workato.wire_recipes import Folder
from pipeforge.language.lock import Thing

Names = tuple[Json, ...]


async def inspect(client: WorkatoClient, what: str, names: Names) -> Thing:
    """Reads only. Raises what Http.send raises."""
    return await _LOOKS[what](client, names)


async def _recipe(client: WorkatoClient, names: Names) -> Thing:
    return _told((await client.get_recipe(int(names[0]))).value)


def _told(recipe: Recipe) -> Thing:
    return Thing(
        name=recipe.name,
        running=recipe.running,
        trigger=recipe.trigger_application,
        others_start_it=recipe.has_webhook,
        revision=None if recipe.version_no is None else str(recipe.version_no),
    )


async def _job(client: WorkatoClient, names: Names) -> Thing:
    await client.get_job(int(names[0]), str(names[1]))
    return Thing()


async def _recipe_called(client: WorkatoClient, names: Names) -> Thing:
    """By folder and name."""
    folder, name = int(names[0]), str(names[1])
    rows = await every_recipe(client, [("folder_id", str(folder))])
    found = [row for row in rows if row.name == name]
    if not found:
        return Thing(state="absent", detail=f"folder {folder} has no recipe '{name}' yet")
    if len(found) > 1:
        return Thing(name=name, others=[str(row.id) for row in found])
    return _told(found[0])


async def _folder(client: WorkatoClient, names: Names) -> Thing:
    """No question asks for one folder: what lies in it tells of it, or else the tree of all folders."""
    wanted = int(names[0])
    rows = (await client.list_recipes([("folder_id", str(wanted))], size=1)).value.items
    if any(row.folder_id == wanted for row in rows):
        return Thing()
    async for folder in _folders(client, wanted):
        if folder is None:
            return Thing()
        if wanted in (folder.id, folder.parent_id):
            return Thing(name=folder.name if folder.id == wanted else None)
    return Thing(state="absent", detail=f"the workspace has no folder {wanted}")


async def _folders(client: WorkatoClient, first: int) -> AsyncIterator[Folder | None]:
    """Those below one folder, then all from the top; None where there are more than are asked for."""
    waiting: list[tuple[int | None, int]] = [(first, 1), (None, 1)]
    seen = set[int]()
    for _ in range(FOLDERS_ASKED):
        if not waiting:
            return
        parent, page = waiting.pop(0)
        found = (await client.list_folders(parent, page)).items
        new = [folder for folder in found if folder.id not in seen]
        for folder in new:
            seen.add(folder.id)
            waiting.append((folder.id, 1))
            yield folder
        if new and len(found) >= PAGE:
            waiting.append((parent, page + 1))
    if waiting:
        yield None


async def _connection(client: WorkatoClient, names: Names) -> Thing:
    """By its id, or by connector and name as in files that Workato exports."""
    provider, called = names
    fit = [
        each
        for each in (await client.list_connections()).items
        if each.connector in (None, provider) and called in (each.id, each.name)
    ]
    if not fit:
        return Thing(state="absent", detail=f"the workspace has no connection '{called}' to {provider}")
    if len(fit) > 1:
        return Thing(name=str(called), others=[str(each.id) for each in fit])
    status = fit[0].authorization_status
    return Thing(name=fit[0].name, connected=None if status is None else status == "success")


_LOOKS: dict[str, Callable[[WorkatoClient, Names], Awaitable[Thing]]] = {
    "recipe": _recipe,
    "recipe_called": _recipe_called,
    "job": _job,
    "folder": _folder,
    "connection": _connection,
}
