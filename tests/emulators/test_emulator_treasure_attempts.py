"""Treasure: starting, conflicts, lost answers, malformed starts; what the two unique keys allow."""

import httpx
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
        ({"retryAttemptName": ""}, "retryAttemptName"),
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


async def test_a_resume_of_an_attempt_that_there_is_not_starts_from_the_beginning(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await put(treasure, resume={"mode": "failed", "attemptId": 9})
        emulators.clock.jump(10)
        rows = (await treasure.get(f"/api/attempts/{made['id']}/tasks")).json()["tasks"]
        assert [row["startedAt"] is not None for row in rows] == [False, True], "the group, and its one task"
        resume = {"mode": "from", "attemptId": 9, "from": "+main"}
        assert "doesn't match" in (await put(treasure, 400, retryAttemptName="b", resume=resume))["message"]
        assert "+name" in (await put(treasure, 500, resume={**resume, "from": "main"}))["message"]


async def test_attempts_and_keys_survive_a_restart(opened, tmp_path):
    path = tmp_path / "state.json"
    async with opened(state=path) as emulators:
        made = await put(emulators.at("treasure", **KEY), retryAttemptName="pf-1")
    async with opened(state=path) as emulators:
        treasure = emulators.at("treasure", **KEY)
        assert await put(treasure, 409, retryAttemptName="pf-1") == made
        assert (await put(treasure, retryAttemptName="pf-2"))["id"] != made["id"]
