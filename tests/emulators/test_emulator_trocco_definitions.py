"""trocco's emulator: definitions, data mart jobs and what was there before."""

import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "Token tra_0123456789abcdef"}
LISTS = {
    "job_definitions": "/api/job_definitions",
    "pipeline_definitions": "/api/pipeline_definitions",
    "datamart_definitions": "/api/datamart_definitions",
}


@pytest.mark.parametrize(("key", "path"), LISTS.items())
async def test_a_list_of_definitions_is_paged_and_leaves_deleted_ones_out(opened, key, path):
    some = {number: {"name": f"d {number}", "deleted": number == 4} for number in range(1, 8)}
    async with opened({"trocco": {key: some}}) as emulators:
        http = emulators.at("trocco", **KEY)
        pages, cursor = [], ""
        while not pages or cursor:
            params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await http.get(path, params=params)).json()
            pages.append([one["id"] for one in page["items"]])
            cursor = page["next_cursor"]
        assert pages == [[1, 2], [3, 5], [6, 7]]
        codes = [(await http.get(f"{path}/{number}")).status_code for number in (1, 4, 9)]
        assert codes == [200, 403, 404]


@pytest.mark.parametrize("path", LISTS.values())
async def test_a_list_takes_limits_up_to_200_and_refuses_the_rest(opened, path):
    async with opened() as emulators:
        http = emulators.at("trocco", **KEY)
        asked = [{"limit": 200}, {"limit": 201}, {"limit": 0}, {"limit": "x"}, {"cursor": "~"}]
        codes = [(await http.get(path, params=params)).status_code for params in asked]
        assert codes == [200, 400, 400, 400, 400]
        assert len((await http.get(path)).json()["items"]) == 3
        assert (await emulators.at("trocco").get(path)).status_code == 401


async def test_names_are_found_by_a_part_and_data_marts_by_an_expression(opened):
    names = {1: {"name": "orders jp"}, 2: {"name": "orders us"}, 3: {"name": "stock"}}
    async with opened({"trocco": dict.fromkeys(LISTS, names)}) as emulators:
        http = emulators.at("trocco", **KEY)

        async def found(key, name):
            answer = await http.get(LISTS[key], params={"name": name})
            return [one["id"] for one in answer.json()["items"]] if answer.is_success else answer.status_code

        assert await found("job_definitions", "orders") == [1, 2]
        assert await found("job_definitions", "/^s/") == []
        assert await found("datamart_definitions", "/^s|jp$/") == [1, 3]
        assert await found("datamart_definitions", "/(/") == 400
        assert await found("pipeline_definitions", "orders") == [1, 2, 3]


async def test_a_transfer_setting_shows_its_variables_on_both_sides_and_leaves_empty_arrays_out(opened):
    setting = {
        "input_option_type": "salesforce",
        "custom_variables": [{"name": "$a$", "value": "1"}],
        "labels": ["x"],
        "schedules": [{"frequency": "weekly", "day_of_week": 1, "hour": 2}],
    }
    async with opened({"trocco": {"job_definitions": {1: setting, 2: {}}}}) as emulators:
        http = emulators.at("trocco", **KEY)
        told = (await http.get("/api/job_definitions/1")).json()
        [variable] = told["input_option"]["salesforce_input_option"]["custom_variable_settings"]
        assert (variable["name"], variable["type"], variable["value"]) == ("$a$", "string", "1")
        assert told["output_option"] == {"bigquery_output_option": {"custom_variable_settings": None}}
        assert told["labels"][0]["name"] == "x" and told["schedules"][0]["frequency"] == "weekly"
        bare = (await http.get("/api/job_definitions/2")).json()
        assert not {"labels", "schedules"} & bare.keys()
        listed = (await http.get("/api/job_definitions")).json()["items"][0]
        assert listed["labels"] and "input_option" not in listed


async def test_a_setting_that_cannot_be_described_is_400_in_japanese_and_runs(opened):
    async with opened({"trocco": {"job_definitions": {1: {"undescribable": True}}}}) as emulators:
        http = emulators.at("trocco", **KEY)
        told = await http.get("/api/job_definitions/1")
        assert told.status_code == 400 and "サポート" in told.json()["message"]
        assert (await http.post("/api/jobs?job_definition_id=1")).status_code == 200


