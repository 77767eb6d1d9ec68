"""Treasure: lists and pages, sessions, tasks, logs, projects, workflows, resume, credentials, null optionals."""

import gzip
import zlib

import pytest

from pipeforge.emulators.treasure import PACKAGE
from pipeforge.emulators.world import World

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "TD1 1/" + "a" * 40}
TREE = [
    {"name": "load", "parallel": True, "tasks": [{"name": "+a", "seconds": 1}, {"name": "+b", "seconds": 3}]},
    {"name": "build", "seconds": 2, "log": ["one", "two"], "config": {"echo>": "hi"}},
    {"name": "tell", "seconds": 1},
]
TASK_KEYS = {
    "id", "fullName", "parentId", "config", "upstreams", "state", "cancelRequested", "exportParams", "storeParams",
    "stateParams", "updatedAt", "retryAt", "startedAt", "error", "isGroup",
}  # fmt: skip


def world(*courses):
    return {
        "treasure": {"projects": {"sales": {"workflows": {"mart": {"course": list(courses)}, "other": None}}}}
    }


def tree(**of_build):
    return {"tasks": [TREE[0], {**TREE[1], **of_build}, TREE[2]]}


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


async def states(treasure, attempt):
    rows = (await get(treasure, f"/api/attempts/{attempt['id']}/tasks"))["tasks"]
    return {row["fullName"].removeprefix("+mart") or "root": row["state"] for row in rows}


async def test_tasks_follow_the_tree_in_time(opened):
    async with opened(world(tree())) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        expected = {"root": "planned", "+load": "planned", "+load+a": "running", "+load+b": "running"}
        assert await states(treasure, made) == expected | {"+build": "blocked", "+tell": "blocked"}
        emulators.clock.jump(2)
        assert (await states(treasure, made))["+load+a"] == "success"
        assert (await states(treasure, made))["+load"] == "planned"
        emulators.clock.jump(1)
        assert (await states(treasure, made))["+build"] == "running"
        emulators.clock.jump(3)
        assert set((await states(treasure, made)).values()) == {"success"}
        rows = (await get(treasure, f"/api/attempts/{made['id']}/tasks"))["tasks"]
        assert all(row.keys() == TASK_KEYS for row in rows)
        ids = {row["fullName"]: row["id"] for row in rows}
        by_name = {row["fullName"]: row for row in rows}
        assert [row["id"] for row in rows] == sorted(ids.values())
        assert by_name["+mart"]["parentId"] is None and by_name["+mart"]["isGroup"] is True
        assert by_name["+mart+load+b"]["parentId"] == ids["+mart+load"]
        assert by_name["+mart+load+b"]["upstreams"] == []
        assert by_name["+mart+build"]["upstreams"] == [ids["+mart+load"]]
        assert by_name["+mart+build"]["startedAt"] == "2025-11-24T16:00:03Z"
        assert by_name["+mart+build"]["updatedAt"] == "2025-11-24T16:00:05Z"
        assert by_name["+mart+build"]["config"] == {"echo>": "hi"} and by_name["+mart+build"]["error"] == {}


async def test_a_failing_task_is_named_and_done_comes_after_the_alert(opened):
    async with opened(world(tree(outcome="error", message="no such table"))) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        emulators.clock.jump(5)
        now = await states(treasure, made)
        assert now["+build"] == "error" and now["^failure-alert"] == "running" and now["root"] == "planned"
        assert not (await get(treasure, f"/api/attempts/{made['id']}"))["done"]
        emulators.clock.jump(1)
        over = await get(treasure, f"/api/attempts/{made['id']}")
        assert (over["status"], over["done"], over["success"]) == ("error", True, False)
        rows = (await get(treasure, f"/api/attempts/{made['id']}/tasks"))["tasks"]
        failed = [row for row in rows if row["state"] == "error"]
        assert [(row["fullName"], row["error"]["message"]) for row in failed] == [
            ("+mart+build", "no such table")
        ]
        final = await states(treasure, made)
        assert (final["root"], final["+tell"]) == ("group_error", "blocked")


async def test_a_kill_cancels_what_runs_and_what_has_not_begun(opened):
    async with opened(world({**tree(seconds=60), "kill_seconds": 2})) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        emulators.clock.jump(4)
        await treasure.post(f"/api/attempts/{made['id']}/kill")
        emulators.clock.jump(2)
        final = await states(treasure, made)
        assert final["+load"] == "success"
        assert {final["root"], final["+build"], final["+tell"]} == {"canceled"}


