"""Handlers of jobs: list and get, for both families."""

from pipeforge.emulators.core import Asked, Json, Refused, Reply
from pipeforge.emulators.workato.listing import job_page
from pipeforge.emulators.workato.queue import there
from pipeforge.emulators.workato.refusing import missing, saying
from pipeforge.emulators.workato.shapes import Shapes
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.wire_recipes import RecipeWire
from pipeforge.emulators.workato.world import WorkatoWorld

FORBIDDEN = {401: "Unauthorized", 403: "Forbidden", 404: "Not found"}


class JobWire:
    """The handlers."""

    def __init__(self, world: WorkatoWorld, shelf: Shelf, shapes: Shapes, recipes: RecipeWire) -> None:
        self._world = world
        self._shelf = shelf
        self._shapes = shapes
        self._recipes = recipes

    def list_jobs(self, asked: Asked) -> Reply:
        """Newest first, with the counts of all jobs of the recipe."""
        self._check_grant()
        recipe = self._recipes.find(asked)
        rows = [job for job in reversed(self._shelf.jobs(recipe)) if there(job, asked.now)]
        status = asked.one("status")
        if status is not None:
            rows = [job for job in rows if self._shapes.status(job, asked.now) == status]
        if (asked.one("rerun_only") or asked.one("rerun_jobs") or "").lower() == "true":
            rows = []
        page = job_page(asked, rows, self._world.ignores_offsets)
        shown = [self._shapes.job(job, asked.now) for job in page]
        return Reply(200, self._wrapped(dict(self._shapes.counts(recipe, asked.now)), shown))

    def get_job(self, asked: Asked) -> Reply:
        self._check_grant()
        recipe = self._recipes.find(asked)
        for job in self._shelf.jobs(recipe):
            if job["id"] == asked.params["job"] and there(job, asked.now):
                return Reply(200, self._shapes.job_in_full(job, asked.now))
        raise missing()

    def _wrapped(self, counts: dict[str, Json], shown: list[dict[str, Json]]) -> Json:
        if self._world.jobs_wrapper == "result":
            return {"result": {**counts, "items": shown}}
        return {**counts, self._world.jobs_wrapper: shown}

    def _check_grant(self) -> None:
        status = self._world.jobs_forbidden
        if status is not None:
            raise Refused(saying(status, FORBIDDEN[status]))
