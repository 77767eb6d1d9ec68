"""trocco's questions and its data marts: what is asked, what each answer becomes, and how each is refused."""

import json

import pytest
from emulated import emulated, settle
from operations_trocco import SETTINGS, TRANSFERS, WORKFLOWS, WORLD
from pydantic import ValidationError

from pipeforge.adapter import Outcome
from pipeforge.adapters import kinds
from pipeforge.errors import InDoubt, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-load-1"
KINDS = {name for name in kinds() if name.startswith("trocco.")}


async def asked(there, kind, **params):
    """The observation of a question, or of what a start came to."""
    adapter = there.adapter(f"trocco.{kind}")
    handle = await adapter.trigger(adapter.kind.params.model_validate(params), KEY, {})
    return await adapter.observe(json.loads(json.dumps(handle)))


def opened(world=None, **settings):
    return emulated("trocco", world or {}, **(SETTINGS | settings))


@pytest.mark.parametrize(
    ("course", "status", "times"),
    [
        ({"stages": {"executing": float("inf")}}, "executing", False),
        ({"outcome": "error"}, "error", True),
        ({"stages": [{"SETTING UP": 1e6}]}, "setting_up", False),
        ({"stages": [{"hibernating": 1e6}]}, "hibernating", False),
    ],
)
async def test_get_api_jobs_tells_how_a_job_goes_whatever_that_is(course, status, times):
    async with opened(
        {"job_definitions": {7: {"past_jobs": 1, "course": course, "name": "orders"}}}
    ) as there:
        seen = await asked(there, "get_job", job_id=1)
        assert (seen.outcome, seen.outputs["status"]) == (Outcome.SUCCEEDED, status)
        assert seen.outputs["job_definition_name"] == "orders" and seen.outputs["created_at"]
        assert bool(seen.outputs["finished_at"]) == times
        assert len(await there.calls("GET", "/api/jobs/1")) == 1


async def test_get_api_pipeline_jobs_tells_of_a_workflow_job():
    course = {"stages": {"executing": float("inf")}}
    async with opened({"pipeline_definitions": {310: {"past_jobs": 1, "course": course}}}) as there:
        seen = await asked(there, "get_workflow_job", pipeline_job_id=1)
        assert seen.outputs["status"] == "executing" and seen.outputs["started_at"]
        assert seen.outputs["finished_at"] is None and seen.outputs["context_time"]


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("get_job", {"job_id": 99}),
        ("get_workflow_job", {"pipeline_job_id": 99}),
        ("list_jobs", {"job_definition_id": 99}),
        ("get_job_definition", {"job_definition_id": 99}),
        ("get_workflow_definition", {"pipeline_definition_id": 99}),
    ],
)
async def test_what_is_not_there_fails_with_the_vendors_words(kind, params):
    async with opened(WORLD) as there:
        seen = await asked(there, kind, **params)
        assert (seen.outcome, seen.word) == (Outcome.FAILED, "404")
        assert "Not found" in seen.detail


async def test_what_was_deleted_is_403():
    world = {"job_definitions": {7: {"deleted": True}}, "pipeline_definitions": {310: {"deleted": True}}}
    async with opened(world) as there:
        for kind, params in (
            ("get_job_definition", {"job_definition_id": 7}),
            ("get_workflow_definition", {"pipeline_definition_id": 310}),
        ):
            seen = await asked(there, kind, **params)
            assert (seen.outcome, seen.word) == (Outcome.FAILED, "403") and "Not Authorized" in seen.detail


@pytest.mark.parametrize("order", ["newest", "oldest", "shuffled"])
async def test_get_job_definitions_id_jobs_lists_every_page(order):
    world = {"list_order": order, "job_definitions": {7: {"past_jobs": 250}, 8: {"past_jobs": 3}}}
    async with opened(world) as there:
        seen = await asked(there, "list_jobs", job_definition_id=7)
        numbers = [job["id"] for job in seen.outputs["jobs"]]
        assert len(numbers) == len(set(numbers)) == 250
        assert {job["job_definition_id"] for job in seen.outputs["jobs"]} == {7}
        assert len(await there.calls("GET", "/jobs")) == 3