async def test_a_log_is_cut_off_while_its_task_runs_and_whole_afterwards(opened):
    async with opened(world(tree())) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        base = f"/api/logs/{made['id']}/files"
        assert await get(treasure, base) == {"files": []}
        emulators.clock.jump(4.5)
        (row,) = (await get(treasure, base))["files"]
        assert row.keys() == {
            "fileName", "fileSize", "taskName", "fileTime", "agentId", "direct", "fileTimestamp",
        }  # fmt: skip
        assert row["taskName"] == "+mart+build" and row["direct"] is None
        stamp = f"{1_764_000_003:08x}{0:08x}"
        assert row["fileName"] == f"+mart+build@{stamp}.{row['agentId']}.log.gz"
        answer = await treasure.get(f"{base}/{row['fileName']}")
        assert answer.headers["content-type"] == "application/gzip" and len(answer.content) == row["fileSize"]
        with pytest.raises(EOFError):
            gzip.decompress(answer.content)
        assert zlib.decompressobj(wbits=31).decompress(answer.content) == b"one\n"
        emulators.clock.jump(1)
        assert gzip.decompress((await treasure.get(f"{base}/{row['fileName']}")).content) == b"one\ntwo\n"
        assert (await get(treasure, base, task="+mart+load"))["files"] == []
        assert len((await get(treasure, base, task="+mart+bu"))["files"]) == 1
        assert (await get(treasure, f"{base}/nothing.log.gz", 404))["status"] == 404
        await get(treasure, "/api/logs/77/files", 404)


async def test_resume_failed_takes_over_what_succeeded(opened):
    async with opened(world(tree(outcome="error"), tree())) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        emulators.clock.jump(10)
        resume = {"mode": "failed", "attemptId": made["id"]}
        assert (await put(treasure, resume=resume, status=409))["id"] == made["id"], (
            "a resume needs a new name"
        )
        again = await put(treasure, resume=resume, retryAttemptName="r1")
        now = await states(treasure, again)
        assert (now["+load"], now["+load+a"], now["+build"]) == ("success", "success", "running")
        emulators.clock.jump(3)
        over = await get(treasure, f"/api/attempts/{again['id']}")
        assert (over["index"], over["status"]) == (2, "success")
        resume = {"mode": "failed", "attemptId": again["id"]}
        refused = await put(treasure, resume=resume, retryAttemptName="r2", status=400)
        assert "not supported" in refused["message"]


async def test_resume_from_skips_everything_before_one_task(opened):
    async with opened(world(tree(outcome="error"), tree())) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        emulators.clock.jump(10)

        async def resume(start, status=400, name="r"):
            asked = {"mode": "from", "attemptId": made["id"], "from": start}
            return await put(treasure, resume=asked, retryAttemptName=name, status=status)

        assert "doesn't match" in (await resume("+nothing"))["message"]
        assert "+build" in (await resume("+tell"))["message"], "+build did not succeed"
        now = await states(treasure, await resume("+build", 200))
        assert (now["+load+b"], now["+build"], now["+tell"]) == ("success", "running", "blocked")
        now = await states(treasure, await resume("+load+b", 200, "r2"))
        assert (now["+load+a"], now["+load+b"]) == ("running", "running"), (
            "side by side, nothing is before it"
        )


async def test_an_ambiguous_resume_is_refused(opened):
    twins = {"tasks": [{"name": "x", "tasks": [{"name": "end"}]}, {"name": "y", "tasks": [{"name": "end"}]}]}
    async with opened(world(twins)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        resume = {"mode": "from", "attemptId": made["id"], "from": "+end"}
        assert (
            "ambiguous" in (await put(treasure, resume=resume, retryAttemptName="r", status=400))["message"]
        )


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
        await get(treasure, "/api/attempts", 400, last_id="x")


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
        await get(treasure, "/api/attempts", 404, project="sales", workflow="nothing")
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
            "id", "retryAttemptName", "done", "success", "cancelRequested", "params", "createdAt", "finishedAt",
            "status", "poolId",
        }  # fmt: skip
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
        await get(treasure, path, 404, workflow="nothing")
        await get(treasure, "/api/sessions/77", 404)
        await get(treasure, "/api/projects/77/sessions", 404)


async def test_a_project_is_found_by_its_exact_name_and_leads_to_its_workflows(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        (project,) = (await get(treasure, "/api/projects", name="sales"))["projects"]
        assert project.keys() == {
            "id", "name", "revision", "createdAt", "updatedAt", "deletedAt", "archiveType", "archiveMd5", "metadata",
        }  # fmt: skip
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
