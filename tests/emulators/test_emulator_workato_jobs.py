"""Workato: the serial queue, courses in turn, and what the job lists show."""

import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "Bearer wk-secret"}
ONE = "/managed_users/91829/recipes/1389"
JOB_KEYS = (
    "id recipe_id status title started_at completed_at is_error error error_parts is_poll_error flow_run_id "
    "calling_recipe_id calling_job_id root_recipe_id root_job_id master_job_id"
)
JOB_KEYS = set(JOB_KEYS.split())


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


async def test_a_poll_makes_a_job_that_nobody_names_and_that_comes_later(opened):
    async with opened(world(course())) as emulators:
        workato = emulators.at("workato", **KEY)
        assert (await poll(workato)).json() == {"success": True}
        assert (await jobs(workato)) == {
            "job_succeeded_count": 0, "job_failed_count": 0, "job_count": 0, "items": [],
        }  # fmt: skip
        emulators.clock.jump(1)
        (job,) = (await jobs(workato))["items"]
        assert job.keys() == JOB_KEYS and job["id"].startswith("j-")
        assert (job["status"], job["completed_at"], job["is_error"]) == ("pending", None, False)
        assert job["started_at"] == "2025-11-24T09:00:01.000-07:00"
        emulators.clock.jump(1)
        (job,) = (await jobs(workato))["items"]
        assert (job["status"], job["completed_at"]) == ("succeeded", "2025-11-24T09:00:02.000-07:00")
        (call,) = [call for call in await emulators.calls("workato") if call["method"] == "POST"]
        assert call["started"] == "poll 1 of recipe 1389"


async def test_one_poll_may_make_none_or_many_jobs_which_run_one_after_the_other(opened):
    async with opened(world({**course(), "polls": [0, 3, 1]})) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        emulators.clock.jump(100)
        assert await statuses(workato) == []
        await poll(workato)
        emulators.clock.jump(1)
        rows = (await jobs(workato))["items"]
        assert [job["title"] for job in rows] == ["Event 3", "Event 2", "Event 1"], "newest first"
        assert [job["started_at"] is None for job in rows] == [True, True, False]
        emulators.clock.jump(2)
        assert await statuses(workato) == ["pending", "succeeded", "succeeded"]
        await poll(workato)
        emulators.clock.jump(100)
        assert await statuses(workato) == ["succeeded"] * 4
        assert (await workato.get(ONE)).json()["result"][0]["job_succeeded_count"] == 4


@pytest.mark.parametrize("word", ["failed", "canceled", "hibernating"])
async def test_a_job_may_end_otherwise(opened, word):
    async with opened(world(course(outcome=word, error="no such table"))) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        emulators.clock.jump(5)
        body = await jobs(workato)
        (job,) = body["items"]
        assert (job["status"], job["is_error"], job["error"]) == (word, True, "no such table")
        assert job["error_parts"]["message"] == "no such table"
        assert (body["job_failed_count"], body["job_count"]) == (int(word == "failed"), 1)
        one = (await workato.get(f"{ONE}/jobs/{job['id']}")).json()
        assert one.keys() == JOB_KEYS | {"handle", "is_repeat", "is_test", "is_test_case_job", "lines"}
        assert (await workato.get(f"{ONE}/jobs/j-nothing")).status_code == 404


async def test_each_event_takes_the_next_course(opened):
    courses = [{"outcome": "failed", "seconds": 1}, {"seconds": 1}]
    async with opened(world({"polls": [3], "course": courses})) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        emulators.clock.jump(10)
        assert await statuses(workato) == ["succeeded", "succeeded", "failed"]


async def test_a_job_that_never_ends_holds_the_queue(opened):
    async with opened(world({"polls": [2], **course(float("inf"))})) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        emulators.clock.jump(100_000)
        rows = (await jobs(workato))["items"]
        assert [(job["status"], job["started_at"] is None) for job in rows] == [
            ("pending", True),
            ("pending", False),
        ]


