"""Workato: polls, the cursor, stops, schedules, trigger errors, back-off, lost answers."""

import httpx
import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "Bearer wk-secret"}
ONE = "/managed_users/91829/recipes/1389"


def world(recipe=None, **more):
    return {"workato": {"recipes": {1389: recipe}, **more}}


def course(seconds=1.0, **more):
    return {"poll_seconds": 1, "course": {"seconds": seconds, **more}}


async def poll(workato, status=200):
    answer = await workato.post(f"{ONE}/poll_now")
    assert answer.status_code == status, answer.text
    return answer


async def jobs(workato, **query):
    answer = await workato.get(f"{ONE}/jobs", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def statuses(workato):
    return [job["status"] for job in (await jobs(workato))["items"]]


async def test_a_stop_lets_the_running_job_end_and_keeps_the_others_for_the_next_start(opened):
    async with opened(world({"polls": [3, 0], "activation": 1, **course(10)})) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        emulators.clock.jump(5)
        await workato.put(f"{ONE}/stop")
        emulators.clock.jump(1_000)
        assert await statuses(workato) == ["pending", "pending", "succeeded"]
        await workato.put(f"{ONE}/start")
        emulators.clock.jump(12)
        assert await statuses(workato) == ["pending", "succeeded", "succeeded"]
        emulators.clock.jump(10)
        assert await statuses(workato) == ["succeeded"] * 3


async def test_starting_polls_at_once_and_the_cursor_outlives_the_stop(opened):
    async with opened(world({"running": False, "polls": [2, 1], **course()})) as emulators:
        workato = emulators.at("workato", **KEY)
        for _ in range(2):
            await workato.put(f"{ONE}/start")
            emulators.clock.jump(20)
            await workato.put(f"{ONE}/stop")
        rows = (await jobs(workato))["items"]
        assert [job["title"] for job in rows] == ["Event 3", "Event 2", "Event 1"], "none twice"
        assert {job["by"] for job in await emulators.jobs("workato")} == {"api"}


async def test_a_reset_delivers_everything_again_after_what_waits(opened):
    async with opened(world({"polls": [2], **course()})) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        assert (await workato.post(f"{ONE}/reset_trigger")).json() == {"success": True}
        emulators.clock.jump(3)
        assert await statuses(workato) == ["pending", "pending", "succeeded", "succeeded"]
        emulators.clock.jump(2)
        rows = (await jobs(workato))["items"]
        assert [job["title"] for job in rows] == ["Event 2", "Event 1"] * 2


async def test_a_recipes_own_schedule_adds_jobs_that_nobody_here_asked_for(opened):
    async with opened(world(course())) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        assert (await emulators.act("workato", "poll", recipe=1389, events=2)).status_code == 200
        emulators.clock.jump(10)
        assert [job["by"] for job in await emulators.jobs("workato")] == ["api", "hand", "hand"]
        assert {job["of"] for job in await emulators.jobs("workato")} == {1389}


async def test_a_schedule_polls_while_the_recipe_runs(opened):
    async with opened(world({"poll_every": 300, **course()})) as emulators:
        workato = emulators.at("workato", **KEY)
        emulators.clock.jump(650)
        assert await statuses(workato) == ["succeeded", "succeeded"]
        await workato.put(f"{ONE}/stop")
        emulators.clock.jump(10_000)
        assert len(await statuses(workato)) == 2


async def test_trigger_errors_make_no_job_and_stop_the_recipe_in_the_end(opened):
    async with opened(world({"polls": ["error"], "error_limit": 3})) as emulators:
        workato = emulators.at("workato", **KEY)
        for _ in range(2):
            assert (await poll(workato)).json() == {"success": True}
            assert (await workato.get(ONE)).json()["result"][0]["running"] is True
        await poll(workato)
        emulators.clock.jump(10)
        recipe = (await workato.get(ONE)).json()["result"][0]
        assert (recipe["running"], recipe["stop_cause"]) == (False, "trigger_errors_limit")
        assert await statuses(workato) == []
        assert (await poll(workato, 400)).json() == {"message": "Recipe is not running"}


async def test_a_trigger_that_does_not_poll_makes_no_job(opened):
    async with opened(world({"trigger": "other"})) as emulators:
        workato = emulators.at("workato", **KEY)
        assert (await poll(workato)).json() == {"success": True}
        emulators.clock.jump(10)
        assert await statuses(workato) == []
        assert [call["started"] for call in await emulators.calls("workato")] == [None, None]


async def test_a_back_off_lasts_until_its_time(opened):
    told = [{"answer": "back_off", "seconds": 90}, {}]
    async with opened(world({"poll_now": told})) as emulators:
        workato = emulators.at("workato", **KEY)
        message = {"message": "Recipe is currently in trigger back off mode till 2025-11-24T16:01"}
        for wait in ("90", "60"):
            answer = await poll(workato, 429)
            assert (answer.json(), answer.headers["retry-after"]) == (message, wait)
            emulators.clock.jump(30)
        emulators.clock.jump(30)
        assert (await poll(workato)).json() == {"success": True}
        emulators.clock.jump(10)
        assert len(await statuses(workato)) == 1, "no refused call made a job"


async def test_a_back_off_may_look_like_an_answer_or_say_no_time(opened):
    told = [{"answer": "back_off", "seconds": 5, "status": 200}, {"answer": "back_off", "retry_after": False}]
    async with opened(world({"poll_now": told})) as emulators:
        workato = emulators.at("workato", **KEY)
        plain = await poll(workato)
        assert plain.json().keys() == {"message"} and "retry-after" not in plain.headers
        emulators.clock.jump(5)
        assert "retry-after" not in (await poll(workato, 429)).headers
        emulators.clock.jump(10)
        assert await statuses(workato) == []


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        ("no_credit", 429, "Not enough transaction credit"),
        ("no_quota", 429, "Not enough action quota"),
        ("trial_expired", 400, "Trial has expired"),
    ],
)
async def test_what_no_waiting_mends(opened, answer, status, message):
    async with opened(world({"poll_now": [{"answer": answer}]})) as emulators:
        workato = emulators.at("workato", **KEY)
        for _ in range(2):
            refused = await poll(workato, status)
            assert refused.json() == {"message": message} and "retry-after" not in refused.headers
            emulators.clock.jump(600)
        assert await statuses(workato) == []


@pytest.mark.parametrize(("do", "count"), [("lose_answer", 1), ("drop", 0)])
async def test_a_poll_whose_answer_was_lost_may_have_made_a_job(opened, do, count):
    async with opened(world(course())) as emulators:
        workato = emulators.at("workato", **KEY)
        await emulators.fault(
            vendor="workato", route="POST /managed_users/{mu}/recipes/{id}/poll_now", do=do, nth=1
        )
        with pytest.raises(httpx.RemoteProtocolError):
            await poll(workato)
        emulators.clock.jump(1)
        assert len(await statuses(workato)) == count


async def test_a_500_may_come_after_the_work(opened):
    async with opened(world(course())) as emulators:
        workato = emulators.at("workato", **KEY)
        await emulators.fault(
            vendor="workato",
            route="POST /managed_users/{mu}/recipes/{id}/poll_now",
            do="server_error",
            after=True,
        )
        assert (await poll(workato, 500)).json().keys() == {"message", "id"}
        emulators.clock.jump(1)
        assert len(await statuses(workato)) == 1
