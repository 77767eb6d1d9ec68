"""What the API shows of recipes and jobs, in both families."""

import json
from datetime import UTC, datetime, timedelta, timezone

from pipeforge.emulators.core import Json
from pipeforge.emulators.workato.queue import begun, over, there
from pipeforge.emulators.workato.records import Job, Recipe
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.state import Recipes
from pipeforge.emulators.workato.world import Recipe as Script

ZONE = timezone(timedelta(hours=-7))
"""Of the times in the documents' samples; a client has to read the offset."""
USER = 4248


def instant(moment: float | None) -> str | None:
    """ISO 8601 with milliseconds and offset, or null."""
    return None if moment is None else datetime.fromtimestamp(moment, ZONE).isoformat(timespec="milliseconds")


def minute(moment: float) -> str:
    """As the texts on back-off give it: no seconds, no zone."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M")


class Shapes:
    """Renders what is kept as the API shows it at a moment."""

    def __init__(self, shelf: Shelf, recipes: Recipes, statusless: bool) -> None:
        self._shelf = shelf
        self._recipes = recipes
        self._statusless = statusless

    def recipe(self, recipe: Recipe, now: float) -> dict[str, Json]:
        """As a list shows it."""
        script = self._shelf.script(recipe)
        counts = self.counts(recipe, now)
        applications = [each for each in (script.trigger_application, *script.action_applications) if each]
        ran = [job["begins"] for job in self._shelf.jobs(recipe) if begun(job, now)]
        return {
            "id": recipe["id"],
            "user_id": USER,
            "name": script.name or f"Recipe {recipe['id']}",
            "created_at": instant(recipe["created"]),
            "updated_at": instant(recipe["created"]),
            "copy_count": 0,
            "trigger_application": script.trigger_application,
            "action_applications": script.action_applications,
            "applications": applications,
            "description": script.description,
            "parameters_schema": [],
            "parameters": {},
            "folder_id": script.folder_id,
            "running": recipe["runs_since"] is not None,
            "job_succeeded_count": counts["job_succeeded_count"],
            "job_failed_count": counts["job_failed_count"],
            "lifetime_task_count": counts["job_succeeded_count"] + counts["job_failed_count"],
            "last_run_at": instant(max((at for at in ran if at is not None), default=None)),
            "stopped_at": instant(recipe["stopped"]),
            "version_no": 1,
            "webhook_url": None,
            "stop_cause": recipe["stop_cause"],
            "config": [_connection(each) for each in applications],
            "code": _code(script),
        }

    def recipe_in_full(self, recipe: Recipe, now: float) -> dict[str, Json]:
        """As one recipe is shown in the embedded family."""
        return {**self.recipe(recipe, now), "author_name": "Somebody", "version_author_name": "Somebody"}

    def developer_recipe(self, recipe: Recipe, now: float) -> dict[str, Json]:
        """As the developer family shows it, in lists too."""
        more = {"version_author_email": None, "version_comment": None, "trigger_closure": None}
        return {**self.recipe_in_full(recipe, now), **more}

    def status(self, job: Job, now: float) -> str:
        """`pending` covers queued and in progress."""
        return self._recipes.course(job).outcome if over(job, now) else "pending"

    def counts(self, recipe: Recipe, now: float) -> dict[str, int]:
        """Of all jobs that are there."""
        words = [self.status(job, now) for job in self._shelf.jobs(recipe) if there(job, now)]
        return {
            "job_succeeded_count": words.count("succeeded"),
            "job_failed_count": words.count("failed"),
            "job_count": len(words),
        }

    def job(self, job: Job, now: float) -> dict[str, Json]:
        """As a list shows it."""
        course, status = self._recipes.course(job), self.status(job, now)
        failed = status not in ("pending", "succeeded")
        parts = {"error_type": "Error", "message": course.error, "error_id": job["id"], "input": None}
        shown: dict[str, Json] = {
            "id": job["id"],
            "recipe_id": job["recipe"],
            "status": status,
            "title": course.title or f"Event {job['event']}",
            "started_at": instant(job["begins"]) if begun(job, now) else None,
            "completed_at": instant(job["ends"]) if over(job, now) else None,
            "is_error": failed,
            "error": course.error if failed else None,
            "error_parts": parts if failed else None,
            "is_poll_error": False,
            "flow_run_id": None,
            "calling_recipe_id": None,
            "calling_job_id": None,
            "root_recipe_id": None,
            "root_job_id": None,
            "master_job_id": job["id"],
        }
        if self._statusless:
            del shown["status"]
        return shown

    def job_in_full(self, job: Job, now: float) -> dict[str, Json]:
        """As one job is shown."""
        flags = {"is_repeat": False, "is_test": False, "is_test_case_job": False}
        return {**self.job(job, now), "handle": job["id"], **flags, "lines": []}


def _connection(application: str) -> dict[str, Json]:
    return {
        "keyword": "application",
        "name": application,
        "provider": application,
        "skip_validation": False,
        "account_id": None,
    }


def _code(script: Script) -> str:
    """JSON in a string, as on the wire."""
    steps = [
        {"number": number, "provider": each, "name": "run", "as": each, "keyword": "action", "input": {}}
        for number, each in enumerate(script.action_applications, 1)
    ]
    trigger = {"number": 0, "provider": script.trigger_application, "name": "poll", "keyword": "trigger"}
    return json.dumps({**trigger, "input": {}, "block": steps})
