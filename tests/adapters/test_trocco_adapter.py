"""trocco.run_job and run_workflow against the emulator: what is sent, every word, how a lost job is found."""

from datetime import UTC, datetime

import anyio
import pytest
from emulated import emulated, settle, watched
from pydantic import ValidationError

from pipeforge.adapter import Outcome
from pipeforge.adapters.instants import written
from pipeforge.adapters.trocco.kinds import RunJobParams, RunWorkflowParams, TroccoConnection
from pipeforge.adapters.trocco.wire import STATUS, error_words, normalise
from pipeforge.errors import InDoubt, Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-load-1"
API_KEY = "tra_0123456789abcdef"
JOB = RunJobParams(job_definition_id=7)
FLOW = RunWorkflowParams(pipeline_definition_id=7)


def opened(**world):
    return emulated("trocco", world, api_key=API_KEY)


async def test_the_request_is_the_documents_form():
    async with opened() as there:
        run = there.adapter("trocco.run_job")
        params = RunJobParams.model_validate(
            {
                "job_definition_id": 7,
                "context_time": datetime(2024, 5, 1, 15, 0, 30, 999, tzinfo=UTC),
                "custom_variables": {"$b$": "1 2", "$a$": 3},
            }
        )
        await settle(run, params, KEY)
        [call] = await there.calls("POST", "/jobs")
        assert call["query"] == [["job_definition_id", "7"]]
        assert call["body"] == [
            ["context_time", "2024-05-02 00:00:30"],
            ["time_zone", "Asia/Tokyo"],
            ["custom_variables[][name]", "$b$"],
            ["custom_variables[][value]", "1 2"],
            ["custom_variables[][name]", "$a$"],
            ["custom_variables[][value]", "3"],
        ]


async def test_a_workflow_gets_its_instant_and_shows_its_name():
    async with opened() as there:
        run = there.adapter("trocco.run_workflow")
        params = RunWorkflowParams(pipeline_definition_id=7, context_time="2024-05-02 00:00:30")
        handle, _ = await settle(run, params, KEY)
        [call] = await there.calls("POST", "/pipeline_jobs")
        assert call["query"] == [["pipeline_definition_id", "7"]]
        assert call["body"] == [["context_time", "2024-05-02 00:00:30"], ["time_zone", "Asia/Tokyo"]]
        seen, words, _ = await watched(run, handle, pace=0.2)
        outputs = run.kind.outputs.model_validate(dict(seen.outputs))
        assert outputs.link.endswith(f"/trocco/pipeline_jobs/{outputs.id}")
        assert outputs.pipeline_definition_id == 7 and outputs.name and outputs.finished_at
        assert words[-1] == "succeeded" and len(words) > 1


@pytest.mark.parametrize(
    ("spelled", "outcome"),
    [
        ("queued", None),
        ("SETTING UP", None),
        ("executing", None),
        ("Interrupting", None),
        ("retry_waiting", None),
        ("succeeded", Outcome.SUCCEEDED),
        ("Error", Outcome.FAILED),
        ("failed", Outcome.FAILED),
        ("canceled", Outcome.CANCELED),
        ("cancelled", Outcome.CANCELED),
        ("Skipped ", Outcome.SKIPPED),
    ],
)
@pytest.mark.parametrize("kind", ["trocco.run_job", "trocco.run_workflow"])
async def test_every_word_in_every_spelling(kind, spelled, outcome):
    assert normalise(spelled) in STATUS
    async with opened() as there:
        run = there.adapter(kind)
        handle, _ = await settle(run, JOB if kind.endswith("job") else FLOW, KEY)
        await there.fault(do="unknown_status", word=spelled)
        seen = await run.observe(handle)
        assert (seen.outcome, seen.warning) == (outcome, "")
        assert bool(seen.outputs) == (outcome is not None)


async def test_a_skipped_job_says_that_trocco_did_not_run_it():
    async with opened(course={"outcome": "skipped"}) as there:
        run = there.adapter("trocco.run_job")
        handle, _ = await settle(run, JOB, KEY)
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.SKIPPED
        assert "did not run it" in seen.detail and seen.outputs["link"] in seen.detail


