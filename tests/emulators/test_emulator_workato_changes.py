"""Workato: recipes created, updated, deleted, copied, connected; what is refused, what keeps one stopped."""

import json

import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "Bearer wk-secret"}
MU = "/managed_users/91829"
TRIGGER = {"number": 0, "provider": "clock", "name": "scheduled_event", "keyword": "trigger", "input": {}}
CODE = {**TRIGGER, "block": [{"number": 1, "provider": "email", "name": "send_mail", "keyword": "action"}]}
CONFIG = [{"keyword": "application", "name": each, "provider": each} for each in ("clock", "email")]
RECIPE = {"name": "Send mail", "code": json.dumps(CODE), "config": json.dumps(CONFIG), "folder_id": "17254"}
STOPPED = {"running": False, "name": "Old", "action_applications": ["slack"]}


def world(recipe=None, **more):
    return {"workato": {"recipes": {1389: STOPPED if recipe is None else recipe}, **more}}


async def ask(workato, method, path, status=200, body=None):
    answer = await workato.request(method, path, **({} if body is None else {"json": body}))
    assert answer.status_code == status, answer.text
    return answer.json()


async def shown(workato, number=1389):
    return (await ask(workato, "GET", f"{MU}/recipes/{number}"))["result"][0]


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("family", [MU, ""])
async def test_create(opened, family, wrapped):
    async with opened(world()) as emulators:
        workato = emulators.at("workato", **KEY)
        body = {"recipe": RECIPE} if wrapped else RECIPE
        assert await ask(workato, "POST", f"{family}/recipes", 200, body) == {"success": True, "id": 11613}
        made = await shown(workato, 11613)
        assert (made["name"], made["folder_id"], made["running"], made["version_no"]) == (
            "Send mail", 17254, False, 1,
        )  # fmt: skip
        assert (made["trigger_application"], made["action_applications"]) == ("clock", ["email"])
        assert json.loads(made["code"]) == CODE and made["stopped_at"] is None
        assert made["config"][0] == {**CONFIG[0], "account_id": None, "skip_validation": False}
        again = await ask(workato, "POST", f"{family}/recipes", 200, body)
        assert again["id"] == 11614, "names need not differ"
        (first, second) = [call for call in await emulators.calls("workato") if call["method"] == "POST"]
        assert (first["started"], second["started"]) == ("recipe 11613", "recipe 11614")


async def test_create_takes_nothing_for_granted_in_one_family_and_wants_code_in_the_other(opened):
    async with opened(world()) as emulators:
        workato = emulators.at("workato", **KEY)
        await ask(workato, "POST", f"{MU}/recipes", 200, {"recipe": {}})
        await ask(workato, "POST", "/recipes", 400, {"recipe": {"name": "x"}})


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    "body",
    [
        {"recipe": {"code": CODE}},
        {"recipe": {"config": CONFIG}},
        {"recipe": {"folder_id": 17254}},
        {"recipe": {"name": 7}},
        {"recipe": {"code": "{"}},
        {"recipe": {"code": "[]"}},
        {"recipe": {"config": "{}"}},
        {"recipe": {"config": "[1]"}},
        {"recipe": {"name": "x" * 256}},
        {"recipe": {"name": " "}},
        {"recipe": {"folder_id": "home"}},
        {"recipe": [1]},
        [1],
    ],
)
async def test_what_is_written_must_be_texts_that_hold_what_they_should(opened, method, body):
    async with opened(world()) as emulators:
        workato = emulators.at("workato", **KEY)
        path = f"{MU}/recipes" + ("/1389" if method == "PUT" else "")
        assert "message" in await ask(workato, method, path, 400, body)
        assert (await shown(workato))["version_no"] == 1
        answer = await workato.request(method, path, content=b"{}", headers={"content-type": "text/plain"})
        assert answer.status_code == 400


async def test_update_replaces_what_is_given_and_makes_a_version(opened):
    async with opened(world()) as emulators:
        workato = emulators.at("workato", **KEY)
        before = await shown(workato)
        emulators.clock.jump(60)
        await ask(workato, "PUT", f"{MU}/recipes/1389", 200, {"recipe": {"code": json.dumps(CODE)}})
        after = await shown(workato)
        assert (before["version_no"], after["version_no"]) == (1, 2)
        assert json.loads(after["code"]) == CODE and after["config"] == before["config"]
        assert after["name"] == "Old" and after["updated_at"] > before["updated_at"]
        await ask(workato, "PUT", "/recipes/1389", 200, {"name": "New", "folder_id": "5"})
        after = await shown(workato)
        assert (after["name"], after["folder_id"], after["version_no"]) == ("New", 5, 3)


