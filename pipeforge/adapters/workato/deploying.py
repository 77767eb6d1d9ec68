"""Deploys a recipe: finds, stops, writes, looks, starts again; and goes on wherever that was left.

Every request but the creation may be repeated. What has been done is read from the recipe itself, and whether
it ran before from the evidence, which was on disk before it was stopped.
"""

import asyncio
from dataclasses import dataclass

from pipeforge.adapter import Evidence, Handle, Observation, Outcome
from pipeforge.adapters.workato.asking import every_recipe
from pipeforge.adapters.workato.changing import Settled, newer, until_worked, verified
from pipeforge.adapters.workato.choices import ACTIVATION, ACTIVATION_LOOK, RECOVERY_LOOK
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.adapters.workato.comparing import same
from pipeforge.adapters.workato.kinds_changes import DeployRecipeOutputs, DeployRecipeParams
from pipeforge.adapters.workato.looking import await_running
from pipeforge.adapters.workato.sending import fields
from pipeforge.adapters.workato.starting import start_stopped
from pipeforge.adapters.workato.wire_recipes import FullRecipe
from pipeforge.errors import AdapterError, InDoubt, Rejected, Transient


async def find(client: WorkatoClient, params: DeployRecipeParams) -> Evidence:
    """The recipe by folder and name, and how it stands. Raises Rejected where several have the name."""
    rows = await every_recipe(client, [("folder_id", str(params.folder_id))])
    found = [row for row in rows if row.name == params.name]
    if len(found) > 1:
        ids = ", ".join(str(row.id) for row in found)
        told = f"{len(found)} recipes in folder {params.folder_id} are called '{params.name}': {ids}"
        raise Rejected(told, "rename all but one, or use workato.update_recipe, which goes by the id")
    await fields(client, params)  # connections that are not there are told before anything is touched
    if found:
        row = found[0]
        return {"recipe_id": row.id, "was_running": row.running, "version_no": row.version_no}
    newest = (await client.list_recipes(size=1)).value.items
    return {"recipe_id": None, "greatest": newest[0].id if newest else 0}


async def deploy(
    client: WorkatoClient, params: DeployRecipeParams, evidence: Evidence
) -> DeployRecipeOutputs:
    wanted = await fields(client, params)
    recipe = evidence["recipe_id"]
    if recipe is None:
        recipe = await client.create_recipe(wanted)
    return await _Deployment(client, params, evidence, recipe, wanted).finish()


async def carry_on(
    client: WorkatoClient, params: DeployRecipeParams, evidence: Evidence
) -> DeployRecipeOutputs | None:
    """Does what is left of a deployment whose end is not known; None if nothing of it was done.

    Raises Transient where it could not come to its end: it may be called again, and has to be.
    """
    recipe = evidence["recipe_id"]
    if recipe is None:
        recipe = await until_worked(
            lambda: newer(client, params.name, params.folder_id, evidence["greatest"])
        )
        if recipe is None:
            return None
    deployment = _Deployment(client, params, evidence, recipe, await fields(client, params))
    if await deployment.untouched():
        return None
    try:
        return await deployment.finish()
    except InDoubt as doubt:
        raise Transient(doubt.message, doubt.hint, retry_after=RECOVERY_LOOK) from None


class HalfDone(Rejected):
    """A deployment that came to its end without success. Its message tells how the recipe is left."""


@dataclass(frozen=True, slots=True)
class Deployed(Settled[DeployRecipeParams]):
    """The change as a step: one that fails while it is settled fails then, and is not in doubt."""

    async def recover(self, params: DeployRecipeParams, key: str, evidence: Evidence) -> Handle | None:
        try:
            found = await carry_on(self.client, params, evidence)
        except HalfDone as failure:
            return {"failed": "; ".join(filter(None, (failure.message, failure.hint)))}
        return None if found is None else {"outputs": found.model_dump(mode="json")}

    async def observe(self, handle: Handle) -> Observation:
        """No other attempt may follow a failure: it would take the recipe for one that was stopped before."""
        if "failed" in handle:
            return Observation(Outcome.FAILED, "half deployed", handle["failed"], left=True)
        return Observation(Outcome.SUCCEEDED, "done", outputs=handle["outputs"])