async def test_a_workflow_shows_its_tasks_by_number(opened):
    tasks = [
        {"definition_id": 5, "custom_variable_loop": {"type": "string"}},
        {"type": "slack_notify", "name": "tell", "config": {"message": "done"}},
    ]
    flow = {"tasks": tasks, "task_dependencies": [{"source": 1, "destination": 2}]}
    async with opened({"trocco": {"pipeline_definitions": {1: flow, 2: {}}}}) as emulators:
        http = emulators.at("trocco", **KEY)
        told = (await http.get("/api/pipeline_definitions/1")).json()
        assert [task["task_identifier"] for task in told["tasks"]] == [1, 2]
        assert told["tasks"][0]["trocco_transfer_config"]["definition_id"] == 5
        assert told["tasks"][1]["slack_notify_config"] == {"name": "tell", "message": "done"}
        assert told["task_dependencies"] == [{"source": 1, "destination": 2}]
        assert "tasks" not in (await http.get("/api/pipeline_definitions/2")).json()


async def test_post_datamart_jobs_answers_without_a_status_and_shows_the_job_nowhere(opened):
    async with opened({"trocco": {"datamart_definitions": {1: {}, 2: {"deleted": True}}}}) as emulators:
        http = emulators.at("trocco", **KEY)
        body = {
            "datamart_definition_id": 1,
            "context_time": "2026-01-02 03:04:05",
            "custom_variables": [{"name": "$a$", "value": "1"}],
            "memo": "ours",
        }
        answer = await http.post("/api/datamart_jobs", json=body)
        assert answer.status_code == 200
        assert answer.json() == {
            "id": 1,
            "datamart_definition_id": 1,
            "context_time": "2026-01-02T03:04:05.000+09:00",
        }
        [job] = await emulators.jobs("trocco")
        assert (job["memo"], job["by"], job["status"]) == ("ours", "api", "queued")
        for path in ("/api/datamart_jobs/1", "/api/datamart_jobs", "/api/datamart_definitions/1/jobs"):
            assert (await http.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"datamart_definition_id": "x"}, 400),
        ({"datamart_definition_id": 1, "memo": 5}, 400),
        ({"datamart_definition_id": 1, "context_time": "x"}, 400),
        ({"datamart_definition_id": 1, "custom_variables": [{"name": "bare", "value": "1"}]}, 400),
        ({"datamart_definition_id": 2}, 403),
        ({"datamart_definition_id": 3}, 404),
    ],
)
async def test_a_data_mart_job_that_cannot_be_started(opened, body, status):
    async with opened({"trocco": {"datamart_definitions": {1: {}, 2: {"deleted": True}}}}) as emulators:
        answer = await emulators.at("trocco", **KEY).post("/api/datamart_jobs", json=body)
        assert answer.status_code == status and answer.json().keys() & {"error", "message"}
        assert await emulators.jobs("trocco") == []


async def test_what_was_there_before_was_started_by_hand_an_hour_apart(opened):
    busy = {"past_jobs": 2, "course": [{"outcome": "error"}, {}], "is_runnable_concurrently": False}
    async with opened({"trocco": {"job_definitions": {1: busy}}}) as emulators:
        http = emulators.at("trocco", **KEY)
        items = (await http.get("/api/job_definitions/1/jobs")).json()["items"]
        assert [(job["id"], job["status"]) for job in items] == [(2, "succeeded"), (1, "error")]
        assert {job["by"] for job in await emulators.jobs("trocco")} == {"hand"}
        assert (await http.post("/api/jobs?job_definition_id=1")).json()["id"] == 3


async def test_a_data_mart_that_runs_alone_is_skipped_while_it_is_busy(opened):
    alone = {"datamart_definitions": {1: {"is_runnable_concurrently": False}}}
    async with opened({"trocco": alone}) as emulators:
        http = emulators.at("trocco", **KEY)
        for _ in range(2):
            await http.post("/api/datamart_jobs", json={"datamart_definition_id": 1})
        emulators.clock.jump(0.2)
        assert [job["status"] for job in await emulators.jobs("trocco")] == ["setting_up", "skipped"]
