"""trocco's emulator: authentication, requests in every encoding, the life of a job, the paged list."""

import json
from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "Token tra_key"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def statuses(emulators, path, jumps):
    trocco = emulators.at("trocco", **KEY)
    seen = []
    for jump in jumps:
        emulators.clock.jump(jump)
        seen.append((await trocco.get(path)).json()["status"])
    return seen


@pytest.mark.parametrize("header", [None, "Bearer tra_key", "Token", "Token ", "token tra_key", "Token a b"])
async def test_anything_but_a_token_is_not_authorized(opened, header):
    async with opened() as emulators:
        headers = {"Authorization": header} if header else {}
        answer = await emulators.at("trocco", **headers).post("/api/jobs?job_definition_id=1")
        assert (answer.status_code, answer.json()) == (401, {"error": "Not Authorized"})
        assert await emulators.jobs("trocco") == []


async def test_only_the_listed_keys_are_accepted_and_a_run_only_key_cannot_look(opened):
    async with opened({"trocco": {"credentials": ["a", "b"], "run_only_keys": ["b"]}}) as emulators:
        assert (await emulators.at("trocco", Authorization="Token c").get("/api/jobs/1")).status_code == 401
        runner = emulators.at("trocco", Authorization="Token b")
        assert (await runner.post("/api/jobs?job_definition_id=1")).status_code == 200
        assert (await runner.get("/api/jobs/1")).status_code == 403
        assert (await emulators.at("trocco", Authorization="Token a").get("/api/jobs/1")).status_code == 200


@pytest.mark.parametrize(
    "request_",
    [
        {"params": {"job_definition_id": 5}},
        {"data": {"job_definition_id": 5}},
        {"json": {"job_definition_id": 5}},
        {"json": {"job_definition_id": "5"}},
    ],
)
async def test_the_id_may_come_in_the_query_a_form_or_json(opened, request_):
    async with opened() as emulators:
        answer = await emulators.at("trocco", **KEY).post("/api/jobs", **request_)
        assert answer.status_code == 200
        shown = answer.json()
        assert list(shown) == ["id", "job_definition_id", "job_definition_name", "status", "created_at"]
        assert (shown["id"], shown["job_definition_id"], shown["status"]) == (1, 5, "queued")
        assert shown["created_at"].endswith(".000+09:00")


async def test_a_transfer_job_goes_its_way_and_shows_times_only_at_the_end(opened):
    async with opened() as emulators:
        trocco = emulators.at("trocco", **KEY)
        await trocco.post("/api/jobs?job_definition_id=1")
        assert await statuses(emulators, "/api/jobs/1", (0, 0.15, 0.2)) == [
            "queued",
            "setting_up",
            "executing",
        ]
        assert "started_at" not in (await trocco.get("/api/jobs/1")).json()
        assert await statuses(emulators, "/api/jobs/1", (1,)) == ["succeeded"]
        assert {"started_at", "finished_at"} < (await trocco.get("/api/jobs/1")).json().keys()


@pytest.mark.parametrize("unset", ["null", "absent"])
async def test_a_workflow_job_has_null_or_absent_times(opened, unset):
    async with opened({"trocco": {"unset_times": unset}}) as emulators:
        trocco = emulators.at("trocco", **KEY)
        body = {"context_time": "2026-01-02 03:04:05"}
        shown = (await trocco.post("/api/pipeline_jobs?pipeline_definition_id=9", data=body)).json()
        assert (shown["pipeline_definition_id"], shown["name"]) == (9, "workflow 9")
        assert shown["context_time"] == "2026-01-02T03:04:05.000+09:00"
        assert ("started_at" in shown) == (unset == "null")
        emulators.clock.jump(2)
        shown = (await trocco.get("/api/pipeline_jobs/1")).json()
        assert shown["status"] == "succeeded" and shown["started_at"] <= shown["finished_at"]


async def test_context_time_is_japanese_unless_a_zone_is_given(opened):
    async with opened() as emulators:
        trocco = emulators.at("trocco", **KEY)
        given = {"job_definition_id": 1, "context_time": "2026-01-02 09:00:00"}
        await trocco.post("/api/jobs", data=given)
        await trocco.post("/api/jobs", data=given | {"time_zone": "Etc/UTC"})
        japanese, universal = [job["context_time"] for job in await emulators.jobs("trocco")]
        assert universal - japanese == 9 * 3600


async def sent_variables(emulators, **request):
    answer = await emulators.at("trocco", **KEY).post("/api/jobs?job_definition_id=1", **request)
    return (
        (await emulators.jobs("trocco"))[-1]["custom_variables"]
        if answer.status_code == 200
        else answer.json()
    )


