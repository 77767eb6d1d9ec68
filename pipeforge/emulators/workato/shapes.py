"""What the API shows of recipes and jobs, in both families."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import NAMESPACE_URL, uuid5

from pipeforge.emulators.core import Json
from pipeforge.emulators.workato.authoring import lines, providers
from pipeforge.emulators.workato.queue import begun, over, there
from pipeforge.emulators.workato.records import Job, Recipe
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.state import Recipes

ZONE = timezone(timedelta(hours=-7))
"""Of the times in the documents' samples; a client has to read the offset."""
USER = 4248
AUTHOR, EMAIL = "Kana Sato", "kana.sato@example.com"


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
        counts = self.counts(recipe, now)
        trigger, actions = providers(recipe["code"])
        ran = [job["begins"] for job in self._shelf.jobs(recipe) if begun(job, now)]
        return {
            "id": recipe["id"],
            "user_id": USER,
            "name": recipe["name"],
            "created_at": instant(recipe["created"]),
            "updated_at": instant(recipe["updated"]),
            "copy_count": 0,
            "trigger_application": trigger,
            "action_applications": actions,
            "applications": list(dict.fromkeys([*([trigger] if trigger else []), *actions])),
            "description": recipe["description"],
            "parameters_schema": [],
            "parameters": {},
            "folder_id": recipe["folder_id"],
            "running": recipe["runs_since"] is not None,
            "job_succeeded_count": counts["job_succeeded_count"],
            "job_failed_count": counts["job_failed_count"],
            "lifetime_task_count": counts["job_succeeded_count"] + counts["job_failed_count"],
            "last_run_at": instant(max((at for at in ran if at is not None), default=None)),
            "stopped_at": instant(recipe["stopped"]),
            "version_no": recipe["version_no"],
            "webhook_url": _webhook(recipe["id"], trigger),
            "stop_cause": recipe["stop_cause"],
            "config": recipe["config"],
            "code": recipe["code"],
        }

    def recipe_in_full(self, recipe: Recipe, now: float) -> dict[str, Json]:
        """As one recipe is shown in the embedded family."""
        return {**self.recipe(recipe, now), "author_name": AUTHOR, "version_author_name": AUTHOR}

    def developer_recipe(self, recipe: Recipe, now: float) -> dict[str, Json]:
        """As the developer family shows it, in lists too."""
        more = {"version_author_email": EMAIL, "version_comment": None, "trigger_closure": None}
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
        return {**self.job(job, now), "handle": job["id"], **flags, "lines": self._lines(job, now)}

    def _lines(self, job: Job, now: float) -> list[dict[str, Json]]:
        """The lines that it came to: all of them once it is over."""
        code = self._recipes.recipe(str(job["recipe"]))["code"]
        return [
            {
                "recipe_line_number": number,
                "adapter_name": line.get("provider"),
                "adapter_operation": line.get("name"),
                "line_stat": {"total": 1, "skipped": False},
            }
            for number, line in enumerate(lines(code) if begun(job, now) else ())
            if over(job, now) or number == 0
        ]


def _webhook(recipe: int, trigger: str | None) -> str | None:
    """Only of a recipe that begins with a webhook."""
    if trigger != "workato_webhooks":
        return None
    return f"https://www.workato.com/webhooks/rest/{uuid5(NAMESPACE_URL, str(recipe))}/webhook_recipe"