async def test_an_unknown_word_is_still_running_with_a_warning():
    async with opened() as there:
        run = there.adapter("trocco.run_job")
        handle, _ = await settle(run, JOB, KEY)
        await there.fault(do="unknown_status", word="hibernating", first=2)
        seen, _, warnings = await watched(run, handle)
        assert seen.outcome is Outcome.SUCCEEDED
        assert len(warnings) == 1 and "'hibernating'" in warnings[0]


async def test_a_key_that_may_run_but_not_view_is_a_warning():
    async with opened(run_only_keys=[API_KEY]) as there:
        run = there.adapter("trocco.run_job")
        handle, _ = await settle(run, JOB, KEY)
        seen = await run.observe(handle)
        assert (seen.outcome, seen.look_again) == (None, 60.0)
        assert "started" in seen.warning and f"/jobs/{handle['job_id']}" in seen.warning
        assert len(await there.jobs()) == 1


async def test_what_such_a_key_lost_cannot_be_found():
    async with opened(run_only_keys=[API_KEY]) as there:
        run = there.adapter("trocco.run_job")
        await there.fault(route="POST /api/jobs", do="lose_answer")
        with pytest.raises(InDoubt, match="may not list"):
            await settle(run, JOB, KEY)


RETRIED = {"stages": [{"executing": 1}, {"error": 5}, {"retry_waiting": 60}, {"executing": 60}]}


async def test_a_failed_workflow_that_trocco_retries_is_not_over():
    async with opened(course=RETRIED, pipeline_definitions={7: {"max_retries": 1}}) as there:
        run = there.adapter("trocco.run_workflow")
        handle, _ = await settle(run, FLOW, KEY)
        await anyio.sleep(2)
        seen, words, _ = await watched(run, handle)
        assert seen.outcome is Outcome.SUCCEEDED
        assert words == ["retry_waiting", "executing", "succeeded"]


async def test_a_failed_job_is_over_at_once():
    async with opened(course=RETRIED) as there:
        run = there.adapter("trocco.run_job")
        handle, _ = await settle(run, JOB, KEY)
        await anyio.sleep(2)
        assert (await run.observe(handle)).outcome is Outcome.FAILED


async def somebody_starts(there, count, definition=7):
    for _ in range(count):
        await there.act("start", definition=definition, kind="transfer")


@pytest.mark.parametrize("order", ["newest", "oldest", "shuffled"])
@pytest.mark.parametrize("before", [0, 1, 250])
async def test_a_lost_job_is_found_in_any_order_of_the_list(order, before):
    async with opened(list_order=order) as there:
        run = there.adapter("trocco.run_job")
        await somebody_starts(there, before)
        await somebody_starts(there, 2, definition=8)
        await there.fault(route="POST /api/jobs", do="lose_answer", nth=1)
        handle, ways = await settle(run, JOB, KEY)
        assert ways == ["in doubt", "recovered"]
        assert [job["id"] for job in await there.jobs() if job["by"] == "api"] == [handle["job_id"]]


async def test_a_list_that_begins_with_the_newest_is_read_one_page_far():
    async with opened() as there:
        await somebody_starts(there, 250)
        await there.adapter("trocco.run_job").prepare(JOB)
        assert len(await there.calls("GET", "/jobs")) == 1


async def test_two_new_jobs_are_in_doubt_and_both_are_named():
    async with opened() as there:
        run = there.adapter("trocco.run_job")
        evidence = await run.prepare(JOB)
        await somebody_starts(there, 2)
        with pytest.raises(InDoubt, match="several new jobs of the definition: 1, 2"):
            await run.recover(JOB, KEY, evidence)


async def test_no_new_job_is_in_doubt_after_the_window():
    async with opened() as there:
        run = there.adapter("trocco.run_job")
        evidence = await run.prepare(JOB)
        begin = anyio.current_time()
        with pytest.raises(InDoubt, match="shows no new job") as caught:
            await run.recover(JOB, KEY, evidence)
        assert anyio.current_time() - begin >= 60.0
        assert "on_ambiguous: retry" in caught.value.hint