async def test_a_list_of_jobs_is_cut_and_filtered_as_asked():
    async with opened({"job_definitions": {7: {"past_jobs": 250}}}) as there:
        some = await asked(there, "list_jobs", job_definition_id=7, limit=120)
        assert len(some.outputs["jobs"]) == 120
        limits = [dict(row["query"])["limit"] for row in await there.calls("GET", "/jobs")]
        assert limits == ["100", "20"]
        third = some.outputs["jobs"][2]
        late = await asked(there, "list_jobs", job_definition_id=7, start_time=third["created_at"])
        assert [job["id"] for job in late.outputs["jobs"]] == [250, 249, 248]
        query = dict((await there.calls("GET", "/jobs"))[-1]["query"])
        assert (query["start_time"], query["time_zone"]) == (
            third["created_at"][:19].replace("T", " "),
            "Asia/Tokyo",
        )


async def test_a_list_that_does_not_end_is_told():
    async with opened({"job_definitions": {7: {"past_jobs": 150}}}) as there:
        again = {"next_cursor": "MQ=="}
        await there.fault(route="GET /api/job_definitions/{id}/jobs", do="rewrite", values=again)
        with pytest.raises(Transient, match="does not end"):
            await asked(there, "list_jobs", job_definition_id=7)


async def test_get_job_definitions_id_tells_variables_of_both_sides_and_schedules():
    async with opened(WORLD) as there:
        told = (await asked(there, "get_job_definition", job_definition_id=7)).outputs
        first, second = told["custom_variables"]
        assert (first["name"], first["side"], first["type"]) == ("$target_date$", "input", "timestamp")
        assert (second["name"], second["side"], second["value"]) == ("$region$", "output", "jp")
        assert (told["schedules"][0]["hour"], told["schedules"][0]["minute"]) == (3, 30)
        assert told["is_runnable_concurrently"] is False
        assert told["link"] == "http://emulators/trocco/job_definitions/7"
        bare = (await asked(there, "get_job_definition", job_definition_id=8)).outputs
        assert (bare["labels"], bare["schedules"], bare["custom_variables"]) == ([], [], [])


async def test_a_setting_that_the_api_cannot_describe_is_said_to_run_all_the_same():
    async with opened({"job_definitions": {7: {"undescribable": True}}}) as there:
        seen = await asked(there, "get_job_definition", job_definition_id=7)
        assert (seen.outcome, seen.word) == (Outcome.FAILED, "400")
        assert "まだサポートされていません" in seen.detail and "run all the same" in seen.detail
        run = there.adapter("trocco.run_job")
        _, ways = await settle(run, run.kind.params(job_definition_id=7), KEY)
        assert ways == ["triggered"]


async def test_get_job_definitions_lists_every_page_and_by_name():
    many = {number: {"name": f"orders {number}"} for number in range(1, 231)}
    async with opened({"job_definitions": {**many, 500: {"name": "顧客"}}}) as there:
        every = (await asked(there, "list_job_definitions")).outputs["job_definitions"]
        assert [one["id"] for one in every] == [*range(1, 231), 500]
        named = (await asked(there, "list_job_definitions", name="顧客")).outputs["job_definitions"]
        assert [one["id"] for one in named] == [500]
        some = (await asked(there, "list_job_definitions", limit=3)).outputs["job_definitions"]
        assert [one["id"] for one in some] == [1, 2, 3]
        assert named[0]["link"] == "http://emulators/trocco/job_definitions/500"


async def test_get_pipeline_definitions_id_tells_tasks_and_nothing_that_may_be_secret():
    async with opened(WORLD) as there:
        told = (await asked(there, "get_workflow_definition", pipeline_definition_id=310)).outputs
        first, second = told["tasks"]
        assert first == {
            "task_identifier": 1,
            "type": "trocco_transfer",
            "definition_id": 7,
            "name": "orders",
            "loops": True,
        }
        assert (second["type"], second["definition_id"], second["loops"]) == ("http_request", None, False)
        assert (told["max_retries"], told["min_retry_interval"], told["execution_timeout"]) == (1, 5, 120)
        assert "token" not in json.dumps(told)


async def test_get_pipeline_definitions_lists_every_page():
    many = {number: {} for number in range(1, 131)}
    async with opened({"pipeline_definitions": many}) as there:
        every = (await asked(there, "list_workflow_definitions")).outputs["pipeline_definitions"]
        assert [one["id"] for one in every] == list(many)
        assert every[0]["name"] == "workflow 1"
        assert len(await there.calls("GET", "/pipeline_definitions")) == 2