async def test_form_variables_pair_in_order_and_mispair_out_of_order(opened):
    async with opened() as emulators:
        name, value = "custom_variables[][name]", "custom_variables[][value]"
        ordered = urlencode([(name, "$a$"), (value, "1 x"), (name, "$b$"), (value, "2")])
        assert await sent_variables(emulators, content=ordered, headers=FORM) == [
            {"name": "$a$", "value": "1 x"},
            {"name": "$b$", "value": "2"},
        ]
        assert await sent_variables(emulators, data={name: ["$a$", "$b$"], value: ["1", "2"]}) == [
            {"name": "$a$"},
            {"name": "$b$", "value": "1"},
            {"value": "2"},
        ]
        as_json = {"custom_variables": [{"name": "$a$", "value": "1"}]}
        assert await sent_variables(emulators, json=as_json) == as_json["custom_variables"]


@pytest.mark.parametrize(
    "request_",
    [
        {"params": {}},
        {"params": {"job_definition_id": "x"}},
        {"json": [1]},
        {"content": b"{", "headers": {"Content-Type": "application/json"}},
        {"json": {"job_definition_id": True}},
        {"data": {"job_definition_id": 1, "context_time": "2026-01-02T03:04:05Z"}},
        {"data": {"job_definition_id": 1, "time_zone": "Mars/Base"}},
        {
            "data": {
                "job_definition_id": 1,
                "custom_variables[][name]": "bare",
                "custom_variables[][value]": 1,
            }
        },
        {"json": {"job_definition_id": 1, "custom_variables": {"$a$": 1}}},
    ],
)
async def test_a_bad_request_is_a_400_with_a_message(opened, request_):
    async with opened() as emulators:
        answer = await emulators.at("trocco", **KEY).post("/api/jobs", **request_)
        assert answer.status_code == 400 and answer.json()["message"] and answer.json()["errors"] == []
        assert await emulators.jobs("trocco") == []


async def test_what_is_not_there_is_404_and_what_was_deleted_403(opened):
    async with opened({"trocco": {"job_definitions": {1: {}, 2: {"deleted": True}}}}) as emulators:
        trocco = emulators.at("trocco", **KEY)
        codes = [
            (await trocco.post(f"/api/jobs?job_definition_id={number}")).status_code for number in (1, 2, 3)
        ]
        assert codes == [200, 403, 404]
        assert (await trocco.get("/api/jobs/99")).json() == {"error": "Not found"}
        assert (await trocco.post("/api/jobs/1/cancel")).status_code == 404


async def test_each_job_of_a_definition_may_have_its_course_and_workflows_may_wait_for_a_retry(opened):
    again = [{"executing": 1}, {"error": 1}, {"retry_waiting": 1}, {"executing": 1}]
    world = {
        "job_definitions": {1: {"name": "orders", "course": [{"outcome": "error"}, {}]}},
        "pipeline_definitions": {1: {"course": {"stages": again}}},
        "course": {"stages": {"queued": 5.0}},
    }
    async with opened({"trocco": world}) as emulators:
        trocco = emulators.at("trocco", **KEY)
        for _ in range(3):
            assert (await trocco.post("/api/jobs?job_definition_id=1")).json()[
                "job_definition_name"
            ] == "orders"
        await trocco.post("/api/pipeline_jobs?pipeline_definition_id=1")
        words = ["executing", "error", "retry_waiting", "executing", "succeeded"]
        assert await statuses(emulators, "/api/pipeline_jobs/1", (0.5, 1, 1, 1, 1)) == words
        ends = [(await trocco.get(f"/api/jobs/{job}")).json()["status"] for job in (1, 2, 3)]
        assert ends == ["error", "succeeded", "succeeded"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_job_of_a_busy_definition_is_skipped(opened, at_once):
    world = {"job_definitions": {1: {"is_runnable_concurrently": False}}, "skipped_at_once": at_once}
    async with opened({"trocco": world}) as emulators:
        trocco = emulators.at("trocco", **KEY)
        await trocco.post("/api/jobs?job_definition_id=1")
        second = (await trocco.post("/api/jobs?job_definition_id=1")).json()
        assert second["status"] == ("skipped" if at_once else "queued")
        emulators.clock.jump(0.2)
        shown = (await trocco.get("/api/jobs/2")).json()
        assert shown["status"] == "skipped" and "started_at" not in shown
        emulators.clock.jump(1)
        assert (await trocco.post("/api/jobs?job_definition_id=1")).json()["status"] == "queued"


async def test_a_person_stops_a_job_and_starts_another(opened):
    async with opened() as emulators:
        trocco = emulators.at("trocco", **KEY)
        await trocco.post("/api/jobs?job_definition_id=1")
        emulators.clock.jump(0.5)
        assert (await emulators.act("trocco", "cancel", job=1)).json()["status"] == "interrupting"
        assert await statuses(emulators, "/api/jobs/1", (0.1, 0.2)) == ["interrupting", "canceled"]
        assert (await emulators.act("trocco", "cancel", job=1)).status_code == 400
        assert (await emulators.act("trocco", "cancel", job=9)).status_code == 400
        assert (await emulators.act("trocco", "start", definition=1)).json()["id"] == 2
        assert [job["by"] for job in await emulators.jobs("trocco")] == ["api", "hand"]
        assert (await emulators.calls("trocco"))[-1]["started"] is None


@pytest.mark.parametrize("order", ["newest", "oldest", "shuffled"])
async def test_the_job_list_is_paged_to_its_end_in_any_order(opened, order):
    async with opened({"trocco": {"list_order": order}}) as emulators:
        trocco = emulators.at("trocco", **KEY)
        for _ in range(7):
            await trocco.post("/api/jobs?job_definition_id=1")
        await trocco.post("/api/jobs?job_definition_id=2")
        seen, cursor, pages = [], None, 0
        while pages == 0 or cursor:
            params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await trocco.get("/api/job_definitions/1/jobs", params=params)).json()
            seen += [job["id"] for job in page["items"]]
            cursor, pages = page["next_cursor"], pages + 1
        assert pages == 3 and sorted(seen) == list(range(1, 8))
        sorted_ways = {"oldest": sorted(seen), "newest": sorted(seen, reverse=True)}
        assert [way for way, ids in sorted_ways.items() if ids == seen] == (
            [order] if order in sorted_ways else []
        )


