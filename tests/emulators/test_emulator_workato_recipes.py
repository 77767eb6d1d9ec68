"""Workato: who may call, both families, lists, refusals, the world file."""

import pytest

from pipeforge.emulators.workato import PACKAGE
from pipeforge.emulators.world import World

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "Bearer wk-secret"}
MU = "/managed_users/91829"
LIST_KEYS = (
    "id user_id name created_at updated_at copy_count trigger_application action_applications applications "
    "description parameters_schema parameters folder_id running job_succeeded_count job_failed_count "
    "lifetime_task_count last_run_at stopped_at version_no webhook_url stop_cause config code"
)
LIST_KEYS = set(LIST_KEYS.split())


def world(recipe=None, **more):
    return {"workato": {"recipes": {1389: recipe}, **more}}


async def get(workato, path, status=200, **query):
    answer = await workato.get(path, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


async def shown(workato, number=1389):
    return (await get(workato, f"{MU}/recipes/{number}"))["result"][0]


async def test_without_a_world_every_recipe_exists_and_runs(opened):
    async with opened() as emulators:
        recipe = await shown(emulators.at("workato", **KEY), 7)
        assert recipe["id"] == 7 and recipe["running"] is True
        assert recipe.keys() == LIST_KEYS | {"author_name", "version_author_name"}
        assert isinstance(recipe["code"], str) and isinstance(recipe["config"], list)
        assert recipe["created_at"] == "2025-11-24T09:00:00.000-07:00"
        assert recipe["last_run_at"] is None and recipe["stopped_at"] is None


async def test_a_world_says_which_recipes_there_are(opened):
    async with opened(world()) as emulators:
        workato = emulators.at("workato", **KEY)
        await shown(workato)
        for path in (f"{MU}/recipes/1", "/recipes/1", f"{MU}/recipes/x", f"{MU}/recipes/01389", "/nothing"):
            assert await get(workato, path, 404) == {"message": "Not found"}
        answer = await workato.post(f"{MU}/recipes/1/poll_now")
        assert (answer.status_code, answer.json()) == (404, {"success": False, "message": "Not Found"})


async def test_both_families_see_one_workspace_each_in_its_own_wrapper(opened):
    async with opened(world({"running": False})) as emulators:
        workato = emulators.at("workato", **KEY)
        await workato.put(f"{MU}/recipes/1389/start")
        emulators.clock.jump(1)
        bare = await get(workato, "/recipes/1389")
        assert bare["running"] is True
        assert bare["trigger_closure"] is None and bare["version_comment"] is None
        assert (await get(workato, "/recipes"))["items"] == [bare]
        listed = (await get(workato, f"{MU}/recipes"))["result"]
        assert listed[0].keys() == LIST_KEYS and listed[0]["id"] == 1389


@pytest.mark.parametrize(
    ("wrapper", "take"), [("object", lambda body: body["result"]), ("bare", lambda body: body)]
)
async def test_one_recipe_may_come_in_other_wrappers(opened, wrapper, take):
    async with opened(world(get_wrapper=wrapper, list_wrapper="items")) as emulators:
        workato = emulators.at("workato", **KEY)
        assert take(await get(workato, f"{MU}/recipes/1389"))["id"] == 1389
        assert (await get(workato, f"{MU}/recipes"))["items"][0]["id"] == 1389


async def test_a_customer_is_named_by_id_or_by_e_and_external_id_on_the_raw_path(opened):
    users = [{"id": 91829, "external_id": "acme/jp 1", "recipes": [1389]}, {"id": 5, "recipes": []}]
    async with opened(world(managed_users=users)) as emulators:
        workato = emulators.at("workato", **KEY)
        for segment in ("91829", "Eacme%2Fjp%201"):
            await get(workato, f"/managed_users/{segment}/recipes/1389")
        for segment in ("acme%2Fjp%201", "Eacme/jp%201", "EEacme%2Fjp%201", "E91829", "6"):
            await get(workato, f"/managed_users/{segment}/recipes/1389", 404)
        await get(workato, "/managed_users/5/recipes/1389", 404)
        assert (await get(workato, "/managed_users/5/recipes"))["result"] == []
        await get(workato, "/recipes/1389")


async def test_any_customer_will_do_unless_they_are_listed_but_not_any_spelling(opened):
    async with opened() as emulators:
        workato = emulators.at("workato", **KEY)
        await get(workato, "/managed_users/Ea2300/recipes/1")
        for segment in ("a2300", "E"):
            await get(workato, f"/managed_users/{segment}/recipes/1", 404)


@pytest.mark.parametrize(
    ("section", "headers", "status"),
    [
        ({}, {}, 401),
        ({}, {"Authorization": "Basic x"}, 401),
        ({}, {"Authorization": "Bearer "}, 401),
        ({}, {"Authorization": "Bearer anything"}, 200),
        ({"credentials": ["good"]}, {"Authorization": "Bearer bad"}, 401),
        ({"credentials": ["good"]}, {"Authorization": "Bearer good"}, 200),
        ({"credentials": ["good"]}, {"x-user-email": "a@example.com", "x-user-token": "good"}, 401),
        (
            {"credentials": ["good"], "legacy_auth": True},
            {"x-user-email": "a@b", "x-user-token": "good"},
            200,
        ),
        ({"credentials": ["good"], "legacy_auth": True}, {"x-user-email": "a@b", "x-user-token": "bad"}, 401),
    ],
)
async def test_who_may_call(opened, section, headers, status):
    async with opened({"workato": section}) as emulators:
        body = await get(emulators.at("workato", **headers), "/recipes/1", status)
        assert status == 200 or body == {"message": "Unauthorized"}


async def test_recipes_are_listed_by_id_downwards_and_filtered(opened):
    listed = {
        number: {
            "running": number % 2 == 0,
            "folder_id": number // 10,
            "stop_cause": "trial_expired" if number == 11 else None,
            "action_applications": ["jira", "email"] if number == 12 else ["email"],
        }
        for number in range(1, 13)
    }
    async with opened({"workato": {"recipes": listed}}) as emulators:
        workato = emulators.at("workato", **KEY)

        async def ids(**query):
            return [row["id"] for row in (await get(workato, f"{MU}/recipes", **query))["result"]]

        assert await ids() == list(range(12, 2, -1))
        assert await ids(page=2) == [2, 1]
        assert await ids(per_page=100) == list(range(12, 0, -1))
        assert await ids(since_id=4) == [3, 2, 1]
        assert await ids(running="true") == [12, 10, 8, 6, 4, 2] == await ids(active="true")
        assert await ids(running="false", per_page=100) == list(range(12, 0, -1)), "it is no filter"
        assert await ids(active="false") == [11, 9, 7, 5, 3, 1]
        assert await ids(folder_id="1") == [12, 11, 10]
        assert await ids(stop_cause="trial_expired") == [11]
        assert await ids(adapter_names_any="jira,slack") == [12]
        assert await ids(adapter_names_all="email,clock", since_id=3) == [2, 1]
        assert await ids(stopped_after="2020-01-01T00:00:00Z") == [12, 10, 8, 6, 4, 2]
        await get(workato, f"{MU}/recipes", 400, stopped_after="yesterday")
        await get(workato, f"{MU}/recipes", 400, page="x")


@pytest.mark.parametrize(
    ("do", "status", "key"),
    [
        ("server_error", 500, "id"),
        ("forbidden", 403, "message"),
        ("bad_request", 400, "message"),
        ("not_started", 200, "code_errors"),
    ],
)
async def test_refusals_come_in_the_vendors_shape(opened, do, status, key):
    async with opened() as emulators:
        await emulators.fault(vendor="workato", do=do, nth=1)
        assert key in await get(emulators.at("workato", **KEY), "/recipes/1", status)


async def test_a_minute_has_only_so_many_calls(opened):
    async with opened({"workato": {"rate_limit": 2}}) as emulators:
        workato = emulators.at("workato", **KEY)
        await get(workato, "/recipes/1")
        emulators.clock.jump(20)
        await get(workato, "/recipes/1")
        answer = await workato.get("/recipes/1")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "40")
        assert answer.json() == {"message": "Too many requests"}
        emulators.clock.jump(40)
        await get(workato, "/recipes/1")


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"recipes": {"x": {}}}, "x"),
        ({"recipes": {1: {"polls": [1, "oops"]}}}, "oops"),
        ({"recipes": {1: {"poll_now": [{"answer": "no"}]}}}, "back_off"),
        ({"jobs_forbidden": 500}, "500"),
    ],
)
def test_a_wrong_world_is_refused(section, told):
    with pytest.raises(ValueError, match=told):
        World.read({"workato": section})


def test_every_behaviour_says_how_well_it_is_known():
    assert len({row.what for row in PACKAGE.behaviours}) == len(PACKAGE.behaviours)
    assert {row.evidence for row in PACKAGE.behaviours} == {"stated", "inferred", "chosen"}
