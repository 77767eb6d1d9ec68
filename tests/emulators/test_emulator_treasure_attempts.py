"""Treasure: starting, conflicts, limits, waiting, killing, resuming; what the two unique keys allow."""

import httpx
import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "TD1 1/" + "a" * 40}
TIME = "2026-01-02T03:04:05+09:00"
MART = {"projectName": "sales", "workflowName": "mart", "sessionTime": TIME, "params": {}}
ATTEMPT_KEYS = {
    "status", "id", "index", "project", "workflow", "sessionId", "sessionUuid", "sessionTime", "retryAttemptName",
    "done", "success", "cancelRequested", "params", "createdAt", "finishedAt", "poolId",
}  # fmt: skip


def ask(**changed):
    return {**MART, **changed}


def world(**course):
    return {"treasure": {"projects": {"sales": {"workflows": {"mart": {"course": course}}}}}}


async def put(treasure, status=200, **changed):
    answer = await treasure.put("/api/attempts", json=ask(**changed))
    assert answer.status_code == status, answer.text
    return answer.json()


async def look(treasure, attempt):
    return (await treasure.get(f"/api/attempts/{attempt['id']}")).json()


async def test_an_attempt_runs_and_succeeds_with_exactly_the_documented_keys(opened):
    async with opened() as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure, params={"a": [1]}, retryAttemptName="pf-1")
        assert made.keys() == ATTEMPT_KEYS
        assert made | {"id": "", "sessionId": "", "sessionUuid": "", "workflow": {}, "project": {}} == {
            "status": "running", "id": "", "index": 1, "project": {}, "workflow": {}, "sessionId": "",
            "sessionUuid": "", "sessionTime": "2026-01-01T18:04:05+00:00", "retryAttemptName": "pf-1",
            "done": False, "success": False, "cancelRequested": False, "params": {"a": [1]},
            "createdAt": "2025-11-24T16:00:00Z", "finishedAt": None, "poolId": "1",
        }  # fmt: skip
        assert (
            made["id"].isdigit() and made["project"]["name"] == "sales" and made["workflow"]["name"] == "mart"
        )
        assert len({made["id"], made["sessionId"], made["workflow"]["id"], made["project"]["id"]}) == 4
        emulators.clock.jump(1.5)
        over = await look(treasure, made)
        assert (over["status"], over["done"], over["success"]) == ("success", True, True)
        assert over["finishedAt"] == "2025-11-24T16:00:01Z"


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"sessionTime": "2026-01-01T18:04:05.999Z"},
        {"sessionTime": "2026-01-01T18:04:05+00:00", "params": {"other": 1}},
    ],
)
async def test_a_repeat_is_answered_409_with_the_first_attempt_in_full(opened, again):
    async with opened() as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure, retryAttemptName="pf-1", params={"a": 1})
        assert await put(treasure, 409, retryAttemptName="pf-1", **again) == made
        assert len(await emulators.jobs("treasure")) == 1
        assert [call["started"] for call in await emulators.calls("treasure")] == [made["id"], None]


async def test_a_conflict_shows_an_attempt_that_is_over_as_it_ended(opened):
    async with opened() as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        emulators.clock.jump(10)
        again = await put(treasure, 409)
        assert (again["id"], again["status"], again["done"]) == (made["id"], "success", True)


async def test_names_are_slots_of_one_session_and_may_run_side_by_side(opened):
    async with opened() as emulators:
        treasure = emulators.at("treasure", **KEY)
        first = await put(treasure, retryAttemptName="a")
        default = await put(treasure)
        last = await put(treasure, retryAttemptName="b")
        assert [each["index"] for each in (first, default, last)] == [1, 2, 3]
        assert len({each["sessionId"] for each in (first, default, last)}) == 1
        assert (await put(treasure, 409, retryAttemptName="a"))["id"] == first["id"]
        assert (await put(treasure, 409))["id"] == last["id"], (
            "without a name it is the session's last attempt"
        )
        later = await put(treasure, sessionTime="2026-01-02T03:04:06+09:00", retryAttemptName="a")
        assert later["sessionId"] != first["sessionId"]


