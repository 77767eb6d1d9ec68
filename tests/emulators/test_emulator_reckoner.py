"""Reckoner's emulator: tokens, runs, the life of a job, the list and its oddities, cancel."""

import pytest

pytestmark = pytest.mark.anyio

TOKEN = {"Authorization": "Bearer pat_one"}


async def run(emulators, workflow=1, **request):
    return await emulators.at("reckoner", **TOKEN).post(f"/workflows/{workflow}/run", **request)


async def look(emulators, job=1001, workflow=1):
    return (await emulators.at("reckoner", **TOKEN).get(f"/workflows/{workflow}/jobs/{job}")).json()


async def listed(emulators, **params):
    return (await emulators.at("reckoner", **TOKEN).get("/workflows/1/jobs", params=params)).json()


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "UNAUTHORIZED"),
        ("Token pat_one", "UNAUTHORIZED"),
        ("Bearer prt_one", "TOKEN_INVALID"),
        ("Bearer two", "TOKEN_INVALID"),
        ("Bearer pat_two", "TOKEN_INVALID"),
        ("Bearer pat_old", "TOKEN_EXPIRED"),
    ],
)
async def test_each_bad_token_has_its_code(opened, header, code):
    async with opened(
        {"reckoner": {"credentials": ["pat_one", "pat_old"], "expired": ["pat_old"]}}
    ) as emulators:
        client = emulators.at("reckoner", **({"Authorization": header} if header else {}))
        answer = await client.post("/workflows/1/run")
        assert answer.status_code == 401 and answer.json()["code"] == code and answer.json()["message"]
        assert (await run(emulators)).status_code == 200


async def test_an_expired_token_is_refreshed_and_the_new_one_expires_too(opened):
    async with opened(
        {"reckoner": {"token_lifetime": 60.0, "credentials": ["pat_one", "prt_one"]}}
    ) as emulators:
        await emulators.act("reckoner", "expire_token", token="pat_one")
        assert (await run(emulators)).json()["code"] == "TOKEN_EXPIRED"
        assert (await emulators.at("reckoner", **TOKEN).post("/auth/token/refresh")).json()[
            "code"
        ] == "TOKEN_INVALID"
        keeper = emulators.at("reckoner", Authorization="Bearer prt_one")
        fresh = (await keeper.post("/auth/token/refresh")).json()
        assert fresh.keys() == {"access_token", "expires_at"} and fresh["access_token"].startswith("pat_")
        renewed = emulators.at("reckoner", Authorization=f"Bearer {fresh['access_token']}")
        assert (await renewed.post("/workflows/1/run")).status_code == 200
        emulators.clock.jump(61)
        assert (await renewed.post("/workflows/1/run")).json()["code"] == "TOKEN_EXPIRED"
        assert (await keeper.post("/auth/token/refresh")).status_code == 200


async def test_a_job_goes_its_way(opened):
    async with opened() as emulators:
        answer = await run(emulators)
        assert (answer.status_code, answer.json()) == (200, {"job_id": 1001})
        assert await look(emulators) == {"status": "SUBMITTING", "trigger": "external_api"}
        seen = []
        for jump in (0.15, 0.3, 1):
            emulators.clock.jump(jump)
            shown = await look(emulators)
            seen.append((shown["status"], "started_at" in shown, "ended_at" in shown))
        assert seen == [("RUNNABLE", False, False), ("RUNNING", True, False), ("COMPLETED", True, True)]


async def test_a_failed_job_answers_200_with_its_errors(opened):
    errors = [{"task_name": "読み込み", "message": "接続できません"}]
    courses = [{"outcome": "FAILED", "errors": errors}, {"outcome": "SERVER_ERROR"}]
    async with opened({"reckoner": {"workflows": {1: {"course": courses}}}}) as emulators:
        await run(emulators)
        assert "errors" not in await look(emulators)
        await run(emulators)
        emulators.clock.jump(2)
        (error,) = (await look(emulators))["errors"]
        assert error == {"category": "source", "subcategory": "mysql", **errors[0]}
        assert (await look(emulators, 1002))["status"] == "SERVER_ERROR"


@pytest.mark.parametrize("mode", ["ignore", "reject"])
async def test_parameters_are_strings_and_unknown_ones_as_the_world_says(opened, mode):
    world = {"workflows": {1: {"parameters": ["day"]}}, "unknown_parameter": mode}
    async with opened({"reckoner": world}) as emulators:
        good = [{"name": "day", "value": "2026-01-02"}]
        assert (await run(emulators, json={"parameters": good})).status_code == 200
        assert (await emulators.jobs("reckoner"))[0]["parameters"] == good
        unknown = await run(emulators, json={"parameters": [{"name": "night", "value": "x"}]})
        assert unknown.status_code == (200 if mode == "ignore" else 400)


@pytest.mark.parametrize(
    "request_",
    [
        {"content": b"{"},
        {"json": []},
        {"json": {"parameters": {"day": "x"}}},
        {"json": {"parameters": [{"name": "day", "value": 5}]}},
        {"json": {"parameters": [{"name": "day"}]}},
        {"json": {"parameters": ["day"]}},
    ],
)
async def test_a_bad_body_starts_nothing(opened, request_):
    async with opened() as emulators:
        answer = await run(emulators, **request_)
        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")
        assert await emulators.jobs("reckoner") == []


