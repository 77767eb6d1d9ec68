"""Treasure: limits, waiting for a place, killing, the server's own kill, courses in turn, the oss shape."""

import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "TD1 1/" + "a" * 40}
TIME = "2026-01-02T03:04:05+09:00"
MART = {"projectName": "sales", "workflowName": "mart", "sessionTime": TIME, "params": {}}
ATTEMPT_KEYS = (
    "status id index project workflow sessionId sessionUuid sessionTime "
    "retryAttemptName done success cancelRequested params createdAt finishedAt poolId"
)
ATTEMPT_KEYS = set(ATTEMPT_KEYS.split())


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
            "id",
            "retryAttemptName",
            "done",
            "success",
            "cancelRequested",
            "params",
            "createdAt",
            "finishedAt",
        }


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