async def test_a_push_changes_the_ids_but_not_the_key_and_a_new_project_frees_it(opened):
    async with opened() as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        await emulators.act("treasure", "push", project="sales", revision="2")
        assert (await put(treasure, 409))["id"] == made["id"]
        fresh = await put(treasure, sessionTime="2026-01-03T00:00:00Z")
        assert fresh["workflow"]["id"] != made["workflow"]["id"]
        old = await treasure.put(
            "/api/attempts",
            json={
                "workflowId": int(made["workflow"]["id"]),
                "sessionTime": "2026-01-04T00:00:00Z",
                "params": {},
            },
        )
        assert old.status_code == 200 and old.json()["workflow"]["id"] == made["workflow"]["id"]
        await emulators.act("treasure", "recreate", project="sales")
        anew = await put(treasure)
        assert anew["project"]["id"] != made["project"]["id"]
        gone = await treasure.put(
            "/api/attempts",
            json={"workflowId": made["workflow"]["id"], "sessionTime": "2026-01-05T00:00:00Z", "params": {}},
        )
        assert gone.status_code == 404


async def test_somebody_elses_attempt_holds_the_slot_without_a_name(opened):
    async with opened() as emulators:
        treasure = emulators.at("treasure", **KEY)
        given = {"project": "sales", "workflow": "mart", "session_time": TIME}
        theirs = (await emulators.act("treasure", "start", **given)).json()
        assert (await put(treasure, 409))["id"] == theirs["id"]
        assert (await put(treasure, retryAttemptName="pf-1"))["index"] == 2
        assert [job["by"] for job in await emulators.jobs("treasure")] == ["hand", "api"]
        assert (await emulators.act("treasure", "start", **given)).status_code == 400
        answer = await emulators.act("treasure", "start", project="sales")
        assert answer.status_code == 400 and "workflow" in answer.json()["error"]


@pytest.mark.parametrize("do", ["bad_gateway", "unavailable", "gateway_timeout"])
async def test_after_a_502_that_came_after_the_work_a_repeat_finds_the_attempt(opened, do):
    async with opened() as emulators:
        await emulators.fault(vendor="treasure", route="PUT /api/attempts", do=do, after=True, nth=1)
        treasure = emulators.at("treasure", **KEY)
        lost = await treasure.put("/api/attempts", json=ask(retryAttemptName="pf-1"))
        assert lost.status_code in (502, 503, 504) and "json" not in lost.headers["content-type"]
        found = await put(treasure, 409, retryAttemptName="pf-1")
        assert [job["id"] for job in await emulators.jobs("treasure")] == [found["id"]]


@pytest.mark.parametrize(("do", "status"), [("lose_answer", 409), ("drop", 200)])
async def test_a_cut_connection_is_settled_by_the_same_request(opened, do, status):
    async with opened() as emulators:
        await emulators.fault(vendor="treasure", route="PUT /api/attempts", do=do, nth=1)
        treasure = emulators.at("treasure", **KEY)
        with pytest.raises(httpx.RemoteProtocolError):
            await put(treasure, retryAttemptName="pf-1")
        await put(treasure, status, retryAttemptName="pf-1")
        assert len(await emulators.jobs("treasure")) == 1


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"sessionTime": None}, "sessionTime"),
        ({"params": None}, "params"),
        ({"params": []}, "params"),
        ({"sessionTime": "2026-01-02T03:04:05"}, "offset"),
        ({"sessionTime": "yesterday"}, "yesterday"),
        ({"sessionTime": 7}, "7"),
        ({"retryAttemptName": "  "}, "retryAttemptName"),
        ({"retryAttemptName": "x" * 256}, "retryAttemptName"),
        ({"workflowName": None}, "workflowName"),
        ({"resume": {"mode": "all"}}, "resume"),
        ({"resume": {"mode": "from", "attemptId": "1"}}, "from"),
    ],
)
async def test_a_malformed_start_is_refused_in_the_error_shape(opened, changed, word):
    async with opened() as emulators:
        refused = await put(emulators.at("treasure", **KEY), 400, **changed)
        assert refused.keys() == {"message", "status"} and refused["status"] == 400
        assert word in refused["message"]
        assert await emulators.jobs("treasure") == []


async def test_a_body_that_is_no_json_object_is_refused(opened):
    async with opened() as emulators:
        treasure = emulators.at("treasure", **KEY)
        for body, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/plain")):
            answer = await treasure.put("/api/attempts", content=body, headers={"Content-Type": kind})
            assert answer.status_code == 400