async def test_the_job_list_filters_by_creation_in_the_zone_asked_for(opened):
    async with opened() as emulators:
        trocco = emulators.at("trocco", **KEY)
        await trocco.post("/api/jobs?job_definition_id=1")
        emulators.clock.jump(3600)
        second = (await trocco.post("/api/jobs?job_definition_id=1")).json()
        since = second["created_at"][:19].replace("T", " ")
        found = await trocco.get("/api/job_definitions/1/jobs", params={"start_time": since})
        assert [job["id"] for job in found.json()["items"]] == [2]
        other = await trocco.get(
            "/api/job_definitions/1/jobs", params={"start_time": since, "time_zone": "Pacific/Kiritimati"}
        )
        assert [job["id"] for job in other.json()["items"]] == [2, 1]
        ended = await trocco.get("/api/job_definitions/1/jobs", params={"end_time": since})
        assert [job["id"] for job in ended.json()["items"]] == [1]


@pytest.mark.parametrize(
    "params", [{"limit": 101}, {"limit": 0}, {"limit": "x"}, {"cursor": "~"}, {"start_time": "x"}]
)
async def test_a_bad_list_request_is_a_400(opened, params):
    async with opened() as emulators:
        answer = await emulators.at("trocco", **KEY).get("/api/job_definitions/1/jobs", params=params)
        assert answer.status_code == 400


async def test_the_rate_limit_is_told_and_ends_with_its_window(opened):
    async with opened({"trocco": {"rate_limit": 2}}) as emulators:
        trocco = emulators.at("trocco", **KEY)
        answers = [await trocco.post("/api/jobs?job_definition_id=1") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer.headers["x-rate-limit-remaining"] for answer in answers] == ["1", "0", "0"]
        assert "retry-after" not in answers[-1].headers
        assert len(await emulators.jobs("trocco")) == 2
        emulators.clock.jump(int(answers[-1].headers["x-rate-limit-reset"]) - emulators.clock.now())
        assert (await trocco.post("/api/jobs?job_definition_id=1")).status_code == 200


async def test_a_scripted_429_resets_soon_and_a_400_always_says_why(opened):
    async with opened() as emulators:
        await emulators.fault(vendor="trocco", do="rate_limited", nth=1)
        trocco = emulators.at("trocco", **KEY)
        answer = await trocco.get("/api/jobs/1")
        assert answer.status_code == 429
        assert 0 < int(answer.headers["x-rate-limit-reset"]) - emulators.clock.now() <= 1
        assert json.loads(answer.text).keys() & {"error", "message"}


async def test_a_workflow_definition_tells_its_retries_and_its_failed_jobs_make_them(opened):
    definitions = {7: {"name": "mart", "max_retries": 1, "course": {"outcome": "error"}}}
    async with opened({"trocco": {"pipeline_definitions": definitions}}) as emulators:
        http = emulators.at("trocco", **KEY)
        told = (await http.get("/api/pipeline_definitions/7")).json()
        assert (told["id"], told["name"], told["max_retries"]) == (7, "mart", 1)
        assert (await http.get("/api/pipeline_definitions/8")).status_code == 404
        job = (await http.post("/api/pipeline_jobs?pipeline_definition_id=7")).json()["id"]
        seen = []
        for _ in range(30):
            shown = (await http.get(f"/api/pipeline_jobs/{job}")).json()
            seen += [] if seen[-1:] == [shown["status"]] else [shown["status"]]
            emulators.clock.jump(0.09)
            if shown["finished_at"]:
                break
        once = ["queued", "setting_up", "executing", "error"]
        assert seen == [*once, "retry_waiting", *once]