async def test_a_job_that_appears_late_is_still_found():
    async with opened() as there:
        run = there.adapter("trocco.run_job")
        evidence = await run.prepare(JOB)
        async with anyio.create_task_group() as group:

            async def later():
                await anyio.sleep(30)
                await somebody_starts(there, 1)

            group.start_soon(later)
            assert (await run.recover(JOB, KEY, evidence))["job_id"] == 1


async def test_a_lost_workflow_is_in_doubt_at_once():
    async with opened() as there:
        run = there.adapter("trocco.run_workflow")
        begin = anyio.current_time()
        with pytest.raises(InDoubt, match="workflow 7"):
            await run.recover(FLOW, KEY, {})
        assert anyio.current_time() - begin < 1.0


async def test_the_accounts_rate_limit_is_waited_for():
    async with opened(rate_limit=5) as there:
        run = there.adapter("trocco.run_job")
        handle, _ = await settle(run, JOB, KEY)
        begin = anyio.current_time()
        seen = None
        while seen is None or seen.outcome is None:
            try:
                seen = await run.observe(handle)
                await anyio.sleep(0.05)
            except Transient as error:
                assert error.retry_after
                await anyio.sleep(error.retry_after)
        assert seen.outcome is Outcome.SUCCEEDED
        assert 60.0 < anyio.current_time() - begin < 700.0
        assert not [row for row in await there.calls("GET", "") if row["status"] == 429]


@pytest.mark.parametrize("ending", ["", "/", "/api", "/api/"])
async def test_the_address_may_end_in_api_or_not(ending):
    async with emulated("trocco", api_key=API_KEY) as there:
        address = there.settings.base_url.removesuffix("/api").rstrip("/") + ending
        assert there.client.link("jobs", 1) == "http://emulators/trocco/jobs/1"
    async with emulated("trocco", api_key=API_KEY, base_url=address) as there:
        await settle(there.adapter("trocco.run_job"), JOB, KEY)
        assert there.client.link("jobs", 1) == "http://emulators/trocco/jobs/1"


@pytest.mark.parametrize(
    ("model", "given", "rule"),
    [
        (RunJobParams, {"custom_variables": {"region": "jp"}}, "pipeforge.custom_variable_name"),
        (RunJobParams, {"custom_variables": {"$a b$": "jp"}}, "pipeforge.custom_variable_name"),
        (RunJobParams, {"custom_variables": {"$a$": 1.5}}, "pipeforge.text"),
        (RunJobParams, {"custom_variables": {"$a$": True}}, "pipeforge.text"),
        (RunJobParams, {"context_time": "yesterday"}, "pipeforge.instant"),
        (RunWorkflowParams, {"context_time": 5}, "pipeforge.instant"),
    ],
)
def test_what_can_be_found_offline(model, given, rule):
    needed = {"job_definition_id": 1} if model is RunJobParams else {"pipeline_definition_id": 1}
    with pytest.raises(ValidationError) as caught:
        model.model_validate({**needed, **given})
    [error] = caught.value.errors()
    assert error["type"] == rule
    assert error["ctx"]["hint"]


def test_templates_are_not_judged():
    RunJobParams.model_validate(
        {
            "job_definition_id": 1,
            "context_time": "${{ context_time }}",
            "custom_variables": {"${{ item.name }}": "${{ item.value }}"},
        }
    )
    TroccoConnection(vendor="trocco", api_key="${{ secrets.KEY }}", base_url="${{ env.TROCCO }}")


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"api_key": "key\n"}, "pipeforge.credential"),
        ({"api_key": ""}, "pipeforge.credential"),
        ({"base_url": "trocco.io"}, "pipeforge.base_url"),
        ({"base_url": "https://user:secret@trocco.io"}, "pipeforge.base_url"),
        ({"limits": {"requests": "many"}}, "pipeforge.rate"),
        ({"recovery_window": "60"}, "pipeforge.duration"),
    ],
)
def test_a_wrong_connection_is_told_without_its_secrets(given, rule):
    with pytest.raises(ValidationError) as caught:
        TroccoConnection.model_validate({"vendor": "trocco", "api_key": API_KEY, **given})
    assert [error["type"] for error in caught.value.errors()] == [rule]
    assert API_KEY not in str(caught.value) and "secret" not in str(caught.value)