async def test_what_does_not_exist_is_404(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        assert "project name=other" in (await put(treasure, 404, projectName="other"))["message"]
        assert "workflow name=other" in (await put(treasure, 404, workflowName="other"))["message"]
        assert "workflow id=999" in (await put(treasure, 404, workflowId="999"))["message"]
        assert (
            "attempt id=9" in (await put(treasure, 404, resume={"mode": "failed", "attemptId": 9}))["message"]
        )


async def test_the_limit_is_checked_before_the_conflict(opened):
    async with opened({"treasure": {"attempt_limit": 1, "course": {"seconds": 10}}}) as emulators:
        treasure = emulators.at("treasure", **KEY)
        await put(treasure, retryAttemptName="a")
        refused = await put(treasure, 400, retryAttemptName="a")
        assert refused == {"message": "Too many attempts running. Limit: 1, Current: 1", "status": 400}
        emulators.clock.jump(10)
        await put(treasure, 409, retryAttemptName="a")
        await put(treasure, retryAttemptName="b")


async def test_attempts_that_may_wait_are_queued_and_begin_in_order(opened):
    section = {"attempt_limit": 1, "waiting_limit": 2, "course": {"seconds": 10}}
    async with opened({"treasure": section}) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = [await put(treasure, retryAttemptName=name, allowQueueing=True) for name in "abc"]
        assert [each["status"] for each in made] == ["running", "queued", "queued"]
        await put(treasure, 400, retryAttemptName="d", allowQueueing=True)
        emulators.clock.jump(12)
        assert [(await look(treasure, each))["status"] for each in made] == ["success", "running", "queued"]
        emulators.clock.jump(8)
        assert [(await look(treasure, each))["status"] for each in made] == ["success", "success", "running"]
        emulators.clock.jump(10)
        last = await look(treasure, made[2])
        assert (last["status"], last["finishedAt"]) == ("success", "2025-11-24T16:00:30Z")


async def test_a_queued_attempt_that_is_killed_leaves_the_queue_at_once(opened):
    async with opened({"treasure": {"attempt_limit": 1, "course": {"seconds": 10}}}) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = [await put(treasure, retryAttemptName=name, allowQueueing=True) for name in "abc"]
        await treasure.post(f"/api/attempts/{made[1]['id']}/kill")
        assert (await look(treasure, made[1]))["status"] == "killed"
        emulators.clock.jump(10)
        assert [(await look(treasure, each))["status"] for each in made] == ["success", "killed", "running"]


async def test_a_scripted_wait_comes_before_the_first_task(opened):
    async with opened(world(waits=5, waits_as="blocked", seconds=5)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        assert made["status"] == "blocked"
        emulators.clock.jump(5)
        assert (await look(treasure, made))["status"] == "running"
        emulators.clock.jump(5)
        assert (await look(treasure, made))["done"]


async def test_a_kill_shows_the_attempt_as_it_was_and_ends_it_a_little_later(opened):
    async with opened(world(seconds=60, kill_seconds=2)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        path = f"/api/attempts/{made['id']}/kill"
        killed = await treasure.post(path)
        assert killed.status_code == 200 and killed.json() == made, "the flag is not yet in the answer"
        again = await treasure.post(path, json={})
        assert again.status_code == 200 and again.json()["cancelRequested"] is True
        canceling = await look(treasure, made)
        assert (canceling["status"], canceling["done"], canceling["cancelRequested"]) == (
            "canceling",
            False,
            True,
        )
        emulators.clock.jump(2)
        over = await look(treasure, made)
        assert (over["status"], over["done"], over["success"]) == ("killed", True, False)
        late = await treasure.post(path)
        assert late.status_code == 409
        assert late.json() == {"message": "Session attempt already killed or finished", "status": 409}
        assert (await treasure.post("/api/attempts/77/kill")).status_code == 404


async def test_a_kill_can_lose_to_success(opened):
    async with opened(world(seconds=60, kill_lost=True)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        await treasure.post(f"/api/attempts/{made['id']}/kill")
        emulators.clock.jump(30)
        assert (await look(treasure, made))["status"] == "canceling"
        emulators.clock.jump(30)
        over = await look(treasure, made)
        assert (over["status"], over["success"], over["cancelRequested"]) == ("success", True, True)


@pytest.mark.parametrize(
    ("course", "until"),
    [({"outcome": "killed", "seconds": 30}, 30), ({"seconds": float("inf")}, 86_400)],
)
async def test_the_server_kills_by_itself(opened, course, until):
    async with opened(world(**course)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        emulators.clock.jump(until - 1)
        assert (await look(treasure, made))["status"] == "running"
        emulators.clock.jump(1)
        over = await look(treasure, made)
        assert (over["status"], over["cancelRequested"], over["success"]) == ("killed", True, False)


async def test_an_attempt_of_many_tasks_is_killed_after_seven_days(opened):
    tasks = [{"name": f"t{number}", "seconds": 80_000} for number in range(9)]
    async with opened(world(tasks=tasks)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure)
        emulators.clock.jump(7 * 86_400 - 1)
        assert not (await look(treasure, made))["done"]
        emulators.clock.jump(1)
        assert (await look(treasure, made))["status"] == "killed"


async def test_more_than_a_thousand_tasks_are_refused_and_make_nothing(opened):
    async with opened(world(tasks=[{"name": f"t{number}"} for number in range(1_000)])) as emulators:
        treasure = emulators.at("treasure", **KEY)
        assert "Limit: 1000, Current: 1001" in (await put(treasure, 400))["message"]
        assert (await treasure.get("/api/sessions")).json() == {"sessions": []}


async def test_each_attempt_takes_the_next_course(opened):
    courses = [{"outcome": "error"}, {"outcome": "success"}]
    section = {"projects": {"sales": {"workflows": {"mart": {"course": courses, "timezone": "Asia/Tokyo"}}}}}
    async with opened({"treasure": section}) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = [await put(treasure, retryAttemptName=name) for name in "abc"]
        assert made[0]["sessionTime"] == TIME
        emulators.clock.jump(5)
        assert [(await look(treasure, each))["status"] for each in made] == ["error", "success", "success"]


async def test_an_oss_server_has_four_words_no_pool_and_wants_an_id(opened):
    async with opened({"treasure": {"shape": "oss", "course": {"seconds": 9, "waits": 3}}}) as emulators:
        treasure = emulators.at("treasure", **KEY)
        assert "workflowId" in (await put(treasure, 400))["message"]
        project = (await treasure.get("/api/projects", params={"name": "sales"})).json()["projects"][0]
        assert "metadata" not in project
        path = f"/api/projects/{project['id']}/workflows"
        workflow = (await treasure.get(path, params={"name": "mart"})).json()["workflows"][0]
        made = await put(treasure, workflowId=workflow["id"], allowQueueing=True)
        assert made.keys() == ATTEMPT_KEYS - {"poolId"} and made["status"] == "running"
        await treasure.post(f"/api/attempts/{made['id']}/kill")
        emulators.clock.jump(1)
        session = (await treasure.get(f"/api/sessions/{made['sessionId']}")).json()
        assert session["lastAttempt"].keys() == {
            "id", "retryAttemptName", "done", "success", "cancelRequested", "params", "createdAt", "finishedAt",
        }  # fmt: skip


async def test_an_oss_attempt_being_killed_still_says_running(opened):
    async with opened(
        {"treasure": {"shape": "oss", "course": {"seconds": 60, "kill_seconds": 5}}}
    ) as emulators:
        treasure = emulators.at("treasure", **KEY)
        given = {"project": "sales", "workflow": "mart", "session_time": TIME}
        made = (await emulators.act("treasure", "start", **given)).json()
        await treasure.post(f"/api/attempts/{made['id']}/kill")
        flagged = await look(treasure, made)
        assert (flagged["status"], flagged["cancelRequested"]) == ("running", True)


async def test_attempts_and_keys_survive_a_restart(opened, tmp_path):
    path = tmp_path / "state.json"
    async with opened(state=path) as emulators:
        made = await put(emulators.at("treasure", **KEY), retryAttemptName="pf-1")
    async with opened(state=path) as emulators:
        treasure = emulators.at("treasure", **KEY)
        assert await put(treasure, 409, retryAttemptName="pf-1") == made
        assert (await put(treasure, retryAttemptName="pf-2"))["id"] != made["id"]