async def test_get_datamart_definitions_id_tells_its_variables():
    world = {"datamart_definitions": {42: {"custom_variables": [{"name": "$region$", "value": "jp"}]}}}
    async with opened(world) as there:
        told = await there.client.get_datamart_definition(42)
        assert [one.name for one in told.custom_variable_settings] == ["$region$"]
        assert told.is_runnable_concurrently is True


async def test_post_datamart_jobs_sends_all_in_one_json_body():
    async with opened() as there:
        params = {
            "datamart_definition_id": 42,
            "context_time": "2026-05-01T15:00:00Z",
            "custom_variables": {"$region$": 7, "$b$": "x y"},
        }
        seen = await asked(there, "run_datamart", **params)
        assert seen.outcome is Outcome.SUCCEEDED
        assert "datamart/jobs/1 only" in seen.detail
        assert seen.outputs["context_time"] == "2026-05-02T00:00:00.000+09:00"
        [call] = await there.calls("POST", "/datamart_jobs")
        assert call["query"] == []
        assert call["body"] == {
            "datamart_definition_id": 42,
            "context_time": "2026-05-02 00:00:00",
            "time_zone": "Asia/Tokyo",
            "custom_variables": [{"name": "$region$", "value": "7"}, {"name": "$b$", "value": "x y"}],
            "memo": KEY,
        }


@pytest.mark.parametrize(("memo", "sent"), [("for the auditors", "for the auditors"), ("", None)])
async def test_the_memo_of_a_data_mart_job_may_be_the_authors(memo, sent):
    async with opened() as there:
        await asked(there, "run_datamart", datamart_definition_id=42, memo=memo)
        assert (await there.calls("POST", "/datamart_jobs"))[0]["body"].get("memo") == sent


async def test_a_lost_data_mart_job_is_in_doubt_and_found_by_its_memo():
    async with opened() as there:
        await there.fault(route="POST /api/datamart_jobs", do="lose_answer", nth=1)
        run = there.adapter("trocco.run_datamart")
        params = run.kind.params(datamart_definition_id=42)
        with pytest.raises(InDoubt, match="data mart 42") as caught:
            await settle(run, params, KEY)
        assert f"memo '{KEY}'" in caught.value.hint
        assert [job["memo"] for job in await there.jobs()] == [KEY]
        found = run.handle_of("https://trocco.io/datamart/jobs/1", params, {})
        assert (await run.observe(found)).outputs["id"] == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500])
@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("get_job", {"job_id": 1}),
        ("get_workflow_job", {"pipeline_job_id": 1}),
        ("list_jobs", {"job_definition_id": 7}),
        ("get_job_definition", {"job_definition_id": 7}),
        ("list_job_definitions", {}),
        ("get_workflow_definition", {"pipeline_definition_id": 310}),
        ("list_workflow_definitions", {}),
    ],
)
async def test_every_documented_error_of_a_question(kind, params, status):
    async with opened(WORLD) as there:
        await there.fault(do="server_error" if status == 500 else "forbidden", status=status)
        if status in (429, 500):
            with pytest.raises(Transient):
                await asked(there, kind, **params)
        else:
            seen = await asked(there, kind, **params)
            assert (seen.outcome, seen.word) == (Outcome.FAILED, str(status))
            assert "Not Authorized" in seen.detail and SETTINGS["api_key"] not in seen.detail


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("get_job", {}),
        ("get_job", {"job_id": 0}),
        ("get_job", {"job_id": "1"}),
        ("list_jobs", {"job_definition_id": 7, "limit": 0}),
        ("list_jobs", {"job_definition_id": 7, "start_time": "yesterday"}),
        ("list_job_definitions", {"name": ""}),
        ("list_job_definitions", {"cursor": "x"}),
        ("list_workflow_definitions", {"name": "mart"}),
        ("run_datamart", {"datamart_definition_id": 42, "custom_variables": {"region": "jp"}}),
    ],
)
def test_what_can_be_found_offline(kind, given):
    with pytest.raises(ValidationError):
        kinds()[f"trocco.{kind}"].params.model_validate(given)


def test_every_operation_that_trocco_has_is_a_kind():
    assert {name.partition(".")[2] for name in KINDS} == {
        "run_job",
        "run_workflow",
        "run_datamart",
        "get_job",
        "get_workflow_job",
        "list_jobs",
        "get_job_definition",
        "list_job_definitions",
        "get_workflow_definition",
        "list_workflow_definitions",
    }
    assert TRANSFERS and WORKFLOWS
