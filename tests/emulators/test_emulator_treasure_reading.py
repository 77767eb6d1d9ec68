"""Treasure: lists and pages, sessions, projects, workflows, credentials, refusals, the world file."""

import pytest

from pipeforge.emulators.treasure import PACKAGE
from pipeforge.emulators.world import World

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "TD1 1/" + "a" * 40}


def world(*courses):
    return {
        "treasure": {"projects": {"sales": {"workflows": {"mart": {"course": list(courses)}, "other": None}}}}
    }


async def put(treasure, second=0, workflow="mart", status=200, **more):
    time = f"2026-01-02T03:{second // 60:02}:{second % 60:02}Z"
    body = {"projectName": "sales", "workflowName": workflow, "sessionTime": time, "params": {}, **more}
    answer = await treasure.put("/api/attempts", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def get(treasure, path, status=200, **query):
    answer = await treasure.get(path, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_attempts_are_listed_newest_first_by_pages(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = [(await put(treasure, second))["id"] for second in range(101)]
        first = [row["id"] for row in (await get(treasure, "/api/attempts"))["attempts"]]
        assert first == made[:0:-1]
        rest = (await get(treasure, "/api/attempts", last_id=first[-1]))["attempts"]
        assert [row["id"] for row in rest] == made[:1]
        assert len((await get(treasure, "/api/attempts", page_size=2))["attempts"]) == 2
        refused = await get(treasure, "/api/attempts", 400, page_size=101)
        assert refused["status"] == 400 and "page_size" in refused["message"]
        await get(treasure, "/api/attempts", 404, last_id="x")


async def test_attempts_are_filtered_and_retried_ones_hidden_unless_asked_for(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        old = await put(treasure, retryAttemptName="a")
        new = await put(treasure, retryAttemptName="b")
        other = await put(treasure, workflow="other")

        async def listed(**query):
            return [row["id"] for row in (await get(treasure, "/api/attempts", **query))["attempts"]]

        assert await listed() == [other["id"], new["id"]]
        assert await listed(include_retried="True") == [other["id"], new["id"], old["id"]]
        assert await listed(include_retried="false") == [other["id"], new["id"]]
        assert await listed(project="sales", workflow="mart") == [new["id"]]
        assert await listed(workflow="mart") == [other["id"], new["id"]], "without project it is no filter"
        await get(treasure, "/api/attempts", 404, project="nothing")
        assert await listed(project="sales", workflow="nothing") == []
        retries = (await get(treasure, f"/api/attempts/{new['id']}/retries"))["attempts"]
        assert [row["index"] for row in retries] == [1, 2] and retries[0]["id"] == old["id"]


async def test_sessions_show_their_last_attempt(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        old = await put(treasure, retryAttemptName="a")
        new = await put(treasure, retryAttemptName="b")
        other = await put(treasure, workflow="other", second=1)
        rows = (await get(treasure, "/api/sessions"))["sessions"]
        assert [row["id"] for row in rows] == [other["sessionId"], new["sessionId"]]
        session = await get(treasure, f"/api/sessions/{new['sessionId']}")
        assert session == rows[1]
        assert session.keys() == {"id", "project", "workflow", "sessionUuid", "sessionTime", "lastAttempt"}
        assert session["lastAttempt"].keys() == {
            "id",
            "retryAttemptName",
            "done",
            "success",
            "cancelRequested",
            "params",
            "createdAt",
            "finishedAt",
            "status",
            "poolId",
        }
        assert session["lastAttempt"]["id"] == new["id"] and session["sessionUuid"] == new["sessionUuid"]
        path = f"/api/sessions/{new['sessionId']}/attempts"
        assert [row["id"] for row in (await get(treasure, path))["attempts"]] == [new["id"], old["id"]]
        assert [row["id"] for row in (await get(treasure, path, last_id=new["id"]))["attempts"]] == [
            old["id"]
        ]
        path = f"/api/projects/{new['project']['id']}/sessions"
        mine = (await get(treasure, path, workflow="mart"))["sessions"]
        assert [row["id"] for row in mine] == [new["sessionId"]]
        below = (await get(treasure, path, last_id=other["sessionId"], page_size=1))["sessions"]
        assert [row["id"] for row in below] == [new["sessionId"]]
        assert await get(treasure, path, workflow="nothing") == {"sessions": []}
        await get(treasure, "/api/sessions/77", 404)
        await get(treasure, "/api/projects/77/sessions", 404)


async def test_a_project_is_found_by_its_exact_name_and_leads_to_its_workflows(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        (project,) = (await get(treasure, "/api/projects", name="sales"))["projects"]
        assert project.keys() == {
            "id",
            "name",
            "revision",
            "createdAt",
            "updatedAt",
            "deletedAt",
            "archiveType",
            "archiveMd5",
            "metadata",
        }
        assert (
            project["deletedAt"] is None and await get(treasure, f"/api/projects/{project['id']}") == project
        )
        assert await get(treasure, "/api/projects", name="sale") == {"projects": []}
        assert (await get(treasure, "/api/projects", name_pattern="ale"))["projects"] == [project]
        assert (await get(treasure, "/api/projects", last_id=project["id"]))["projects"] == []
        path = f"/api/projects/{project['id']}/workflows"
        rows = (await get(treasure, path))["workflows"]
        assert [row["name"] for row in rows] == ["mart", "other"]
        assert rows[0].keys() == {"id", "name", "project", "revision", "timezone", "config"}
        assert (await get(treasure, path, name="mart"))["workflows"] == rows[:1]
        assert (await get(treasure, path, workflow="mart"))["workflows"] == rows, "the server reads name"
        assert await get(treasure, path, name="nothing") == {"workflows": []}
        await get(treasure, path, 404, revision="9")
        assert await get(treasure, f"{path}/mart") == rows[0]
        assert await get(treasure, f"{path}/mart", revision="1") == rows[0]
        await get(treasure, f"{path}/nothing", 404)
        assert await get(treasure, f"/api/workflows/{rows[0]['id']}") == rows[0]
        await get(treasure, "/api/workflows/77", 404)


async def test_an_old_revision_keeps_its_workflows(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        (project,) = (await get(treasure, "/api/projects", name="sales"))["projects"]
        path = f"/api/projects/{project['id']}/workflows"
        old = (await get(treasure, path))["workflows"]
        await emulators.act("treasure", "push", project="sales", revision="2")
        new = (await get(treasure, path))["workflows"]
        assert {row["revision"] for row in new} == {"2"} and not {r["id"] for r in old} & {
            r["id"] for r in new
        }
        assert (await get(treasure, path, revision="1"))["workflows"] == old
        assert await get(treasure, f"/api/workflows/{old[0]['id']}") == old[0]


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "Missing Authorization header"),
        ({"Authorization": "Bearer good"}, "unauthorized"),
        ({"Authorization": "TD1"}, "unauthorized"),
        ({"Authorization": "TD1 bad"}, "unauthorized"),
    ],
)
async def test_only_a_known_key_after_td1_is_let_in(opened, headers, message):
    async with opened({"treasure": {"credentials": ["good"]}}) as emulators:
        answer = await emulators.at("treasure", **headers).get("/api/attempts")
        assert answer.status_code == 401 and answer.json() == {"message": message, "status": 401}
        assert (await emulators.at("treasure", **headers).get("/api/version")).json() == {
            "version": "0.10.5.1"
        }
        let_in = await emulators.at("treasure", Authorization="TD1 good").get("/api/attempts")
        assert let_in.status_code == 200


async def test_an_open_source_server_asks_for_no_key_unless_the_world_names_one(opened):
    for keys, status in ((None, 200), (["good"], 401)):
        async with opened({"treasure": {"shape": "oss", "credentials": keys}}) as emulators:
            await get(emulators.at("treasure"), "/api/projects", status)


async def test_a_clients_version_is_checked_without_a_key(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure")
        told = await get(treasure, "/api/version/check", client="0.9.42")
        assert told == {"serverVersion": "0.10.5.1", "upgradeRecommended": False, "apiCompatible": True}
        await get(treasure, "/api/version/check", 400, client="new")


@pytest.mark.parametrize(
    "path", ["/api/sessions/1/retry", "/api/attempts/1/retry", "/api/attempts/1/tasks/a/logs", "/api/nothing"]
)
async def test_what_the_api_does_not_have_is_404_in_the_error_shape(opened, path):
    async with opened() as emulators:
        answer = await emulators.at("treasure", **KEY).post(path)
        assert answer.status_code == 404 and answer.json()["status"] == 404


@pytest.mark.parametrize(
    ("fault", "status", "json"),
    [
        ({"do": "forbidden"}, 403, True),
        ({"do": "rate_limited", "retry_after": 9}, 429, True),
        ({"do": "limit_reached"}, 400, True),
        ({"do": "server_error"}, 500, True),
        ({"do": "bad_gateway"}, 502, False),
    ],
)
async def test_refusals_come_in_the_vendors_shape(opened, fault, status, json):
    async with opened() as emulators:
        await emulators.fault(vendor="treasure", route="GET /api/attempts", nth=1, **fault)
        answer = await emulators.at("treasure", **KEY).get("/api/attempts")
        assert answer.status_code == status
        assert ("application/json" in answer.headers["content-type"]) == json
        assert not json or answer.json()["status"] == status
        assert answer.headers.get("retry-after") == (
            str(fault["retry_after"]) if "retry_after" in fault else None
        )


async def test_a_word_nobody_has_seen_can_be_scripted(opened):
    async with opened() as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        path = f"/api/attempts/{made['id']}"
        await emulators.fault(vendor="treasure", route="GET /api/attempts/{id}", do="unknown_status", nth=1)
        assert (await get(treasure, path))["status"] == "hibernating"


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"course": {"outcome": "error", "tasks": [{"name": "a"}]}}, "belongs to one of the tasks"),
        ({"projects": {"p": {"workflows": {"w": {"timezone": "Asia/Tokio"}}}}}, "Asia/Tokio"),
        ({"shape": "hostd"}, "hostd"),
        ({"projects": {"p": {"workflow": {}}}}, "workflow"),
    ],
)
def test_a_wrong_world_is_refused(section, told):
    with pytest.raises(ValueError, match=told):
        World.read({"treasure": section})


def test_every_behaviour_says_how_well_it_is_known():
    assert len({row.what for row in PACKAGE.behaviours}) == len(PACKAGE.behaviours)
    assert {row.evidence for row in PACKAGE.behaviours} == {"stated", "inferred", "chosen"}
    assert all(row.source for row in PACKAGE.behaviours)
