"""reckoner.run_workflow against the emulator: turns, differences of lists, refreshed tokens, canceling."""

import anyio
import pytest
from emulated import emulated, recovered, settle, watched
from pydantic import ValidationError

from pipeforge.adapter import Outcome
from pipeforge.adapters import connections, kinds
from pipeforge.adapters.reckoner.kinds import ReckonerConnection, RunWorkflowParams
from pipeforge.adapters.reckoner.wire import STATUS
from pipeforge.errors import InDoubt, Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-segment-1"
ACCESS = "pat_0123456789abcdef"
REFRESH = "prt_0123456789abcdef"
ASKED = RunWorkflowParams.model_validate({"workflow_id": 7, "parameters": {"region": "jp", "days": 3}})
RUN = "POST /workflows/{id}/run"
LIST = "GET /workflows/{id}/jobs"


def opened(settings=None, **world):
    return emulated("reckoner", world, **{"access_token": ACCESS, **(settings or {})})


async def ours(there):
    return [job["id"] for job in await there.jobs() if job["by"] == "api"]


async def somebody_starts(there, count=1, trigger="button"):
    for _ in range(count):
        await there.act("start", workflow=7, trigger=trigger)


async def test_a_workflow_runs_with_its_parameters_as_text():
    async with opened() as there:
        run = there.adapter("reckoner.run_workflow")
        handle, _ = await settle(run, ASKED, KEY)
        seen, words, _ = await watched(run, handle, pace=0.15)
        outputs = run.kind.outputs.model_validate(dict(seen.outputs))
        assert words[-1] == "COMPLETED" and "RUNNING" in words
        assert (outputs.id, outputs.workflow_id, outputs.errors) == (handle["job_id"], 7, [])
        assert outputs.started_at and outputs.ended_at
        [call] = await there.calls("POST", "/run")
        assert call["body"] == {
            "parameters": [{"name": "region", "value": "jp"}, {"name": "days", "value": "3"}]
        }


async def test_without_parameters_no_body_is_sent():
    async with opened() as there:
        await settle(there.adapter("reckoner.run_workflow"), RunWorkflowParams(workflow_id=7), KEY)
        [call] = await there.calls("POST", "/run")
        assert call["body"] is None


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        *[(word, None) for word in ("SUBMITTING", "RUNNABLE", "RUNNING", "CANCEL_STARTED", "running")],
        ("COMPLETED", Outcome.SUCCEEDED),
        ("FAILED", Outcome.FAILED),
        ("CANCELED", Outcome.CANCELED),
        ("SERVER_ERROR", Outcome.FAILED),
    ],
)
async def test_every_word(word, outcome):
    assert word.upper() in STATUS
    async with opened() as there:
        run = there.adapter("reckoner.run_workflow")
        handle, _ = await settle(run, ASKED, KEY)
        await there.fault(do="unknown_status", word=word)
        seen = await run.observe(handle)
        assert (seen.outcome, seen.warning) == (outcome, "")


async def test_a_failure_lists_the_tasks_errors():
    error = {"task_name": "Orders", "category": "source", "subcategory": "mysql", "message": "no such table"}
    async with opened(course={"outcome": "FAILED", "errors": [error, error]}) as there:
        run = there.adapter("reckoner.run_workflow")
        handle, _ = await settle(run, ASKED, KEY)
        seen, _, _ = await watched(run, handle)
        assert seen.detail == "; ".join(["Orders (source/mysql): no such table"] * 2)
        assert seen.outputs["errors"] == [error, error]


@pytest.mark.parametrize("unsorted", [False, True])
@pytest.mark.parametrize("before", [0, 1, 250])
async def test_a_lost_job_is_found_by_difference(unsorted, before):
    async with opened(unsorted=unsorted) as there:
        run = there.adapter("reckoner.run_workflow")
        await somebody_starts(there, before, "external_api")
        known = set(await ours(there))
        await there.fault(route=RUN, do="lose_answer", nth=1)
        handle, ways = await settle(run, ASKED, KEY)
        assert ways == ["in doubt", "recovered"]
        assert handle["job_id"] not in known and len(await there.jobs()) == before + 1


async def test_jobs_that_others_started_are_told_apart_by_their_trigger():
    async with opened() as there:
        run = there.adapter("reckoner.run_workflow")
        await there.fault(route=RUN, do="lose_answer", nth=1)
        evidence = await run.prepare(ASKED)
        await somebody_starts(there, 1, "button")
        with pytest.raises(InDoubt):
            await run.trigger(ASKED, KEY, evidence)
        await somebody_starts(there, 1, "scheduled")
        handle = await run.recover(ASKED, KEY, evidence)
        assert [handle["job_id"]] == [
            job["id"] for job in await there.jobs() if job["trigger"] == "external_api"
        ]


