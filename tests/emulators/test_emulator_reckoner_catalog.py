"""Reckoner's emulator where things are defined: workflows, exportWorkflow, integrations, projects."""

import pytest

pytestmark = pytest.mark.anyio

TOKEN = {"Authorization": "Bearer pat_one"}
WORLD = {
    "projects": {1: {"name": "shop", "is_default": True}, 2: {"name": "lab", "saves_job_result": False}},
    "workflows": {
        7: {
            "name": "日次データ同期",
            "tasks": [{"name": "a", "integration_name": "db"}, {"name": "b"}, {"name": "c"}],
            "dependencies": [["a", "c"], ["b", "c"]],
            "parameters": [{"name": "day", "value": "1"}, {"name": "key", "value": "x", "is_secret": True}],
            "schedule": {"is_enabled": False},
            "notifications": {"emails": [{"status": "ALL", "email": "a@example.com"}]},
        },
        8: {"name": "monthly", "project_id": 2},
    },
    "integrations": {"mysql": [{"integration_id": 42, "name": "db", "auth_method": "password"}], "excel": []},
}


@pytest.fixture
def reckoner(opened):
    class Opened:
        def __init__(self, **world):
            self._opened = opened({"reckoner": {**WORLD, **world}})

        async def __aenter__(self):
            return (await self._opened.__aenter__()).at("reckoner", **TOKEN)

        async def __aexit__(self, *error):
            return await self._opened.__aexit__(*error)

    return Opened


async def test_get_workflow_has_the_keys_of_its_schema(reckoner):
    async with reckoner() as client:
        body = (await client.get("/workflows/7")).json()
        assert body.keys() == {
            *("id", "name", "description", "tasks", "task_dependencies", "parameters"),
            *("schedule", "webhooks", "notifications", "labels"),
        }
        assert body["task_dependencies"] == [{"from": "a", "to": "c"}, {"from": "b", "to": "c"}]
        assert body["tasks"][0].keys() == {"name", "category", "subcategory", "property", "integration_name"}
        assert "integration_name" not in body["tasks"][1]
        assert body["parameters"][1] == {"name": "key", "value": "********", "is_secret": True}
        assert body["notifications"]["slacks"] == [] and body["schedule"]["is_enabled"] is False
        plain = (await client.get("/workflows/8")).json()
        assert not {"schedule", "notifications"} & plain.keys()
        assert (await client.get("/workflows/9")).json()["code"] == "NOT_FOUND"
        assert (await client.get("/workflows/x")).json()["code"] == "BAD_REQUEST"


async def test_export_workflow_has_other_keys_and_a_file_name(reckoner):
    async with reckoner() as client:
        answer = await client.get("/workflows/7/export")
        body = answer.json()
        assert body.keys() == {"name", "description", "type", "tasks", "dependencies", "parameters"}
        assert body["tasks"][0].keys() == {"name", "category", "subcategory", "position", "property"}
        assert body["parameters"][1] == {"name": "key", "value": "********"}
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E6%97%A5")
        assert (await client.get("/workflows/9/export")).status_code == 404


async def test_list_workflows_is_of_one_project_and_paged(reckoner):
    async with reckoner() as client:
        body = (await client.get("/workflows/projects/1")).json()
        assert body["total"] == 1 and body["workflows"][0].keys() == {
            *("id", "name", "description", "updated_at", "is_scheduled", "labels")
        }
        await client.post("/workflows/8/run")
        assert (await client.get("/workflows/projects/2", params={"page": 2})).json() == {
            "total": 1,
            "workflows": [],
        }
        assert (await client.get("/workflows/projects/3")).json()["code"] == "NOT_FOUND"
        for wrong in (
            {"sort": "id:asc"},
            {"schedule_filtering_by": "on"},
            {"limit": 101},
            {"label_ids": "a"},
        ):
            assert (await client.get("/workflows/projects/1", params=wrong)).json()["code"] == "BAD_REQUEST"


async def test_list_workflows_tells_when_a_job_started_last(reckoner):
    async with reckoner(course={"stages": {"SUBMITTING": 0, "RUNNABLE": 0}}) as client:
        await client.post("/workflows/8/run")
        [row] = (await client.get("/workflows/projects/2")).json()["workflows"]
        assert row["last_started_at"] == "2025-11-24T16:00:00Z"


@pytest.mark.parametrize("shape", ["beside", "nested"])
async def test_list_integrations_has_two_shapes(reckoner, shape):
    async with reckoner(integrations_shape=shape) as client:
        body = (await client.get("/integrations/projects/1")).json()
        services = body["integrations"] if shape == "nested" else body
        assert body["total"] == 1 and services["excel"] == []
        [row] = services["mysql"]
        assert (row["integration_id"], row["id"], row["auth_method"]) == (42, 1, "password")
        one = (await client.get("/integrations/projects/1", params={"service": "excel"})).json()
        assert "mysql" not in (one["integrations"] if shape == "nested" else one)
        assert (await client.get("/integrations/projects/2")).json()["total"] == 0


async def test_delete_integration_conflicts_while_it_is_used(reckoner):
    async with reckoner() as client:
        answer = await client.delete("/integrations/mysql/42")
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
        assert answer.json()["workflows"] == [{"id": 7, "name": "日次データ同期"}]
        assert (await client.delete("/integrations/excel/42")).status_code == 404
        assert (await client.delete("/integrations/mysql/42", params={"force": "1"})).status_code == 400
        forced = await client.delete("/integrations/mysql/42", params={"force": "true"})
        assert (forced.status_code, forced.content) == (200, b"")
        assert (await client.delete("/integrations/mysql/42")).json()["code"] == "NOT_FOUND"
        assert (await client.get("/integrations/projects/1")).json()["total"] == 0


async def test_list_projects_and_get_project(reckoner):
    async with reckoner() as client:
        body = (await client.get("/projects")).json()
        assert body["total"] == 2 and body["projects"][1] == {
            "id": 2,
            "name": "lab",
            "description": "",
            "is_default": False,
            "saves_job_result": False,
        }
        assert (await client.get("/projects/1")).json()["name"] == "shop"
        assert (await client.get("/projects/3")).json()["code"] == "NOT_FOUND"


async def test_where_everything_exists_a_workflow_is_made_up_and_what_ran_is_listed(opened):
    async with opened() as emulators:
        client = emulators.at("reckoner", **TOKEN)
        assert (await client.get("/workflows/5")).json()["name"] == "workflow 5"
        await client.post("/workflows/5/run")
        assert (await client.get("/workflows/projects/1")).json()["workflows"][0]["id"] == 5
        assert (await client.get("/projects/4")).json()["id"] == 4


async def test_jobs_of_the_past_are_there_and_do_not_count_as_runs(opened):
    past = [{"outcome": "FAILED", "ago": 60.0}, {"stages": {"RUNNING": 9000}, "trigger": "button"}]
    course = [{"outcome": "FAILED"}, {"outcome": "COMPLETED"}]
    async with opened({"reckoner": {"workflows": {1: {"past_jobs": past, "course": course}}}}) as emulators:
        client = emulators.at("reckoner", **TOKEN)
        jobs = (await client.get("/workflows/1/jobs")).json()["jobs"]
        assert [(job["status"], job["trigger"]) for job in jobs] == [
            ("RUNNING", "button"),
            ("FAILED", "scheduled"),
        ]
        await client.post("/workflows/1/run")
        emulators.clock.jump(2)
        assert (await client.get("/workflows/1/jobs/1003")).json()["status"] == "FAILED"
