"""What the engine drives: poll_recipe and run_recipe over a client, and every other kind beside them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from pipeforge.adapter import Evidence, Handle, Json, Kind, Observation
from pipeforge.adapters.operations import Change, Read
from pipeforge.adapters.workato import asking, changing, deploying, kinds_changes, kinds_jobs, kinds_recipes
from pipeforge.adapters.workato.asking import page_of
from pipeforge.adapters.workato.awaiting import Baseline, Phase, Sight, Watch, phase, watch_from, watch_of
from pipeforge.adapters.workato.changing import Settled
from pipeforge.adapters.workato.choices import ACTIVATION_LOOK
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.adapters.workato.deploying import Deployed
from pipeforge.adapters.workato.kinds import POLL_RECIPE, RUN_RECIPE, PollRecipeParams, RunRecipeParams
from pipeforge.adapters.workato.looking import look, stops_soon, take_baseline
from pipeforge.adapters.workato.starting import find, poll, start
from pipeforge.adapters.workato.switches import StartRecipe, StopRecipe
from pipeforge.adapters.workato.verdicts import done, no_events, outputs, paused, still
from pipeforge.adapters.workato.wire import Recipe
from pipeforge.errors import Rejected


class PollRecipe:
    """Makes a recipe poll now and awaits the jobs that are newer than those before."""

    kind: ClassVar[Kind] = POLL_RECIPE

    def __init__(self, client: WorkatoClient) -> None:
        self._client = client

    async def prepare(self, params: PollRecipeParams) -> Evidence:
        before = await take_baseline(self._client, params)
        if not before.running and not params.ensure_running:
            raise Rejected(
                f"recipe {params.recipe_id} is not running" + _cause(before.stop_cause),
                "start it, write `ensure_running: true`, or use workato.run_recipe to start and stop it",
            )
        return before.model_dump(mode="json")

    async def trigger(self, params: PollRecipeParams, key: str, evidence: Evidence) -> Handle:
        if evidence["running"]:
            return await poll(self._client, params, evidence)
        seen = await self._client.get_recipe(params.recipe_id)
        if seen.value.running:  # started since, by whomever: starting made it poll
            return watch_of(params, Baseline.model_validate(evidence), seen.at).handle()
        return await start(self._client, params, evidence)

    async def observe(self, handle: Handle) -> Observation:
        watch = Watch.model_validate(handle)
        sight = await look(self._client, watch)
        now, left = phase(watch, sight)
        if now is Phase.DONE:
            return done(watch, sight)
        if now is Phase.NO_EVENTS:
            recipe = (await self._client.get_recipe(watch.recipe_id)).value
            return no_events(watch, sight, recipe, stopped_is_fine=False)
        if sight.waiting and not sight.going:
            recipe = (await self._client.get_recipe(watch.recipe_id)).value
            if not recipe.running:
                return paused(watch, sight)
        return still(watch, sight, now, left)

    async def cancel(self, handle: Handle) -> None:
        raise Rejected("the jobs of a poll cannot be canceled", "stop the recipe in Workato")

    async def recover(self, params: PollRecipeParams, key: str, evidence: Evidence) -> Handle | None:
        return await find(self._client, params, evidence)

    def link(self, params: RunRecipeParams) -> str:
        """The recipe's page, which lists its jobs."""
        return self._client.page(params.recipe_id)

    def handle_of(self, given: Json, params: RunRecipeParams, evidence: Evidence) -> Handle:
        return watch_from(given, params, evidence).handle()