async def test_two_new_jobs_by_the_api_are_in_doubt_and_both_are_named():
    async with opened() as there:
        run = there.adapter("reckoner.run_workflow")
        evidence = await run.prepare(ASKED)
        await somebody_starts(there, 2, "external_api")
        with pytest.raises(InDoubt, match="several new jobs by the API: 1001, 1002"):
            await run.recover(ASKED, KEY, evidence)


async def test_no_new_job_is_in_doubt_after_the_window():
    async with opened() as there:
        run = there.adapter("reckoner.run_workflow")
        evidence = await run.prepare(ASKED)
        begin = anyio.current_time()
        with pytest.raises(InDoubt, match="no new job") as caught:
            await run.recover(ASKED, KEY, evidence)
        assert anyio.current_time() - begin >= 120
        assert "on_ambiguous: retry" in caught.value.hint


async def test_a_job_that_appears_late_is_found():
    async with opened(course={"appears_after": 60}) as there:
        run = there.adapter("reckoner.run_workflow")
        await there.fault(route=RUN, do="lose_answer", nth=1)
        handle, _ = await settle(run, ASKED, KEY)
        assert [handle["job_id"]] == await ours(there)


async def test_a_history_that_is_not_kept_ends_in_doubt():
    async with opened(saves_job_result=False) as there:
        run = there.adapter("reckoner.run_workflow")
        await there.fault(route=RUN, do="lose_answer", nth=1)
        with pytest.raises(InDoubt):
            await settle(run, ASKED, KEY)
        assert len(await there.jobs()) == 1


async def test_parallel_starts_of_one_workflow_never_take_each_others_job():
    async with opened() as there:
        run = there.adapter("reckoner.run_workflow")
        await there.fault(route=RUN, do="lose_answer", nth=[2, 4, 5])
        handles = []

        async def start(number):
            handles.append((await settle(run, ASKED, f"{KEY}-{number}"))[0]["job_id"])

        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(start, number)
        assert sorted(handles) == sorted(await ours(there)) == list(range(1001, 1009))


async def test_workflows_do_not_wait_for_each_other():
    async with opened() as there:
        run = there.adapter("reckoner.run_workflow")
        begin = anyio.current_time()
        await run.prepare(ASKED)
        await run.prepare(ASKED.model_copy(update={"workflow_id": 8}))
        assert anyio.current_time() - begin < 1.0


async def test_a_start_that_comes_too_late_starts_nothing():
    async with opened() as there:
        run = there.adapter("reckoner.run_workflow")
        stale = await run.prepare(ASKED)
        await anyio.sleep(61)
        with pytest.raises(Transient, match="out of date"):
            await run.trigger(ASKED, KEY, stale)
        assert await ours(there) == []


async def test_after_a_crash_a_new_start_waits_until_the_lost_one_is_settled():
    """Else the new start's job could be taken for the lost one."""
    async with opened() as there:
        first = there.adapter("reckoner.run_workflow")
        evidence = await first.prepare(ASKED)
        client = connections.connect("conn", there.settings, app=there.app)
        run = connections.adapter(kinds()["reckoner.run_workflow"], client)
        ended = []

        async def settle_lost():
            with pytest.raises(InDoubt, match="no new job"):
                await recovered(run, ASKED, KEY, evidence)
            ended.append("settled")

        async def start_another():
            with pytest.raises(Transient, match="must be settled first"):
                await run.prepare(ASKED)
            await settle(run, ASKED, "pf-r1-other-1")
            ended.append("started")

        async with anyio.create_task_group() as group:
            group.start_soon(start_another)
            group.start_soon(settle_lost)
        assert ended == ["settled", "started"]


async def test_a_refused_start_frees_the_turn():
    async with opened() as there:
        run = there.adapter("reckoner.run_workflow")
        await there.fault(route=RUN, do="forbidden", nth=1)
        with pytest.raises(Rejected):
            await run.trigger(ASKED, KEY, await run.prepare(ASKED))
        begin = anyio.current_time()
        await settle(run, ASKED, KEY)
        assert anyio.current_time() - begin < 5.0


async def test_an_expired_token_is_refreshed_once_for_all():
    async with opened({"refresh_token": REFRESH}, expired=[ACCESS]) as there:
        run = there.adapter("reckoner.run_workflow")
        async with anyio.create_task_group() as group:
            for number in range(4):
                group.start_soon(settle, run, ASKED.model_copy(update={"workflow_id": number + 1}), KEY)
        assert len(await there.calls("POST", "/auth/token/refresh")) == 1
        assert len(await ours(there)) == 4


