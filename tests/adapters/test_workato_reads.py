"""Workato's questions against the emulator: all pages, both families and all wrappers, filters, errors."""

import json

import pytest
from emulated import emulated

from pipeforge.adapter import Outcome
from pipeforge.adapters import kinds

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

TOKEN = "token-of-mine"
FAMILIES = [{}, {"managed_user": {"id": 91829}}, {"managed_user": {"external_id": "acme/jp 1"}}]


def opened(world=None, **settings):
    return emulated("workato", world, api_token=TOKEN, **settings)


async def asked(there, kind, **params):
    adapter = there.adapter(f"workato.{kind}")
    given = kinds()[adapter.kind.name].params.model_validate(params)
    seen = await adapter.observe(await adapter.trigger(given, "key", {}))
    if seen.outcome is Outcome.SUCCEEDED:
        adapter.kind.outputs.model_validate_json(json.dumps(dict(seen.outputs)))
        return seen.outputs
    return seen


@pytest.mark.parametrize("family", FAMILIES, ids=["own", "id", "external id"])
@pytest.mark.parametrize("wrapper", ["result", "items"])
async def test_list_recipes_reads_all_pages_in_both_families(family, wrapper):
    recipes = {number: {"name": f"r{number}"} for number in range(1, 251)}
    users = [{"id": 91829, "external_id": "acme/jp 1"}]
    async with opened(
        {"recipes": recipes, "list_wrapper": wrapper, "managed_users": users}, **family
    ) as there:
        found = await asked(there, "list_recipes")
        assert [row["id"] for row in found["recipes"]] == list(range(250, 0, -1)) and found["count"] == 250
        assert len(await there.calls("GET", "/recipes")) == 4
        few = await asked(there, "list_recipes", limit=101)
        assert [row["id"] for row in few["recipes"]] == list(range(250, 149, -1))


async def test_a_recipe_that_is_created_meanwhile_shifts_no_page():
    async with opened({"recipes": {number: None for number in range(1, 151)}}) as there:
        page = await there.client.list_recipes()
        await there.client.create_recipe({"name": "new", "code": "{}"})
        rest = await there.client.list_recipes(below=page.value.items[-1].id)
        assert [row.id for row in rest.value.items] == list(range(50, 0, -1))


async def test_list_recipes_filters_as_workato_does_and_where_it_does_not():
    recipes = {
        1: {"name": "Mail", "folder_id": 5, "running": False, "stop_cause": "trial_expired"},
        2: {"name": "Mail", "folder_id": 6, "action_applications": ["jira", "slack"]},
        3: {"name": "mail", "folder_id": 6, "action_applications": ["jira"]},
    }
    async with opened({"recipes": recipes}) as there:

        async def ids(**params):
            return [row["id"] for row in (await asked(there, "list_recipes", **params))["recipes"]]

        assert await ids(folder_id=6) == [3, 2]
        assert await ids(name="Mail") == [2, 1] and await ids(name="Mail", limit=1) == [2]
        assert await ids(running=True) == [3, 2] and await ids(running=False) == [1]
        assert await ids(adapter_names_any=["slack", "email"]) == [2, 1]
        assert await ids(adapter_names_all=["jira", "slack"]) == [2]
        assert await ids(stop_cause="trial_expired") == [1]
        assert await ids(stopped_after="2020-01-01T00:00:00+09:00") == [3, 2]
        (row,) = (await asked(there, "list_recipes", name="mail"))["recipes"]
        assert row["link"].endswith("/workato/recipes/3") and row["version_no"] == 1


async def test_a_list_that_does_not_go_on_is_not_taken_for_whole():
    async with opened({"recipes": {number: None for number in range(1, 151)}}) as there:
        first = (
            await there.admin.get("/workato/api/recipes?per_page=100", headers={"Authorization": "Bearer x"})
        ).json()
        await there.fault(route="GET /recipes", do="rewrite", values={"items": first["items"]})
        seen = await asked(there, "list_recipes")
        assert seen.outcome is Outcome.FAILED and "no more than 100" in seen.detail


@pytest.mark.parametrize("wrapper", ["list", "object", "bare"])
async def test_get_recipe_reads_lines_and_connections_but_no_webhook(wrapper):
    world = {"recipes": {7: {"trigger_application": "workato_webhooks"}}, "get_wrapper": wrapper}
    async with opened(world, managed_user={"id": 1}) as there:
        found = await asked(there, "get_recipe", recipe_id=7)
        assert json.loads(found["code"])["provider"] == "workato_webhooks"
        assert found["code_length"] == len(found["code"])
        assert found["config"][1] == {"provider": "email", "name": "email", "account_id": None}
        assert found["author_name"] == "Kana Sato"
        assert "webhooks/rest" not in json.dumps(dict(found))


