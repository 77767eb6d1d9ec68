"""What Workato knows of the recipes that steps name."""

from pipeforge.adapter import Json
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.language.lock import Thing


async def inspect(client: WorkatoClient, what: str, names: tuple[Json, ...]) -> Thing:
    """Reads only. Raises what Http.send raises."""
    recipe = (await client.get_recipe(int(names[0]))).value
    version = None if recipe.version_no is None else str(recipe.version_no)
    return Thing(
        name=recipe.name, running=recipe.running, trigger=recipe.trigger_application, revision=version
    )