@pytest.mark.parametrize("state", [{"running": True}, {"running": False, "activation": 30}])
async def test_update_and_delete_are_refused_with_200_while_it_runs(opened, state):
    async with opened(world(state)) as emulators:
        workato = emulators.at("workato", **KEY)
        await ask(workato, "PUT", f"{MU}/recipes/1389/start")
        refused = await ask(workato, "PUT", f"{MU}/recipes/1389", 200, {"recipe": RECIPE})
        assert refused == {"success": False, "errors": {"running": ["can't modify running recipe"]}}
        refused = await ask(workato, "DELETE", f"{MU}/recipes/1389")
        assert refused == {
            "success": False,
            "errors": {"running": ["Can't change the recipe state: invalid state running"]},
        }
        assert (await shown(workato))["version_no"] == 1


@pytest.mark.parametrize("section", [{"recipes": {1389: {**STOPPED, "past_jobs": 2}}}, {}])
async def test_delete_takes_a_recipe_with_its_jobs_and_its_number_never_comes_back(opened, section):
    async with opened({"workato": section}) as emulators:
        workato = emulators.at("workato", **KEY)
        await ask(workato, "PUT", f"{MU}/recipes/1389/stop")
        assert await ask(workato, "DELETE", f"{MU}/recipes/1389") == {"success": True}
        for method, path in [("GET", ""), ("DELETE", ""), ("GET", "/jobs"), ("PUT", "/start")]:
            assert await ask(workato, method, f"{MU}/recipes/1389{path}", 404) == {"message": "Not found"}
        assert (await ask(workato, "GET", f"{MU}/recipes"))["result"] == []
        assert await emulators.jobs("workato") == []


async def test_a_deleted_recipe_stays_deleted_when_the_emulator_comes_back(opened, tmp_path):
    state = tmp_path / "emulators.json"
    async with opened(world(), state=state) as emulators:
        await ask(emulators.at("workato", **KEY), "DELETE", "/recipes/1389")
    async with opened(world(), state=state) as emulators:
        await ask(emulators.at("workato", **KEY), "GET", "/recipes/1389", 404)


async def test_an_older_emulators_recipes_are_taken_over(opened, tmp_path):
    state = tmp_path / "emulators.json"
    async with opened(world({"running": True, "name": "Mine"}), state=state) as emulators:
        await ask(emulators.at("workato", **KEY), "GET", "/recipes/1389")
    kept = json.loads(state.read_text())
    for key in (
        "name",
        "code",
        "config",
        "customer",
        "lost",
        "folder_id",
        "description",
        "updated",
        "version_no",
    ):
        del kept["vendors"]["workato"]["recipes"]["1389"][key]
    state.write_text(json.dumps(kept))
    async with opened(world({"running": True, "name": "Mine"}), state=state) as emulators:
        found = await ask(emulators.at("workato", **KEY), "GET", "/recipes/1389")
        assert (found["name"], found["running"], found["version_no"]) == ("Mine", True, 1)


async def test_what_a_customer_creates_is_that_customers(opened):
    users = [{"id": 5, "recipes": []}, {"id": 6, "recipes": []}]
    async with opened(world(managed_users=users)) as emulators:
        workato = emulators.at("workato", **KEY)
        await ask(workato, "POST", "/managed_users/5/recipes", 200, {"recipe": RECIPE})
        await ask(workato, "GET", "/managed_users/5/recipes/11613")
        await ask(workato, "GET", "/managed_users/6/recipes/11613", 404)
        await ask(workato, "DELETE", "/managed_users/6/recipes/11613", 404)
        await ask(workato, "POST", "/managed_users/7/recipes", 404, {"recipe": RECIPE})
        assert len((await ask(workato, "GET", "/managed_users/5/recipes"))["result"]) == 1


CONNECTIONS = {
    31: {"name": "Mail", "provider": "email"},
    32: {"name": "Old mail", "provider": "email", "status": "failed"},
}


@pytest.mark.parametrize(
    ("account", "kept", "starts"), [(31, 31, True), (32, 32, False), (99, None, False), (None, None, True)]
)
async def test_a_connection_that_is_unknown_or_dead_keeps_a_recipe_from_starting(
    opened, account, kept, starts
):
    async with opened(world(connections=CONNECTIONS)) as emulators:
        workato = emulators.at("workato", **KEY)
        config = json.dumps([CONFIG[0], {**CONFIG[1], "account_id": account}])
        await ask(workato, "PUT", f"{MU}/recipes/1389", 200, {"recipe": {**RECIPE, "config": config}})
        lines = (await shown(workato))["config"]
        assert [line["account_id"] for line in lines] == [None, kept], "rewritten without a word"
        answer = await ask(workato, "PUT", f"{MU}/recipes/1389/start")
        assert answer["success"] is starts
        if not starts:
            assert answer["code_errors"] == []
            assert answer["config_errors"][0][1][0][:3] == ["account_id", kept, "unconnected"]