async def test_what_is_not_there_is_not_found(opened):
    async with opened({"reckoner": {"workflows": {1: {}, 2: {}}}}) as emulators:
        assert (await run(emulators, 3)).json()["code"] == "NOT_FOUND"
        await run(emulators, 1)
        assert (await look(emulators, 1001, workflow=2))["code"] == "NOT_FOUND"
        assert (await look(emulators, 9))["code"] == "NOT_FOUND"
        assert (await run(emulators, "one")).json()["code"] == "BAD_REQUEST"
        nowhere = await emulators.at("reckoner", **TOKEN).get("/accounts")
        assert (nowhere.status_code, nowhere.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("unsorted", [True, False])
async def test_the_list_is_paged_through_its_total(opened, unsorted):
    async with opened({"reckoner": {"unsorted": unsorted}}) as emulators:
        for _ in range(7):
            await run(emulators)
        await run(emulators, 2)
        pages = [await listed(emulators, limit=3, page=page) for page in (1, 2, 3, 4)]
        assert [page["total"] for page in pages] == [7] * 4
        assert [len(page["jobs"]) for page in pages] == [3, 3, 1, 0]
        seen = [job["id"] for page in pages for job in page["jobs"]]
        assert sorted(seen) == list(range(1001, 1008))
        assert (seen in (sorted(seen), sorted(seen, reverse=True))) != unsorted
        assert (await listed(emulators))["jobs"][0].keys() == {"id", "status", "trigger"}


@pytest.mark.parametrize(
    "params", [{"limit": 101}, {"limit": 0}, {"page": 0}, {"page": "x"}, {"started_at": "1/2"}]
)
async def test_a_bad_list_request_is_refused(opened, params):
    async with opened() as emulators:
        assert (await listed(emulators, **params))["code"] == "BAD_REQUEST"


async def test_the_list_filters_by_japanese_days(opened):
    async with opened() as emulators:
        await run(emulators)
        emulators.clock.jump(2)
        japanese = "2025-11-25"
        assert (await listed(emulators, started_at=japanese, ended_at=japanese))["total"] == 1
        assert (await listed(emulators, started_at="2025-11-26"))["total"] == 0
        assert (await listed(emulators, ended_at="2025-11-24"))["total"] == 0


async def test_a_job_may_appear_late_and_history_may_be_off(opened):
    async with opened({"reckoner": {"course": {"appears_after": 5.0}}}) as emulators:
        await run(emulators)
        assert (await listed(emulators))["total"] == 0
        assert (await look(emulators))["status"] == "SUBMITTING"
        emulators.clock.jump(5)
        assert (await listed(emulators))["total"] == 1
    async with opened({"reckoner": {"saves_job_result": False}}) as emulators:
        await run(emulators)
        assert await listed(emulators) == {"total": 0, "jobs": []}


async def test_cancel_is_an_empty_200_and_finished_jobs_stay_as_they_are(opened):
    async with opened() as emulators:
        await run(emulators)
        client = emulators.at("reckoner", **TOKEN)
        answer = await client.put("/workflows/1/jobs/1001/cancel")
        assert (answer.status_code, answer.content) == (200, b"")
        assert (await look(emulators))["status"] == "CANCEL_STARTED"
        emulators.clock.jump(0.5)
        shown = await look(emulators)
        assert shown["status"] == "CANCELED" and "started_at" not in shown and "ended_at" in shown
        await run(emulators)
        emulators.clock.jump(2)
        assert (await client.put("/workflows/1/jobs/1002/cancel")).status_code == 200
        assert (await look(emulators, 1002))["status"] == "COMPLETED"
        assert (await client.put("/workflows/1/jobs/7/cancel")).status_code == 404


async def test_a_job_may_win_over_its_cancel_and_a_tenant_may_have_none(opened):
    async with opened({"reckoner": {"course": {"heeds_cancel": False}}}) as emulators:
        await run(emulators)
        await emulators.at("reckoner", **TOKEN).put("/workflows/1/jobs/1001/cancel")
        assert (await look(emulators))["status"] == "CANCEL_STARTED"
        emulators.clock.jump(2)
        assert (await look(emulators))["status"] == "COMPLETED"
    async with opened({"reckoner": {"can_cancel": False}}) as emulators:
        await run(emulators)
        answer = await emulators.at("reckoner", **TOKEN).put("/workflows/1/jobs/1001/cancel")
        assert answer.json()["code"] == "NOT_FOUND"


async def test_an_inactive_subscription_reads_and_does_not_write(opened):
    async with opened({"reckoner": {"subscription_active": False}}) as emulators:
        answer = await run(emulators)
        assert (answer.status_code, answer.json()["code"]) == (402, "SUBSCRIPTION_INACTIVE")
        assert (await listed(emulators))["total"] == 0


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("rate_limited", 429, "RATE_LIMIT_EXCEEDED"),
        ("feature_not_available", 403, "FEATURE_NOT_AVAILABLE"),
        ("token_expired", 401, "TOKEN_EXPIRED"),
        ("server_error", 500, "INTERNAL_SERVER_ERROR"),
    ],
)
async def test_its_own_refusals_can_be_scripted(opened, fault, status, code):
    async with opened() as emulators:
        await emulators.fault(vendor="reckoner", route="POST /workflows/{workflowId}/run", do=fault, nth=1)
        answer = await run(emulators)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert "retry-after" not in answer.headers
        assert (await run(emulators)).status_code == 200


async def test_other_peoples_jobs_have_their_own_trigger(opened):
    async with opened() as emulators:
        await emulators.act("reckoner", "start", workflow=1)
        await emulators.act("reckoner", "start", workflow=1, trigger="external_api")
        assert (await emulators.act("reckoner", "start", workflow=1, trigger="wind")).status_code == 400
        triggers = {job["id"]: job["trigger"] for job in (await listed(emulators))["jobs"]}
        assert triggers == {1001: "button", 1002: "external_api"}
        assert (await emulators.act("reckoner", "cancel", job=1001)).json()["status"] == "CANCEL_STARTED"
        assert [call["started"] for call in await emulators.calls("reckoner")] == [None]