@dataclass(slots=True)
class _Deployment:
    """One recipe on its way, and how far it is known to be: what a failure has to tell."""

    client: WorkatoClient
    params: DeployRecipeParams
    evidence: Evidence
    recipe: int
    wanted: dict[str, str]
    stopped: bool = False
    """It ran, and was asked to stop."""
    written: FullRecipe | None = None

    @property
    def was_running(self) -> bool:
        return bool(self.evidence.get("was_running"))

    @property
    def created(self) -> bool:
        return self.evidence["recipe_id"] is None

    async def untouched(self) -> bool:
        """Whether it is as it was before, and no lost request can change that any more."""
        if self.created:
            return False

        async def touched() -> bool | None:
            seen = (await self.client.read_recipe(self.recipe)).value
            before = (self.was_running, self.evidence["version_no"])
            return True if (seen.running, seen.version_no) != before or same(self.wanted, seen) else None

        return not await until_worked(touched)

    async def finish(self) -> DeployRecipeOutputs:
        """Raises HalfDone and InDoubt with how the recipe is left; Transient and Rejected while untouched."""
        try:
            return await self._finish()
        except HalfDone:
            raise
        except AdapterError as error:
            touched = self.created or self.stopped or self.written
            if not (touched or isinstance(error, InDoubt)):
                raise
            half = HalfDone if isinstance(error, Rejected) else InDoubt
            raise half(self._told(error), self._mend()) from None

    async def _finish(self) -> DeployRecipeOutputs:
        seen = (await self.client.read_recipe(self.recipe)).value
        self.stopped = self.was_running and not seen.running
        if not same(self.wanted, seen):
            if seen.running:
                await self._stop()
            seen = self.written = await self._write(seen)
        running = seen.running and not self.stopped
        if not running and (self.was_running or self.params.ensure_running):
            await self._start(seen)
            running = True
        before = self.evidence.get("version_no")
        return DeployRecipeOutputs(
            recipe_id=self.recipe,
            created=self.created,
            changed=self.created or self.written is not None or seen.version_no != before,
            version_no=seen.version_no,
            previous_version_no=before,
            was_running=self.was_running,
            running=running,
        )

    async def _stop(self) -> None:
        """Until it is seen stopped. Raises Rejected where it goes on running."""
        await self.client.stop_recipe(self.recipe, repeat=False)  # a late one would stop what runs again
        self.stopped, waited = True, 0.0
        while (await self.client.get_recipe(self.recipe)).value.running:
            if waited >= ACTIVATION:
                told = (
                    f"{self._named} was asked to stop and still runs after {ACTIVATION:g}s, as it was before"
                )
                raise Rejected(told, "it may stop later: look at it in Workato, then deploy it again")
            await asyncio.sleep(ACTIVATION_LOOK)
            waited += ACTIVATION_LOOK

    async def _write(self, before: FullRecipe) -> FullRecipe:
        """The recipe in its new version. One that is refused runs again as it was, if it ran."""
        try:
            await self.client.update_recipe(self.recipe, self.wanted)
            return await verified(self.client, self.recipe, before, self.wanted)
        except Rejected as refusal:
            back, mend = await self._put_back()
            hint = "; ".join(filter(None, (mend, refusal.hint)))
            raise HalfDone(f"{refusal.message}; {self._named} is as it was, and {back}", hint) from None

    async def _put_back(self) -> tuple[str, str]:
        """How it is left, and the mend. Raises nothing: the refusal is what is to be told."""
        if not self.was_running:
            return "stopped, as before", ""
        try:
            await self._start(None)
        except AdapterError as error:
            return (
                f"is stopped, though it ran before: it could not be started again ({error.message})",
                self._mend(),
            )
        return "runs again", ""

    async def _start(self, seen: FullRecipe | None) -> None:
        """Until it is seen running. Raises Rejected that tells what it is left as."""
        state = (
            "" if seen is None else f"{self._named} has what was asked for{_version(seen)} and is stopped: "
        )
        try:
            at = await start_stopped(self.client, self.recipe)
        except Rejected as refusal:
            raise HalfDone(f"{state}{refusal.message}", self._restart(refusal.hint)) from None
        active, _ = await await_running(self.client, self.recipe, at)
        if not active:
            told = f"{state}the start was accepted but took no effect within {ACTIVATION:g}s"
            raise HalfDone(told, self._restart("look at its connections in Workato"))

    @property
    def _named(self) -> str:
        return f"recipe {self.recipe} '{self.params.name}'"

    def _told(self, error: AdapterError) -> str:
        """How far it is, as far as that is known."""
        ran = "it ran before and may be stopped now" if self.was_running else "it is stopped, as before"
        lines = (
            "it may have its new lines"
            if self.written is None
            else f"it has its new lines{_version(self.written)}"
        )
        if self.created:
            ran, lines = "it was created and is not started", "it has its lines"
        return f"{self._named} is half deployed: {ran}, and {lines}; {error.message}"

    def _mend(self) -> str:
        """For a person who does not want to wait until the run goes on."""
        mend = "look at the recipe; resume the run, which goes on from there"
        if self.was_running or self.params.ensure_running:
            mend += f"; or start the recipe: pipeforge call workato.start_recipe recipe_id={self.recipe}"
        return mend

    def _restart(self, hint: str) -> str:
        """After a start that did not come about, when the recipe counts as one that was stopped."""
        again = "then deploy it with `ensure_running: true`, or start it: workato.start_recipe"
        return "; ".join(filter(None, (hint, again)))


def _version(seen: FullRecipe) -> str:
    return "" if seen.version_no is None else f" (version {seen.version_no})"
