"""Starting and stopping a recipe: asked for only where needed, then watched until it has taken effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from pipeforge.adapter import Evidence, Handle, Json, Kind, Observation, Outcome
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.pointing import number
from pipeforge.adapters.workato.choices import ACTIVATION
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.adapters.workato.kinds import START_RECIPE, STOP_RECIPE, StartRecipeParams, StopRecipeParams
from pipeforge.adapters.workato.requesting import Seen
from pipeforge.adapters.workato.starting import start_stopped, state_after
from pipeforge.adapters.workato.walking import walk
from pipeforge.adapters.workato.wire import Job, Recipe
from pipeforge.errors import Rejected


class StartRecipe:
    """Starts a recipe that is stopped."""

    kind: ClassVar[Kind] = START_RECIPE

    def __init__(self, client: WorkatoClient) -> None:
        self._client = client

    async def prepare(self, params: StartRecipeParams) -> Evidence:
        return await _before(self._client, params.recipe_id)

    async def trigger(self, params: StartRecipeParams, key: str, evidence: Evidence) -> Handle:
        """Looks again at what was so already: a resume may go by what was seen a day ago."""
        seen = await self._client.get_recipe(params.recipe_id) if evidence["was_running"] else None
        if seen is not None and seen.value.running:
            return _asked(params.recipe_id, evidence, seen.at)
        return _asked(params.recipe_id, evidence, await start_stopped(self._client, params.recipe_id))

    async def observe(self, handle: Handle) -> Observation:
        seen = await self._client.get_recipe(handle["recipe_id"])
        found = _outputs(handle)
        if seen.value.running:
            return Observation(Outcome.SUCCEEDED, "running", outputs=found)
        if _too_late(seen, handle):
            cause = f"; its stop cause is '{seen.value.stop_cause}'" if seen.value.stop_cause else ""
            detail = f"the start was accepted but took no effect within {ACTIVATION:g}s{cause}"
            return Observation(Outcome.FAILED, "stopped", detail, outputs=found)
        return Observation(None, "activating", outputs=found)

    async def cancel(self, handle: Handle) -> None:
        raise Rejected("a start cannot be canceled", "use workato.stop_recipe")

    def link(self, params: StartRecipeParams) -> str:
        return self._client.page(params.recipe_id)

    def handle_of(self, given: Json, params: StartRecipeParams, evidence: Evidence) -> Handle:
        return _pointed(given, params.recipe_id, evidence)

    async def recover(self, params: StartRecipeParams, key: str, evidence: Evidence) -> Handle | None:
        found = await state_after(self._client, params.recipe_id, running=True)
        return _asked(params.recipe_id, evidence, found.at) if found else None


class StopRecipe:
    """Stops a recipe that is running, and waits for its jobs."""

    kind: ClassVar[Kind] = STOP_RECIPE

    def __init__(self, client: WorkatoClient) -> None:
        self._client = client

    async def prepare(self, params: StopRecipeParams) -> Evidence:
        return await _before(self._client, params.recipe_id)

    async def trigger(self, params: StopRecipeParams, key: str, evidence: Evidence) -> Handle:
        """Looks again at what was so already: a resume may go by what was seen a day ago."""
        seen = None if evidence["was_running"] else await self._client.get_recipe(params.recipe_id)
        if seen is not None and not seen.value.running:
            at = seen.at
        else:
            at = await self._client.stop_recipe(params.recipe_id)
        return {**_asked(params.recipe_id, evidence, at), "drain": params.drain}

    async def observe(self, handle: Handle) -> Observation:
        seen = await self._client.get_recipe(handle["recipe_id"])
        found = _outputs(handle)
        if seen.value.running:
            if not _too_late(seen, handle):
                return Observation(None, "stopping", outputs=found)
            detail = f"the stop was accepted but took no effect within {ACTIVATION:g}s"
            return Observation(Outcome.FAILED, "running", detail, outputs=found)
        if not handle["drain"]:
            return Observation(Outcome.SUCCEEDED, "stopped", outputs=found)
        left = await self._left(handle["recipe_id"])
        if left.going:
            return Observation(None, "draining", f"{left.going} jobs still running", outputs=found)
        found["waiting_jobs"] = left.waiting
        waits = f"{left.waiting} jobs wait until recipe {handle['recipe_id']} is started again"
        told = "; ".join(filter(None, (waits if left.waiting else "", left.warning)))
        return Observation(Outcome.SUCCEEDED, "stopped", outputs=found, warning=told)

    async def _left(self, recipe: int) -> "_Left":
        """The one that runs is the oldest of those that are not over: all pages of them are read."""
        try:
            found = await walk(self._client, recipe, _tells, filters=[("status", "pending")])
        except Refused as refusal:
            return _Left(warning=f"whether its jobs are over cannot be seen: {refusal.message}")
        # inferred: the filter takes what is queued and what is in progress; only the latter has begun
        unfinished = [job for job in found.jobs if not _over(job)]
        going = sum(_goes(job) for job in unfinished)
        warning = "" if found.whole else "there are more jobs than Workato lists: not all were looked at"
        return _Left(going, len(unfinished) - going, warning)

    async def cancel(self, handle: Handle) -> None:
        raise Rejected("a stop cannot be canceled", "use workato.start_recipe")

    def link(self, params: StopRecipeParams) -> str:
        return self._client.page(params.recipe_id)

    def handle_of(self, given: Json, params: StopRecipeParams, evidence: Evidence) -> Handle:
        return {**_pointed(given, params.recipe_id, evidence), "drain": params.drain}

    async def recover(self, params: StopRecipeParams, key: str, evidence: Evidence) -> Handle | None:
        found = await state_after(self._client, params.recipe_id, running=False)
        return {**_asked(params.recipe_id, evidence, found.at), "drain": params.drain} if found else None


@dataclass(frozen=True, slots=True)
class _Left:
    """Jobs of a stopped recipe that are not over."""

    going: int = 0
    waiting: int = 0
    warning: str = ""


async def _before(client: WorkatoClient, recipe: int) -> Evidence:
    seen = await client.get_recipe(recipe)
    return {"was_running": seen.value.running}


def _asked(recipe: int, evidence: Evidence, at: datetime) -> dict[str, Json]:
    """`at`: the server's time from which on it may take its time to take effect."""
    return {"recipe_id": recipe, "was_running": evidence["was_running"], "at": at.isoformat()}


def _pointed(given: Json, recipe: int, evidence: Evidence) -> dict[str, Json]:
    """Raises ValueError for another recipe than the step's."""
    if number(given, "recipe_id") != recipe:
        raise ValueError(f"the step is about recipe {recipe}")
    return _asked(recipe, {"was_running": False, **evidence}, datetime.now(UTC))


def _tells(page: Sequence[Job]) -> bool:
    """Whether no further page is needed: one job that runs is enough, and none is behind those that ended."""
    return any(_goes(job) for job in page) or all(_over(job) for job in page)


def _over(job: Job) -> bool:
    """However it ended."""
    return job.outcome() is not None or job.completed_at is not None


def _goes(job: Job) -> bool:
    return not _over(job) and job.started_at is not None


def _too_late(seen: Seen[Recipe], handle: Handle) -> bool:
    return (seen.at - datetime.fromisoformat(handle["at"])).total_seconds() >= ACTIVATION


def _outputs(handle: Handle) -> dict[str, Json]:
    return {"recipe_id": handle["recipe_id"], "was_running": handle["was_running"], "waiting_jobs": 0}