async def test_the_job_list_is_walked_by_offset_and_never_longer_than_25(opened):
    async with opened(world({"past_jobs": 60, **course()})) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        emulators.clock.jump(5)
        page = (await jobs(workato, per_page=100))["items"]
        assert len(page) == 25 and len((await jobs(workato, per_page=3))["items"]) == 3
        walked = [job["id"] for job in page]
        while page:
            page = (await jobs(workato, offset_job_id=walked[-1], prev="false"))["items"]
            walked += [job["id"] for job in page]
        assert len(walked) == len(set(walked)) == 61 == (await jobs(workato))["job_count"]
        newer = (await jobs(workato, offset_job_id=walked[30], prev="true"))["items"]
        assert [job["id"] for job in newer] == walked[5:30]
        assert (await jobs(workato, offset_job_id="j-nothing"))["items"] == []
        assert (
            len(
                {tuple(sorted(walked)) == tuple(walked), tuple(sorted(walked, reverse=True)) == tuple(walked)}
            )
            == 1
        )


async def test_jobs_are_filtered_by_status(opened):
    courses = [{"outcome": "failed", "seconds": 1}, {"seconds": 1}, {"seconds": 50}]
    async with opened(world({"polls": [3], "course": courses})) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        emulators.clock.jump(5)
        for word, title in (("failed", "Event 1"), ("succeeded", "Event 2"), ("pending", "Event 3")):
            body = await jobs(workato, status=word)
            assert [job["title"] for job in body["items"]] == [title] and body["job_count"] == 3
        assert (await jobs(workato, rerun_only="true"))["items"] == []


async def test_a_server_that_ignores_offsets_shows_its_first_page_for_ever(opened):
    async with opened(world({"past_jobs": 30}, ignores_offsets=True)) as emulators:
        workato = emulators.at("workato", **KEY)
        first = (await jobs(workato))["items"]
        assert (await jobs(workato, offset_job_id=first[-1]["id"]))["items"] == first


async def test_jobs_may_come_without_a_status(opened):
    async with opened(world(course(outcome="failed"), statusless=True)) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        emulators.clock.jump(1)
        (job,) = (await jobs(workato))["items"]
        assert "status" not in job and job["completed_at"] is None
        emulators.clock.jump(1)
        (job,) = (await jobs(workato))["items"]
        assert job.keys() == JOB_KEYS - {"status"} and job["is_error"] is True


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_token_may_start_recipes_and_not_see_jobs(opened, status):
    async with opened(world(course(), jobs_forbidden=status)) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        emulators.clock.jump(5)
        for path in (f"{ONE}/jobs", f"{ONE}/jobs/j-x", "/recipes/1389/jobs"):
            answer = await workato.get(path)
            assert answer.status_code == status and answer.json().keys() == {"message"}
        recipe = (await workato.get(ONE)).json()["result"][0]
        assert (recipe["job_succeeded_count"], recipe["last_run_at"]) == (1, "2025-11-24T09:00:01.000-07:00")


@pytest.mark.parametrize(
    ("wrapper", "rows"),
    [
        ("items", lambda body: body["items"]),
        ("jobs", lambda body: body["jobs"]),
        ("result", lambda body: body["result"]["items"]),
    ],
)
async def test_rows_may_be_in_other_places(opened, wrapper, rows):
    async with opened(world({"past_jobs": 1}, jobs_wrapper=wrapper)) as emulators:
        assert len(rows(await jobs(emulators.at("workato", **KEY)))) == 1


async def test_the_developer_family_shows_the_same_jobs(opened):
    async with opened(world(course())) as emulators:
        workato = emulators.at("workato", **KEY)
        assert (await workato.post("/recipes/1389/poll_now")).json() == {"success": True}
        emulators.clock.jump(5)
        assert (await workato.get("/recipes/1389/jobs")).json() == await jobs(workato)


async def test_recipes_and_jobs_survive_a_restart(opened, tmp_path):
    path = tmp_path / "state.json"
    there = world({"polls": [2], "activation": float("inf"), **course(float("inf"))})
    async with opened(there, path) as emulators:
        workato = emulators.at("workato", **KEY)
        await poll(workato)
        emulators.clock.jump(5)
        before = await jobs(workato)
        assert before["job_count"] == 2
    async with opened(there, path) as emulators:
        assert await jobs(emulators.at("workato", **KEY)) == before
