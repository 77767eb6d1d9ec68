"""Treasure: schedules listed, switched, skipped, backfilled, and what they start by themselves."""

import io
import tarfile
from datetime import UTC, datetime

import pytest

from pipeforge.emulators.core import Refused
from pipeforge.emulators.treasure.scheduling import timetable

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "TD1 1/" + "a" * 40}
BOTH = pytest.mark.parametrize("shape", ["hosted", "oss"])
DAY = 86_400
NEXT = {
    "id": "7001",
    "project": {"id": "1001", "name": "sales"},
    "workflow": {"id": "20001", "name": "mart"},
    "nextRunTime": "2025-11-24T22:00:00Z",
    "nextScheduleTime": "2025-11-25T00:00:00+09:00",
    "disabledAt": None,
}
"""The emulators begin at 2025-11-24T16:00:00Z, an hour past midnight in Tokyo."""


def world(shape="hosted", course=None, **more):
    daily = {"timezone": "Asia/Tokyo", "config": {"schedule": {"daily>": "07:00:00"}}, "course": course}
    listed = {"sales": {"workflows": {"mart": daily, "other": None}}, "stock": None}
    return {"treasure": {"shape": shape, "projects": listed, **more}}


async def get(treasure, path, status=200, **query):
    answer = await treasure.get(path, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


async def post(treasure, action, status=200, **body):
    answer = await treasure.post(f"/api/schedules/7001/{action}", json=body or None)
    assert answer.status_code == status, answer.text
    return answer.json()


async def sessions(treasure):
    return [row["sessionTime"][:10] for row in (await get(treasure, "/api/sessions"))["sessions"]][::-1]


@BOTH
async def test_schedules_are_listed_and_shown(opened, shape):
    async with opened(world(shape)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        assert await get(treasure, "/api/schedules") == {"schedules": [NEXT]}
        assert await get(treasure, "/api/schedules/7001") == NEXT
        assert await get(treasure, "/api/schedules", last_id=7001) == {"schedules": []}
        assert await get(treasure, "/api/projects/1001/schedules") == {"schedules": [NEXT]}
        assert await get(treasure, "/api/projects/1001/schedules", workflow="mart") == {"schedules": [NEXT]}
        assert await get(treasure, "/api/projects/1001/schedules", workflow="other") == {"schedules": []}
        assert await get(treasure, "/api/projects/1001/schedules", last_id=7001) == {"schedules": []}
        assert await get(treasure, "/api/projects/1002/schedules") == {"schedules": []}
        await get(treasure, "/api/projects/7/schedules", 404)
        told = await get(treasure, "/api/schedules/7", 404)
        assert told["message"] == "Resource does not exist: schedule id=7"


@pytest.mark.parametrize(
    ("schedule", "times"),
    [
        ({"daily>": "07:00:00"}, ["2025-11-25T00:00", "2025-11-26T00:00"]),
        ({"daily>": "00:30:00"}, ["2025-11-26T00:00", "2025-11-27T00:00"]),
        ({"hourly>": "30:00"}, ["2025-11-25T01:00", "2025-11-25T02:00"]),
        ({"weekly>": "Sun,09:00:00"}, ["2025-11-30T00:00", "2025-12-07T00:00"]),
        ({"weekly>": "2,09:00:00"}, ["2025-11-25T00:00", "2025-12-02T00:00"]),
        ({"monthly>": "1,09:00:00"}, ["2025-12-01T00:00", "2026-01-01T00:00"]),
        ({"minutes_interval>": 20}, ["2025-11-25T01:00", "2025-11-25T01:20"]),
        ({"cron>": "42 4 1 * *"}, ["2025-12-01T04:42", "2026-01-01T04:42"]),
        ({"cron>": "0 1 * * *", "delay": 1800}, ["2025-11-25T01:00", "2025-11-26T01:00"]),
    ],
)
def test_session_times_follow_from_the_file(schedule, times):
    """At one in the morning in Tokyo: the first that runs now or later, and the one after it."""
    table = timetable({"schedule": schedule}, "Asia/Tokyo")
    first = table.first(1_764_000_000)
    found = [first, table.after(first)]
    shown = [datetime.fromtimestamp(time + 9 * 3600, UTC).strftime("%Y-%m-%dT%H:%M") for time in found]
    assert shown == times
    assert first + table.delay >= 1_764_000_000


@pytest.mark.parametrize(
    ("workflow", "told"),
    [
        ({"config": {"schedule": {"daily>": "7"}}}, r"projects.p.workflows.w.config.schedule: .*hh:mm:ss"),
        (
            {"course": {"seconds": 99}, "past": [3.0, 2.0, 1.0]},
            r"projects.p.workflows.w.past: Too many attempts",
        ),
    ],
)
async def test_a_world_that_cannot_be_is_told_with_its_place(opened, workflow, told):
    with pytest.raises(ValueError, match=told):
        async with opened(
            {"treasure": {"attempt_limit": 2, "projects": {"p": {"workflows": {"w": workflow}}}}}
        ):
            pass


@pytest.mark.parametrize(
    "schedule",
    [
        {},
        {"daily>": "7"},
        {"daily>": "7:00"},
        {"cron>": "a"},
        {"cron>": "0 0 31 2 *"},
        {"daily>": "1:1:1", "cron>": "* * * * *"},
    ],
)
def test_a_schedule_that_cannot_be_is_refused(schedule):
    with pytest.raises(Refused) as caught:
        timetable({"schedule": schedule}, "UTC").after(0)
    assert caught.value.reply.status == 400


async def test_a_schedule_starts_its_workflow_when_the_time_comes(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        assert await sessions(treasure) == []
        emulators.clock.jump(6 * 3600)
        (made,) = (await get(treasure, "/api/attempts"))["attempts"]
        assert (made["sessionTime"], made["retryAttemptName"]) == ("2025-11-25T00:00:00+09:00", None)
        assert (await get(treasure, "/api/schedules/7001"))["nextScheduleTime"] == "2025-11-26T00:00:00+09:00"
        emulators.clock.jump(2 * DAY)
        assert await sessions(treasure) == ["2025-11-25", "2025-11-26", "2025-11-27"]
        assert {job["by"] for job in await emulators.jobs("treasure")} == {"hand"}


async def test_a_session_that_somebody_has_started_is_not_started_again(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        body = {"workflowId": "20001", "sessionTime": "2025-11-25T00:00:00+09:00", "params": {}}
        assert (await treasure.put("/api/attempts", json=body)).status_code == 200
        emulators.clock.jump(DAY)
        assert await sessions(treasure) == ["2025-11-25"]


async def test_a_schedule_without_room_tries_again_later(opened):
    async with opened(world(course={"seconds": 7 * 3600}, attempt_limit=1)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        body = {"workflowId": "20001", "sessionTime": "2025-11-01T00:00:00+09:00", "params": {}}
        assert (await treasure.put("/api/attempts", json=body)).status_code == 200
        emulators.clock.jump(6 * 3600)
        row = await get(treasure, "/api/schedules/7001")
        assert (row["nextScheduleTime"], row["nextRunTime"]) == (
            NEXT["nextScheduleTime"],
            "2025-11-24T22:10:00Z",
        )
        emulators.clock.jump(2 * 3600)
        assert await sessions(treasure) == ["2025-11-01", "2025-11-25"]


@BOTH
async def test_a_schedule_is_switched_off_and_on(opened, shape):
    async with opened(world(shape)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        off = await post(treasure, "disable")
        assert off.keys() == {*NEXT, "createdAt", "updatedAt"} and off["disabledAt"] == "2025-11-24T16:00:00Z"
        assert off["updatedAt"] == off["createdAt"] == "2025-11-24T16:00:00Z"
        emulators.clock.jump(3 * DAY)
        assert await post(treasure, "disable") == off and await sessions(treasure) == []
        on = await post(treasure, "enable")
        assert on["disabledAt"] is None and on["updatedAt"] == off["createdAt"]
        missed = [] if shape == "hosted" else ["2025-11-25", "2025-11-26", "2025-11-27"]
        assert await sessions(treasure) == missed
        assert (await get(treasure, "/api/schedules/7001"))["nextScheduleTime"].startswith("2025-11-28")
        assert (await post(treasure, "enable"))["disabledAt"] is None
        await get(treasure, "/api/schedules/7001/enable", 405)


@BOTH
async def test_missed_times_are_run_or_skipped_as_asked(opened, shape):
    for skip, missed in ((True, []), (False, ["2025-11-25", "2025-11-26"])):
        async with opened(world(shape)) as emulators:
            treasure = emulators.at("treasure", **KEY)
            await post(treasure, "disable")
            emulators.clock.jump(2 * DAY)
            await post(treasure, "enable", skipSchedule=skip)
            assert await sessions(treasure) == missed


async def test_a_time_to_skip_to_must_lie_ahead(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        await post(treasure, "disable")
        refused = await post(treasure, "enable", 409, skipSchedule=True, nextTime="2025-11-20T00:00:00Z")
        assert refused == {"message": "Specified time to skip schedules is already past", "status": 409}
        assert (await get(treasure, "/api/schedules/7001"))["disabledAt"] is not None, "nothing was changed"
        on = await post(treasure, "enable", skipSchedule=True, nextTime="2025-12-01")
        assert (on["disabledAt"], on["nextScheduleTime"]) == (None, "2025-12-01T00:00:00+09:00")
        await post(treasure, "enable", 400, skipSchedule="yes")


async def test_times_are_skipped_to_one_or_by_number(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        planned = await post(treasure, "skip", dryRun=True, nextTime="2025-12-01T03:00:00+09:00")
        assert planned["nextScheduleTime"] == "2025-12-01T00:00:00+09:00", "it runs later than that"
        assert await get(treasure, "/api/schedules/7001") == NEXT
        moved = await post(treasure, "skip", dryRun=False, nextTime="2025-12-01T08:00:00+09:00")
        assert (moved["nextScheduleTime"], moved["nextRunTime"]) == (
            "2025-12-02T00:00:00+09:00",
            "2025-12-01T22:00:00Z",
        )
        asked = {
            "dryRun": False,
            "fromTime": "2025-12-01T15:00:00Z",
            "count": 3,
            "nextRunTime": "2025-12-06T00:00:00Z",
        }
        moved = await post(treasure, "skip", **asked)
        assert (moved["nextScheduleTime"], moved["nextRunTime"]) == (
            "2025-12-05T00:00:00+09:00",
            "2025-12-06T00:00:00Z",
        )
        assert (await post(treasure, "skip", 409, **asked))["status"] == 409


@pytest.mark.parametrize(
    "body",
    [
        {"nextTime": "2025-12-01T00:00:00Z"},
        {"dryRun": False},
        {"dryRun": False, "count": 3},
        {"dryRun": False, "fromTime": "2025-12-01T00:00:00Z"},
        {"dryRun": False, "fromTime": "2025-12-01T00:00:00", "count": 3},
        {"dryRun": False, "fromTime": "2025-12-01T00:00:00Z", "count": "3"},
        {"dryRun": False, "nextTime": "tomorrow"},
        {"dryRun": 0, "nextTime": "2025-12-01T00:00:00Z"},
    ],
)
async def test_a_skip_that_is_not_right_is_refused(opened, body):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        assert (await post(treasure, "skip", 400, **body))["status"] == 400
        assert await get(treasure, "/api/schedules/7001") == NEXT


FILL = {"fromTime": "2025-11-20T00:00:00+09:00", "attemptName": "fill", "dryRun": False}


@BOTH
async def test_a_backfill_runs_past_times_one_after_the_other(opened, shape):
    async with opened(world(shape, {"seconds": 10})) as emulators:
        treasure = emulators.at("treasure", **KEY)
        planned = await post(treasure, "backfill", **{**FILL, "dryRun": True})
        made = await post(treasure, "backfill", **FILL)
        assert made.keys() == planned.keys() == {"id", "project", "workflow", "attempts"}
        days = [f"2025-11-{day}T00:00:00+09:00" for day in range(20, 25)]
        assert [row["sessionTime"] for row in made["attempts"]] == days
        assert [row["sessionTime"] for row in planned["attempts"]] == days
        assert {(row["id"], row["index"], row["retryAttemptName"]) for row in planned["attempts"]} == {
            ("0", 0, "fill")
        }
        assert planned["attempts"][0].keys() == made["attempts"][0].keys()
        waiting = "blocked" if shape == "hosted" else "running"
        assert [row["status"] for row in made["attempts"]] == ["running", *[waiting] * 4]
        emulators.clock.jump(12)

        async def states():
            rows = [await get(treasure, f"/api/attempts/{row['id']}") for row in made["attempts"]]
            return [row["status"] for row in rows]

        assert (await states())[:3] == ["success", "running", waiting]
        await treasure.post(f"/api/attempts/{made['attempts'][2]['id']}/kill")
        emulators.clock.jump(200)
        assert await states() == ["success", "success", "killed", "success", "success"]
        (call,) = [call for call in await emulators.calls("treasure") if call["started"]]
        assert call["started"] == [row["id"] for row in made["attempts"]]


async def test_a_backfill_whose_name_is_taken_makes_nothing(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        await post(treasure, "backfill", **FILL, count=2)
        later = {**FILL, "fromTime": "2025-11-21T00:00:00+09:00"}
        refused = await post(treasure, "backfill", 409, **later)
        assert "attempt name=fill already exists" in refused["message"]
        assert await post(treasure, "backfill", 409, **{**later, "dryRun": True}) == refused
        assert await sessions(treasure) == ["2025-11-20", "2025-11-21"]
        await post(treasure, "backfill", **{**later, "attemptName": "again"}, count=1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"count": 6}, "count is set to 6 but there are only 5 attempts"),
        ({"fromTime": None}, "fromTime"),
        ({"attemptName": None}, "attemptName"),
        ({"dryRun": None}, "dryRun"),
        ({"fromTime": "2025-11-20T00:00:00"}, "offset"),
        ({"attemptName": ""}, "blank"),
    ],
)
@BOTH
async def test_a_backfill_that_is_not_right_is_refused(opened, shape, change, told):
    async with opened(world(shape)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        refused = await post(treasure, "backfill", 400, **{**FILL, **change})
        assert told in refused["message"]
        assert await sessions(treasure) == []


async def test_a_backfill_beyond_the_accounts_room_makes_nothing(opened):
    async with opened(world(attempt_limit=3)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        refused = await post(treasure, "backfill", 400, **FILL)
        assert "Too many attempts running. Limit: 3" in refused["message"]
        assert await sessions(treasure) == []


async def test_the_hosted_service_skips_sessions_that_are_there_and_advances(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        await post(treasure, "backfill", **FILL, count=2)
        rest = await post(treasure, "backfill", fromTime=FILL["fromTime"], dryRun=False, skipExisting=True)
        assert [row["sessionTime"][:10] for row in rest["attempts"]] == [
            "2025-11-22",
            "2025-11-23",
            "2025-11-24",
        ]
        assert {row["retryAttemptName"] for row in rest["attempts"]} == {None}
        for wrong in (
            {"advanceSchedule": True},
            {"advanceSchedule": True, "skipExisting": True, "attemptName": "a"},
        ):
            await post(treasure, "backfill", 400, **{**FILL, "attemptName": None, **wrong})


async def test_digdag_knows_no_such_modes(opened):
    async with opened(world("oss")) as emulators:
        treasure = emulators.at("treasure", **KEY)
        told = await post(
            treasure, "backfill", 400, fromTime=FILL["fromTime"], dryRun=False, skipExisting=True
        )
        assert "attemptName" in told["message"]


async def test_a_revision_made_by_hand_leaves_a_schedule_as_it_is(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        await post(treasure, "skip", dryRun=False, nextTime="2025-12-01")
        await emulators.act("treasure", "push", project="sales", revision="2")
        row = await get(treasure, "/api/schedules/7001")
        assert row["nextScheduleTime"] == "2025-12-01T00:00:00+09:00" and row["workflow"]["id"] != "20001"


async def test_a_pushed_schedule_goes_on_from_its_last_start(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)

        async def push(text, revision, **query):
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode="w:gz") as archive:
                member = tarfile.TarInfo("w.dig")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
            query = {"project": "new", "revision": revision, **query}
            headers = {"content-type": "application/gzip"}
            answer = await treasure.put(
                "/api/projects", params=query, content=packed.getvalue(), headers=headers
            )
            assert answer.status_code == 200, answer.text
            rows = (await get(treasure, f"/api/projects/{answer.json()['id']}/schedules"))["schedules"]
            return [(row["id"], row["nextScheduleTime"][:16], row["nextRunTime"][:16]) for row in rows]

        daily = "schedule: {daily>: '07:00:00'}"
        assert await push(daily, "1") == [("7002", "2025-11-25T00:00", "2025-11-25T07:00")]
        assert await push("schedule: {hourly>: '30:00'}", "2") == [
            ("7002", "2025-11-24T16:00", "2025-11-24T16:30")
        ]
        emulators.clock.jump(3600)
        hourly = [("7002", "2025-11-24T17:00", "2025-11-24T17:45")]
        assert await push("schedule: {hourly>: '45:00'}", "3") == hourly, "the next after its last"
        later = {"schedule_from": "2025-12-01T00:00:00Z"}
        assert await push(daily, "4", **later) == [("7002", "2025-11-25T00:00", "2025-11-25T07:00")]
        forgotten = [("7002", "2025-12-01T00:00", "2025-12-01T07:00")]
        assert await push(daily, "5", **later, clear_schedule="w") == forgotten
        assert await push(daily, "6", **later, clear_schedule_all="true") == forgotten
        assert await push("+a: {echo>: x}", "7") == []
        assert await push(daily, "8") == [("7003", "2025-11-25T00:00", "2025-11-25T07:00")]


async def test_where_everything_exists_a_workflow_has_a_daily_schedule_when_asked_for(opened):
    async with opened() as emulators:
        treasure = emulators.at("treasure", **KEY)
        (project,) = (await get(treasure, "/api/projects", name="any"))["projects"]
        path = f"/api/projects/{project['id']}/schedules"
        assert await get(treasure, path) == {"schedules": []}
        (row,) = (await get(treasure, path, workflow="mart"))["schedules"]
        assert row["nextScheduleTime"] == "2025-11-25T00:00:00+00:00"
        assert (await get(treasure, path))["schedules"] == [row]
        assert (await post(treasure, "disable"))["id"] == row["id"]