async def test_lines_that_are_too_long_are_left_out_and_counted():
    code = {"keyword": "trigger", "comment": "x" * 600_000}
    async with opened({"recipes": {7: {"code": code}}}) as there:
        found = await asked(there, "get_recipe", recipe_id=7)
        assert found["code"] == "" and found["code_length"] > 600_000


async def test_search_recipes_reads_all_pages():
    public = [{"name": f"Recipe {number}", "applications": ["slack", "jira"]} for number in range(45)]
    async with opened({"public_recipes": public}) as there:
        found = await asked(there, "search_recipes", applications=["slack", "kintone"])
        assert found["count"] == 45 and found["recipes"][0]["name"] == "Recipe 0"
        assert (await asked(there, "search_recipes", applications=["jira"], limit=21))["count"] == 21
        assert (await asked(there, "search_recipes", applications=["jira"], term="recipe 44"))["count"] == 1
        assert (await asked(there, "search_recipes", applications=["kintone"]))["recipes"] == []


@pytest.mark.parametrize("wrapper", ["items", "jobs", "result"])
async def test_list_jobs_reads_all_pages(wrapper):
    world = {"recipes": {7: {"past_jobs": 60}}, "jobs_wrapper": wrapper}
    async with opened(world) as there:
        found = await asked(there, "list_jobs", recipe_id=7)
        assert found["count"] == 60 and len({job["id"] for job in found["jobs"]}) == 60
        starts = [job["started_at"] for job in found["jobs"]]
        assert starts == sorted(starts, reverse=True)
        few = await asked(there, "list_jobs", recipe_id=7, limit=30)
        assert few["jobs"] == found["jobs"][:30]
        assert (await asked(there, "list_jobs", recipe_id=7, rerun_only=True))["count"] == 0


async def test_a_job_list_that_does_not_go_on_is_not_taken_for_whole():
    async with opened({"recipes": {7: {"past_jobs": 60}}, "ignores_offsets": True}) as there:
        seen = await asked(there, "list_jobs", recipe_id=7)
        assert seen.outcome is Outcome.FAILED and "limit: 25" in seen.detail
        assert (await asked(there, "list_jobs", recipe_id=7, limit=25))["count"] == 25


async def test_jobs_say_how_they_ended():
    course = [
        {"outcome": "succeeded"},
        {"outcome": "failed", "error": f"no row {TOKEN}"},
        {"outcome": "cancelled"},
    ]
    async with opened({"recipes": {7: {"polls": [4], "course": [*course, {"seconds": 1e6}]}}}) as there:
        await there.client.poll_now(7)
        there.clock.jump(10)
        jobs = (await asked(there, "list_jobs", recipe_id=7))["jobs"]
        assert [(job["status"], job["outcome"]) for job in jobs] == [
            ("pending", ""), ("cancelled", "canceled"), ("failed", "failed"), ("succeeded", "succeeded"),
        ]  # fmt: skip
        assert jobs[0]["completed_at"] is None and TOKEN not in jobs[2]["error"]
        failed = (await asked(there, "list_jobs", recipe_id=7, status="failed"))["jobs"]
        assert failed == [jobs[2]]
        found = await asked(there, "get_job", recipe_id=7, job_id=jobs[2]["id"])
        assert (found["outcome"], found["error_type"], found["recipe_id"]) == ("failed", "Error", 7)
        assert found["lines"] and found["lines"][0]["application"] == "clock"


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_token_that_may_not_read_jobs_is_told(status):
    async with opened({"jobs_forbidden": status, "recipes": {7: None}}) as there:
        for kind, more in [("list_jobs", {}), ("get_job", {"job_id": "j-x"})]:
            seen = await asked(there, kind, recipe_id=7, **more)
            assert (seen.outcome, seen.word) == (Outcome.FAILED, str(status)) and seen.detail


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("get_recipe", {"recipe_id": 8}),
        ("list_jobs", {"recipe_id": 8}),
        ("get_job", {"recipe_id": 7, "job_id": "j-no/such"}),
    ],
)
async def test_what_is_not_there_fails_with_the_vendors_words(kind, params):
    async with opened({"recipes": {7: None}}) as there:
        seen = await asked(there, kind, **params)
        assert (seen.outcome, seen.word) == (Outcome.FAILED, "404") and "Not found" in seen.detail


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("list_recipes", {"adapter_names_any": []}),
        ("list_recipes", {"adapter_names_any": ["a,b"]}),
        ("list_recipes", {"stopped_after": "yesterday"}),
        ("list_recipes", {"stopped_after": "2026-01-01T00:00:00"}),
        ("list_recipes", {"limit": 0}),
        ("search_recipes", {}),
        ("list_jobs", {"recipe_id": 7, "status": "canceled"}),
        ("get_job", {"recipe_id": 7, "job_id": ""}),
    ],
)
def test_parameters_that_make_no_sense_are_refused(kind, params):
    with pytest.raises(ValueError):
        kinds()[f"workato.{kind}"].params.model_validate(params)