async def test_an_expired_token_without_a_refresh_token_is_final():
    async with opened(expired=[ACCESS]) as there:
        with pytest.raises(Rejected, match="TOKEN_EXPIRED"):
            await there.adapter("reckoner.run_workflow").prepare(ASKED)


async def test_a_new_token_is_masked_too():
    async with opened({"refresh_token": REFRESH}, expired=[ACCESS]) as there:
        await there.adapter("reckoner.run_workflow").prepare(ASKED)
        token = there.client._token
        assert token not in (ACCESS, REFRESH)
        assert there.client.redactor.text(f"{token} {ACCESS} {REFRESH}") == "*** *** ***"


@pytest.mark.parametrize("ending", [b"", b"<!-- proxy -->"])
async def test_a_new_token_is_not_quoted_from_an_answer_that_is_garbled(ending):
    async with opened({"refresh_token": REFRESH}, expired=[ACCESS]) as there:

        async def garbling(scope, receive, send):
            async def spoilt(message):
                if scope["path"].endswith("/auth/token/refresh"):
                    message = dict(message)
                    if message["type"] == "http.response.start":
                        message["headers"] = [h for h in message["headers"] if h[0] != b"content-length"]
                    else:
                        message["body"] = message["body"][:-1] + ending
                await send(message)

            await there.app(scope, receive, spoilt)

        client = connections.connect("conn", there.settings, app=garbling)
        run = connections.adapter(kinds()["reckoner.run_workflow"], client)
        with pytest.raises(Transient, match="unexpected") as caught:
            await run.prepare(ASKED)
        assert "pat_" not in str(caught.value) and "access_token" not in str(caught.value)


@pytest.mark.parametrize(
    "errors", ["no such table", ["no such table"], [None, {"message": ["a", 1]}], {}], ids=str
)
async def test_a_job_ends_however_odd_its_errors_are(errors):
    async with opened(course={"outcome": "FAILED"}) as there:
        run = there.adapter("reckoner.run_workflow")
        handle, _ = await settle(run, ASKED, KEY)
        await anyio.sleep(5)
        await there.fault(route="GET /workflows/{id}/jobs/{job}", do="rewrite", values={"errors": errors})
        seen = await run.observe(handle)
        assert seen.outcome is Outcome.FAILED
        run.kind.outputs.model_validate(dict(seen.outputs))
        assert "no such table" in seen.detail or "no such table" not in str(errors)


async def test_canceling_is_asked_for_and_looked_at_until_it_is_over():
    async with opened(course={"stages": {"RUNNING": 600}}) as there:
        run = there.adapter("reckoner.run_workflow")
        handle, _ = await settle(run, ASKED, KEY)
        await run.cancel(handle)
        seen, words, _ = await watched(run, handle, pace=0.1)
        assert seen.outcome is Outcome.CANCELED
        assert words[0] == "CANCEL_STARTED"


async def test_a_job_may_complete_in_spite_of_being_canceled():
    async with opened(course={"heeds_cancel": False}) as there:
        run = there.adapter("reckoner.run_workflow")
        handle, _ = await settle(run, ASKED, KEY)
        await run.cancel(handle)
        assert (await watched(run, handle))[0].outcome is Outcome.SUCCEEDED


async def test_an_account_that_cannot_cancel_says_so():
    async with opened(can_cancel=False) as there:
        run = there.adapter("reckoner.run_workflow")
        handle, _ = await settle(run, ASKED, KEY)
        with pytest.raises(Rejected) as caught:
            await run.cancel(handle)
        assert "stop the job in Reckoner" in caught.value.hint


async def test_paths_and_header_can_be_changed():
    settings = {"paths": {"runWorkflow": "POST /workflows/{workflow_id}/start"}, "auth_header": "X-Auth"}
    async with opened(settings) as there:
        with pytest.raises(Rejected):
            await there.client.run_workflow(7, {})
        [call] = await there.calls("POST", "")
        assert call["path"] == "/workflows/7/start"


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"parameters": {"a": 1.5}}, "pipeforge.text"),
        ({"parameters": {"a": None}}, "pipeforge.text"),
        ({"parameters": {"": "x"}}, "string_too_short"),
        ({"workflow_id": "seven"}, "int_type"),
    ],
)
def test_what_can_be_found_offline(given, rule):
    with pytest.raises(ValidationError) as caught:
        RunWorkflowParams.model_validate({"workflow_id": 7, **given})
    assert [error["type"] for error in caught.value.errors()] == [rule]


def test_a_wrong_connection_is_told_without_its_secrets():
    with pytest.raises(ValidationError) as caught:
        ReckonerConnection.model_validate(
            {"vendor": "reckoner", "access_token": ACCESS, "paths": {"runWorkflow": "workflows"}}
        )
    assert ACCESS not in str(caught.value)