def test_limits_are_the_vendors_unless_said_otherwise():
    preset = TroccoConnection(vendor="trocco", api_key=API_KEY).limits_in_force()
    trial = TroccoConnection.model_validate(
        {"vendor": "trocco", "api_key": API_KEY, "limits": {"requests": "100/10m", "running": 5}}
    ).limits_in_force()
    assert (preset.requests, preset.running) == ((3500, 600.0), None)
    assert (trial.requests, trial.running) == ((100, 600.0), 5)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "Not Authorized"}, "Not Authorized"),
        ({"message": "不正", "errors": [{"attribute": "x", "message": "y"}]}, "不正; x: y"),
        ({"message": "m", "errors": []}, "m"),
        ([], ""),
        (None, ""),
    ],
)
def test_the_vendors_words(body, words):
    assert error_words(body) == words


async def test_a_start_whose_answer_tells_little_more_than_its_number_is_not_lost():
    """A workflow job that is not taken at its word could never be found again."""
    async with opened() as there:
        for kind, params in (("trocco.run_workflow", FLOW), ("trocco.run_job", JOB)):
            values = {"status": None, "created_at": None, "job_definition_id": "?", "name": None}
            await there.fault(route="POST *", do="rewrite", values=values)
            handle, ways = await settle(there.adapter(kind), params, KEY)
            assert ways == ["triggered"] and handle


@pytest.mark.parametrize("status", [400, 401, 403, 422])
async def test_a_list_that_trocco_does_not_show_keeps_no_job_from_running(status):
    """trocco answers 400 for what its API cannot describe, and runs it all the same."""
    async with opened() as there:
        await there.fault(route="GET /api/job_definitions/{id}/jobs", do="forbidden", status=status)
        handle, _ = await settle(there.adapter("trocco.run_job"), JOB, KEY)
        assert handle == {"job_id": 1}


async def test_a_definition_that_is_not_there_fails_before_anything_is_started():
    async with opened(job_definitions={8: {}}) as there:
        with pytest.raises(Rejected, match="Not found"):
            await there.adapter("trocco.run_job").prepare(JOB)
        assert await there.calls("POST", "") == []


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2024-05-02T00:00:30.000+09:00", 0),
        ("2024-05-01T15:00:30Z", 0),
        ("2024-05-02 00:00:30 +0900", 0),
        ("2024-05-01 15:00:30 UTC", 0),
        ("2024-05-02 00:00:30 JST", 0),
        ("2024-05-02 00:00:30", 0),
        ("2024-05-01T15:00:30.5+00:00", 0),
        ("2024-13-01 00:00:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_an_instant_in_each_form_that_is_known_of_a_vendor(text, when):
    instant = datetime(2024, 5, 1, 15, 0, 30, tzinfo=UTC)
    assert written(text) == (None if when is None else instant)


@pytest.mark.parametrize(("retries", "grace"), [(0, False), (2, True)])
async def test_only_a_workflow_that_trocco_may_retry_is_given_a_grace(retries, grace):
    definitions = {7: {"max_retries": retries, "course": {"outcome": "error"}}}
    async with opened(pipeline_definitions=definitions) as there:
        run = there.adapter("trocco.run_workflow")
        handle, _ = await settle(run, FLOW, KEY)
        await anyio.sleep(10)
        begin = anyio.current_time()
        assert (await run.observe(handle)).outcome is Outcome.FAILED
        assert (anyio.current_time() - begin >= 10.0) is grace


async def test_a_workflow_that_trocco_runs_again_by_itself_is_not_over_between():
    course = {"outcome": "error", "stages": {"queued": 1, "setting_up": 1, "executing": 1}}
    definition = {"max_retries": 1, "min_retry_interval": 1, "course": course}
    async with opened(pipeline_definitions={7: definition}, turning=5.0) as there:
        run = there.adapter("trocco.run_workflow")
        handle, _ = await settle(run, FLOW, KEY)
        await anyio.sleep(3.5)
        seen, words, _ = await watched(run, handle, pace=0.5)
        assert words == ["retry_waiting", "queued", "setting_up", "executing", "error"]
        assert seen.outcome is Outcome.FAILED
        assert len(await there.jobs()) == 1
