"""Pages of recipes and jobs: filters, cursors and sizes as the documents and live answers have them."""

from collections.abc import Sequence
from datetime import datetime

from pipeforge.emulators.core import Asked, Json, Refused
from pipeforge.emulators.workato.records import Job
from pipeforge.emulators.workato.refusing import saying

RECIPES, MOST_RECIPES = 10, 100
MOST_JOBS = 25


def chosen_recipes(asked: Asked, rows: Sequence[dict[str, Json]]) -> list[dict[str, Json]]:
    """One page of what the filters leave; `rows` come with the greatest id first."""
    found = [row for row in rows if _wanted(asked, row)]
    size = min(whole(asked, "per_page") or RECIPES, MOST_RECIPES)
    first = (max(whole(asked, "page") or 1, 1) - 1) * size
    brief = (asked.one("exclude_code") or "").lower() == "true"
    return [{**row, "code": ""} if brief else row for row in found[first : first + size]]


def _wanted(asked: Asked, row: dict[str, Json]) -> bool:
    since, folder = whole(asked, "since_id"), asked.one("folder_id")
    running = (asked.one("running") or asked.one("active") or "").lower()
    cause = asked.one("stop_cause")
    return (
        (since is None or row["id"] < since)
        and folder in (None, str(row["folder_id"]))
        and (running != "true" or row["running"])
        and (asked.one("active") != "false" or not row["running"])
        and cause in (None, row["stop_cause"])
        and not _later(asked, "stopped_after", row["stopped_at"])
        and (asked.one("updated_after") is None or _later(asked, "updated_after", row["updated_at"]))
        and _uses(asked, row)
    )


def _later(asked: Asked, name: str, moment: str | None) -> bool:
    """Whether a moment is later than the one in the query; `stopped_after` excludes what is."""
    text = asked.one(name)
    if text is None or moment is None:
        return False
    try:
        return datetime.fromisoformat(moment) > datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise Refused(saying(400, "Bad request")) from None


def _uses(asked: Asked, row: dict[str, Json]) -> bool:
    some, every = asked.one("adapter_names_any"), asked.one("adapter_names_all")
    used = set(row["applications"])
    return (some is None or bool(used & set(some.split(",")))) and (
        every is None or set(every.split(",")) <= used
    )


def job_page(asked: Asked, rows: Sequence[Job], ignores_offsets: bool) -> list[Job]:
    """One page of `rows`, which are newest first: older than `offset_job_id`, or newer with `prev=true`."""
    size = min(max(whole(asked, "per_page") or MOST_JOBS, 1), MOST_JOBS)
    offset = None if ignores_offsets else asked.one("offset_job_id")
    if offset is None:
        return list(rows[:size])
    at = next((index for index, job in enumerate(rows) if job["id"] == offset), None)
    if at is None:
        return []
    if (asked.one("prev") or "").lower() == "true":
        return list(rows[max(at - size, 0) : at])
    return list(rows[at + 1 : at + 1 + size])


def whole(asked: Asked, name: str) -> int | None:
    """A whole number of the query; 400 if it is none."""
    text = asked.one(name)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise Refused(saying(400, "Bad request")) from None