async def test_a_recipe_without_lines_is_refused_its_start_and_one_without_names_never_gets_there(opened):
    async with opened(world()) as emulators:
        workato = emulators.at("workato", **KEY)
        await ask(workato, "POST", f"{MU}/recipes", 200, {"recipe": {"name": "empty"}})
        answer = await ask(workato, "PUT", f"{MU}/recipes/11613/start")
        assert answer["success"] is False and answer["code_errors"][0][0] == 0
        nameless = json.dumps([{"keyword": "application", "provider": "clock"}])
        await ask(workato, "PUT", f"{MU}/recipes/1389", 200, {"recipe": {"config": nameless}})
        assert (await ask(workato, "PUT", f"{MU}/recipes/1389/start"))["success"] is True
        emulators.clock.jump(10_000)
        assert (await shown(workato))["running"] is False


async def test_copy_wants_the_folder_as_a_text(opened):
    async with opened(world(folders={5: {"name": "Five"}})) as emulators:
        workato = emulators.at("workato", **KEY)
        refused = await ask(workato, "POST", "/recipes/1389/copy", 400, {"folder_id": 5})
        assert refused == {"message": "Must be a String"}
        await ask(workato, "POST", "/recipes/1389/copy", 400, {"folder_id": "6"})
        made = await ask(workato, "POST", "/recipes/1389/copy", 200, {"folder_id": "5"})
        copy, one = await shown(workato, made["new_flow_id"]), await shown(workato)
        assert (copy["name"], copy["code"], copy["folder_id"]) == (one["name"], one["code"], 5)


async def test_connect_gives_the_lines_of_a_connector_another_connection(opened):
    recipe = {"running": False, "action_applications": ["email"]}
    async with opened(world(recipe, connections=CONNECTIONS)) as emulators:
        workato = emulators.at("workato", **KEY)
        path = "/recipes/1389/connect"
        await ask(workato, "PUT", path, 200, {"adapter_name": "email", "connection_id": 31})
        assert (await shown(workato))["config"][1]["account_id"] == 31
        await ask(workato, "PUT", path, 400, {"adapter_name": "slack", "connection_id": 31})
        await ask(workato, "PUT", path, 400, {"adapter_name": "email", "connection_id": 99})
        await ask(workato, "PUT", path, 400, {"adapter_name": "email"})


async def test_a_reset_does_nothing_to_a_trigger_that_does_not_poll(opened):
    async with opened(world({"trigger": "other", "polls": [2]})) as emulators:
        workato = emulators.at("workato", **KEY)
        await ask(workato, "POST", f"{MU}/recipes/1389/reset_trigger")
        emulators.clock.jump(60)
        assert await emulators.jobs("workato") == []


async def search(workato, status=200, **query):
    answer = await workato.get("/recipes/search", params=query)
    assert answer.status_code == status, answer.text
    return [row["name"] for row in answer.json().get("items", [])]


async def test_search_public_recipes(opened):
    names = [f"Recipe {number}" for number in range(45)]
    public = [{"name": name, "applications": ["slack"], "owned": name.endswith("44")} for name in names]
    async with opened(world(public_recipes=public)) as emulators:
        workato = emulators.at("workato", **KEY)
        first = await search(workato, applications="slack,jira")
        assert len(first) == 20 and first == await search(workato, applications="slack", page=0)
        assert len(await search(workato, applications="slack", page=2, per_page=100)) == 5
        assert await search(workato, applications="slack", page=3) == []
        assert (
            await search(workato, applications="slack", term="recipe 4", per_page=2, page=1) == names[41:43]
        )
        assert (await search(workato, applications="slack", boost_owned="true"))[0] == names[44]
        assert await search(workato, applications="kintone") == []
        await search(workato, 400)
        body = {"applications": "slack"}
        answer = await workato.request("GET", "/recipes/search", json=body)
        assert len(answer.json()["items"]) == 20
        assert answer.json()["items"][0].keys() == {
            "id", "user_id", "name", "created_at", "updated_at", "copy_count", "trigger_application",
            "action_applications", "applications", "description", "parameters_schema",
        }  # fmt: skip


async def test_lists_leave_out_code_and_what_was_not_updated_if_asked(opened):
    async with opened(world()) as emulators:
        workato = emulators.at("workato", **KEY)
        (row,) = (await ask(workato, "GET", "/recipes?exclude_code=true"))["items"]
        assert row["code"] == ""
        assert (await ask(workato, "GET", "/recipes?updated_after=2030-01-01T00:00:00Z"))["items"] == []
        assert len((await ask(workato, "GET", "/recipes?updated_after=2020-01-01T00:00:00Z"))["items"]) == 1
