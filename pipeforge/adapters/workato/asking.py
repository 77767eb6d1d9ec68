"""Workato's questions: what each asks of the client, and what its answer becomes."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from pipeforge.adapter import Json, Outcome
from pipeforge.adapters.workato.choices import CODE_SHOWN, ERROR_LENGTH, PAGES, SEARCH_PAGE
from pipeforge.adapters.workato.client import WorkatoClient, as_query
from pipeforge.adapters.workato.kinds import RecipeParams
from pipeforge.adapters.workato.kinds_jobs import (
    GetJobOutputs,
    GetJobParams,
    JobLine,
    JobRow,
    ListJobsOutputs,
    ListJobsParams,
)
from pipeforge.adapters.workato.kinds_recipes import (
    ConfigLine,
    GetRecipeOutputs,
    GetRecipeParams,
    ListRecipesOutputs,
    ListRecipesParams,
    PublicRecipeRow,
    RecipeRow,
    SearchRecipesOutputs,
    SearchRecipesParams,
)
from pipeforge.adapters.workato.walking import walk
from pipeforge.adapters.workato.wire import Job
from pipeforge.adapters.workato.wire_recipes import FullRecipe, PublicRecipe
from pipeforge.errors import Rejected

_FILTERS = ("folder_id", "adapter_names_any", "adapter_names_all", "stop_cause", "stopped_after")


async def every_recipe(
    client: WorkatoClient, filters: Sequence[tuple[str, str]], above: int = 0, limit: int | None = None
) -> list[FullRecipe]:
    """All recipes that the filters leave, the greatest id first; those with ids greater than `above`.

    A short page is no end: how many rows a page can have is told in two ways.
    """
    found: list[FullRecipe] = []
    for _ in range(PAGES):
        page = (await client.list_recipes(filters, below=found[-1].id if found else None)).value.items
        if found and page and page[0].id >= found[-1].id:  # a server that ignores where to go on
            break
        found += [row for row in page if row.id > above]
        if not page or page[-1].id <= above or (limit is not None and len(found) >= limit):
            return found[:limit]
    raise Rejected(f"Workato lists no more than {len(found)} recipes", "write a filter, such as `folder_id`")


async def list_recipes(client: WorkatoClient, params: ListRecipesParams) -> ListRecipesOutputs:
    """What Workato cannot filter by is filtered here; `limit` counts what is left then."""
    asked = {name: getattr(params, name) for name in _FILTERS}
    asked["running"] = params.running or None  # `false` filters nothing (chosen: the documents disagree)
    own = params.name is not None or params.running is not None
    found = await every_recipe(client, as_query(asked), limit=None if own else params.limit)
    left = [
        row for row in found if params.name in (None, row.name) and params.running in (None, row.running)
    ][: params.limit]
    return ListRecipesOutputs(recipes=[RecipeRow(**_row(client, row)) for row in left], count=len(left))


async def get_recipe(client: WorkatoClient, params: GetRecipeParams) -> GetRecipeOutputs:
    found = (await client.read_recipe(params.recipe_id)).value
    code = client.redactor.text(found.code)
    return GetRecipeOutputs(
        **_row(client, found),
        created_at=found.created_at,
        updated_at=found.updated_at,
        author_name=found.author_name,
        version_author_name=found.version_author_name,
        config=[_line(line) for line in found.config],
        code=code if len(code) <= CODE_SHOWN else "",
        code_length=len(found.code),
    )


async def search_recipes(client: WorkatoClient, params: SearchRecipesParams) -> SearchRecipesOutputs:
    asked = {
        "applications": params.applications,
        "term": params.term,
        "boost_owned": params.boost_owned or None,
    }
    found: dict[int, PublicRecipe] = {}
    for page in range(PAGES):
        rows = (await client.search_recipes(as_query(asked), page)).items
        new = [row for row in rows if row.id not in found]
        found |= {row.id: row for row in new}
        if not new or len(rows) < SEARCH_PAGE or (params.limit is not None and len(found) >= params.limit):
            break
    left = list(found.values())[: params.limit]
    return SearchRecipesOutputs(
        recipes=[PublicRecipeRow(**row.model_dump()) for row in left], count=len(left)
    )


async def list_jobs(client: WorkatoClient, params: ListJobsParams) -> ListJobsOutputs:
    """Raises Rejected where Workato gives the first page again and again: the list would not be whole."""
    filters = as_query({"status": params.status, "rerun_only": params.rerun_only or None})
    passed: set[str] = set()

    def enough(page: Sequence[Job]) -> bool:
        passed.update(job.id for job in page)
        return params.limit is not None and len(passed) >= params.limit

    found = await walk(client, params.recipe_id, enough, filters=filters, pages=PAGES)
    if not found.whole:
        told = f"Workato lists no more than {len(found.jobs)} jobs of recipe {params.recipe_id}"
        raise Rejected(told, f"write `limit: {len(found.jobs)}` to take those")
    jobs = found.jobs[: params.limit]
    return ListJobsOutputs(
        jobs=[JobRow(**_job(client, job)) for job in jobs],
        count=len(jobs),
        succeeded_count=found.first.job_succeeded_count,
        failed_count=found.first.job_failed_count,
    )


async def get_job(client: WorkatoClient, params: GetJobParams) -> GetJobOutputs:
    job = await client.get_job(params.recipe_id, params.job_id)
    parts = job.error_parts if isinstance(job.error_parts, dict) else {}
    return GetJobOutputs(
        **_job(client, job),
        recipe_id=params.recipe_id,
        is_test=job.is_test,
        is_repeat=job.is_repeat,
        calling_job_id=job.calling_job_id,
        root_job_id=job.root_job_id,
        error_type=str(parts.get("error_type") or ""),
        lines=[
            JobLine(
                number=number,
                application=str(line.get("adapter_name") or ""),
                operation=str(line.get("adapter_operation") or ""),
            )
            for line in job.lines
            if isinstance(number := line.get("recipe_line_number"), int)
        ],
    )


def page_of(client: WorkatoClient, params: BaseModel) -> str:
    """The page of the recipe that a step is about, or of the folder where its id is not known before."""
    if isinstance(params, RecipeParams):
        return client.page(params.recipe_id)
    return client.folder_page(getattr(params, "folder_id", None))


def _row(client: WorkatoClient, row: FullRecipe) -> dict[str, Json]:
    text = client.redactor.text
    return {
        "id": row.id,
        "name": text(row.name or ""),
        "description": text(row.description),
        "folder_id": row.folder_id,
        "running": row.running,
        "version_no": row.version_no,
        "trigger_application": row.trigger_application,
        "applications": row.applications,
        "job_succeeded_count": row.job_succeeded_count,
        "job_failed_count": row.job_failed_count,
        "last_run_at": _instant(row.last_run_at),
        "stopped_at": _instant(row.stopped_at),
        "stop_cause": row.stop_cause,
        "link": client.page(row.id),
    }


def _line(line: dict[str, Json]) -> ConfigLine:
    provider, account = str(line.get("provider") or ""), line.get("account_id")
    known = account if isinstance(account, int) and not isinstance(account, bool) else None
    return ConfigLine(provider=provider, name=str(line.get("name") or provider), account_id=known)


def _job(client: WorkatoClient, job: Job) -> dict[str, Json]:
    outcome = job.outcome()
    bad = outcome in (Outcome.FAILED, Outcome.CANCELED)
    return {
        "id": job.id,
        "title": client.redactor.text(job.title),
        "status": job.status or "",
        "outcome": "" if outcome is None else str(outcome),
        "started_at": _instant(job.started_at),
        "completed_at": _instant(job.completed_at),
        "error": client.redactor.text(job.why())[:ERROR_LENGTH] if bad else "",
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
