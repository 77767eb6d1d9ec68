"""Treasure: task trees in time, failures, logs, resuming."""

import gzip
import zlib

import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "TD1 1/" + "a" * 40}
TREE = [
    {"name": "load", "parallel": True, "tasks": [{"name": "+a", "seconds": 1}, {"name": "+b", "seconds": 3}]},
    {"name": "build", "seconds": 2, "log": ["one", "two"], "config": {"echo>": "hi"}},
    {"name": "tell", "seconds": 1},
]
TASK_KEYS = (
    "id fullName parentId config upstreams state cancelRequested "
    "exportParams storeParams stateParams updatedAt retryAt startedAt error isGroup"
)
TASK_KEYS = set(TASK_KEYS.split())


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


async def test_a_kill_cancels_what_runs_and_leaves_what_has_not_begun(opened):
    async with opened(world({**tree(seconds=60), "kill_seconds": 2})) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        emulators.clock.jump(4)
        await treasure.post(f"/api/attempts/{made['id']}/kill")
        emulators.clock.jump(2)
        final = await states(treasure, made)
        assert final["+load"] == "success"
        assert (final["root"], final["+build"], final["+tell"]) == ("canceled", "canceled", "blocked")
        rows = (await get(treasure, f"/api/attempts/{made['id']}/tasks"))["tasks"]
        asked = {row["fullName"] for row in rows if not row["cancelRequested"]}
        assert asked == {row["fullName"] for row in rows if "+load" in row["fullName"]}, (
            "all that had not ended"
        )


async def test_a_log_is_cut_off_while_its_task_runs_and_whole_afterwards(opened):
    async with opened(world(tree())) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        base = f"/api/logs/{made['id']}/files"
        assert await get(treasure, base) == {"files": []}
        emulators.clock.jump(4.5)
        (row,) = (await get(treasure, base))["files"]
        assert row.keys() == {
            "fileName",
            "fileSize",
            "taskName",
            "fileTime",
            "agentId",
            "direct",
            "fileTimestamp",
        }
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