class RunRecipe:
    """Starts a stopped recipe, awaits the jobs of the poll that starting makes, and stops it.

    The stop belongs to the observation: it is asked for whenever the jobs are over and the recipe still runs,
    so that it happens whichever process sees the end, and any number of times.
    """

    kind: ClassVar[Kind] = RUN_RECIPE

    def __init__(self, client: WorkatoClient) -> None:
        self._client = client

    async def prepare(self, params: RunRecipeParams) -> Evidence:
        before = await take_baseline(self._client, params)
        if before.running:
            raise Rejected(
                f"recipe {params.recipe_id} is running already, so starting it would not make it poll",
                "use workato.poll_recipe for a recipe that is kept running, or stop it first",
            )
        return before.model_dump(mode="json")

    async def trigger(self, params: RunRecipeParams, key: str, evidence: Evidence) -> Handle:
        return await start(self._client, params, evidence)

    async def observe(self, handle: Handle) -> Observation:
        watch = Watch.model_validate(handle)
        recipe = (await self._client.get_recipe(watch.recipe_id)).value
        sight = await look(self._client, watch)
        now, left = phase(watch, sight)
        if now in (Phase.DONE, Phase.NO_EVENTS):
            return await self._end(watch, sight, recipe, now)
        if not recipe.running and not sight.going and (sight.waiting or _stopped_early(watch, now)):
            return paused(watch, sight)
        return still(watch, sight, now, left)

    async def _end(self, watch: Watch, sight: Sight, recipe: Recipe, now: Phase) -> Observation:
        """Stops the recipe while it runs; the outcome once it does not, or once it refuses to stop.

        One that was stopped already and runs again is somebody else's.
        """
        warning = ""
        never = now is Phase.NO_EVENTS and not watch.activated and not recipe.running
        if never:  # one that never became active must not do so later
            await self._call_off(watch.recipe_id)
        elif recipe.running and not watch.stopped_since(recipe):
            refused = await self._call_off(watch.recipe_id)
            # waited for here: once a step's time is over there is one look, and it has to tell the end
            if not await stops_soon(self._client, watch.recipe_id):
                if not refused:
                    found = outputs(watch, sight)
                    return Observation(None, "stopping", outputs=found, look_again=ACTIVATION_LOOK)
                warning = f"it could not be stopped and is left running: {refused}"
        if now is Phase.DONE:
            return done(watch, sight, warning)
        seen = no_events(watch, sight, recipe, stopped_is_fine=not never)
        return replace(seen, warning="; ".join(filter(None, (seen.warning, warning))))

    async def _call_off(self, recipe: int) -> str:
        """Asks for the stop; the vendor's words if it refuses."""
        try:
            await self._client.stop_recipe(recipe)
        except Rejected as refusal:
            return refusal.message
        return ""

    async def cancel(self, handle: Handle) -> None:
        """Stops the recipe: jobs that have begun run to their end, the others wait for the next start."""
        watch = Watch.model_validate(handle)
        recipe = (await self._client.get_recipe(watch.recipe_id)).value
        if not (recipe.running and watch.stopped_since(recipe)):  # one that is starting is stopped too
            await self._client.stop_recipe(watch.recipe_id)

    async def recover(self, params: RunRecipeParams, key: str, evidence: Evidence) -> Handle | None:
        return await find(self._client, params, evidence)

    def link(self, params: RunRecipeParams) -> str:
        """The recipe's page, which lists its jobs."""
        return self._client.page(params.recipe_id)

    def handle_of(self, given: Json, params: RunRecipeParams, evidence: Evidence) -> Handle:
        return watch_from(given, params, evidence).handle()


def _stopped_early(watch: Watch, now: Phase) -> bool:
    """Seen running, then not, and no job: somebody stopped it. One not yet active is waited for."""
    return now is Phase.NONE_YET and watch.activated


def _cause(stop_cause: str | None) -> str:
    return f" (stop cause '{stop_cause}')" if stop_cause else ""


ADAPTERS: dict[str, Callable[[WorkatoClient], Any]] = {
    "workato.poll_recipe": PollRecipe,
    "workato.run_recipe": RunRecipe,
    "workato.start_recipe": StartRecipe,
    "workato.stop_recipe": StopRecipe,
    "workato.create_recipe": lambda client: Settled(
        kinds_changes.CREATE_RECIPE,
        client,
        changing.create,
        changing.note_greatest,
        page_of,
        changing.created,
    ),
    "workato.update_recipe": lambda client: Settled(
        kinds_changes.UPDATE_RECIPE, client, changing.update, changing.note_version, page_of, changing.updated
    ),
    "workato.deploy_recipe": lambda client: Deployed(
        kinds_changes.DEPLOY_RECIPE, client, deploying.deploy, deploying.find, page_of
    ),
    "workato.delete_recipe": lambda client: Settled(
        kinds_changes.DELETE_RECIPE, client, changing.delete, changing.check_name, page_of, changing.deleted
    ),
    "workato.reset_trigger": lambda client: Change(
        kinds_changes.RESET_TRIGGER, client, changing.reset, changing.check_trigger, page_of
    ),
    "workato.list_recipes": lambda client: Read(kinds_recipes.LIST_RECIPES, client, asking.list_recipes),
    "workato.get_recipe": lambda client: Read(kinds_recipes.GET_RECIPE, client, asking.get_recipe, page_of),
    "workato.search_recipes": lambda client: Read(
        kinds_recipes.SEARCH_RECIPES, client, asking.search_recipes
    ),
    "workato.list_jobs": lambda client: Read(kinds_jobs.LIST_JOBS, client, asking.list_jobs, page_of),
    "workato.get_job": lambda client: Read(kinds_jobs.GET_JOB, client, asking.get_job, page_of),
}
