"""treasure.run_workflow against the emulator: exactly once under every fault, and why an attempt failed."""

import gzip

import anyio
import pytest
from emulated import emulated, recovered, settle, watched
from pydantic import ValidationError

from pipeforge.adapter import Outcome
from pipeforge.adapters.treasure.kinds import REGIONS, RunWorkflowParams, TreasureConnection
from pipeforge.adapters.treasure.logs import log_tail
from pipeforge.adapters.treasure.wire import Attempt, attempt_name
from pipeforge.errors import InDoubt, Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-build-1"
SECRET = "1/" + "c0ffee" * 6 + "abcd"
TIME = "2026-01-02T03:04:05+09:00"
PUT = "PUT /api/attempts"


def asked(**changed):
    given = {"project": "sales", "workflow": "mart", "session_time": TIME, "params": {"a": [1]}, **changed}
    return RunWorkflowParams.model_validate(given)


def world(shape="hosted", limits=None, **course):
    mart = {"workflows": {"mart": {"course": course}}}
    return {"shape": shape, "credentials": [SECRET], "projects": {"sales": mart}, **(limits or {})}


def opened(**course):
    return emulated("treasure", world(**course), api_key=SECRET)


async def test_a_workflow_is_started_once_and_its_end_is_told():
    async with opened(seconds=60) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(), KEY)
        seen, words, warnings = await watched(run, handle)
        assert (seen.outcome, words, warnings) == (Outcome.SUCCEEDED, ["running", "success"], [])
        outputs = run.kind.outputs.model_validate(dict(seen.outputs))
        assert (outputs.id, outputs.status, outputs.index) == (handle["attempt_id"], "success", 1)
        assert outputs.params == {"a": [1]} and outputs.session_id == handle["session_id"]
        assert outputs.session_time == "2026-01-01T18:04:05+00:00" and outputs.finished_at
        [call] = await there.calls("PUT", "/api/attempts")
        assert call["body"] == {
            "projectName": "sales", "workflowName": "mart", "sessionTime": TIME, "params": {"a": [1]},
            "retryAttemptName": KEY, "allowQueueing": True,
        }  # fmt: skip


@pytest.mark.parametrize("fault", ["lose_answer", "html", "truncated", "empty", "server_error"])
@pytest.mark.parametrize("done", [True, False])
async def test_a_lost_answer_never_makes_a_second_attempt(fault, done):
    async with opened(seconds=5) as there:
        run = there.adapter("treasure.run_workflow")
        struck = "drop" if fault == "lose_answer" and not done else fault
        await there.fault(route=PUT, do=struck, nth=1, after=done)
        handle, ways = await settle(run, asked(), KEY)
        assert ways == ["in doubt", *(["recovered"] if done else ["not started", "triggered"])]
        assert len(await there.jobs()) == 1
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.SUCCEEDED and seen.outputs["id"] == handle["attempt_id"]


async def test_recovery_outlasts_a_vendor_that_is_away():
    async with opened(seconds=5) as there:
        run = there.adapter("treasure.run_workflow")
        await there.fault(route=PUT, do="lose_answer", first=7)
        _, ways = await settle(run, asked(), KEY)
        assert ways == ["in doubt", "recovered"] and len(await there.jobs()) == 1


async def test_after_a_crash_a_finished_attempt_is_adopted():
    async with opened(seconds=5) as there:
        run = there.adapter("treasure.run_workflow")
        evidence = await run.prepare(asked())
        handle = await run.trigger(asked(), KEY, evidence)
        await anyio.sleep(60)
        assert await run.recover(asked(), KEY, evidence) == handle
        assert await run.trigger(asked(), KEY, evidence) == handle
        assert len(await there.jobs()) == 1


async def test_being_throttled_is_not_a_start():
    async with opened(seconds=5) as there:
        run = there.adapter("treasure.run_workflow")
        await there.fault(route=PUT, do="rate_limited", nth=1, retry_after=7)
        _, ways = await settle(run, asked(), KEY)
        assert ways == ["transient", "triggered"] and len(await there.jobs()) == 1


async def test_a_taken_name_with_other_params_is_somebody_elses():
    async with opened(seconds=600) as there:
        run = there.adapter("treasure.run_workflow")
        theirs = await run.trigger(asked(retry_attempt_name="nightly", params={"a": [2]}), KEY, {})
        ours = asked(retry_attempt_name="nightly")
        with pytest.raises(Rejected) as caught:
            await run.trigger(ours, KEY, {})
        told = caught.value.message + caught.value.hint
        for word in (theirs["attempt_id"], theirs["session_id"], "nightly", "created 20", "session: shared"):
            assert word in told
        assert await run.recover(ours, KEY, {}) is None
        assert await run.trigger(asked(retry_attempt_name="nightly", params={"a": [2]}), "x", {}) == theirs
        assert len(await there.jobs()) == 1


async def test_an_attempt_without_our_name_in_a_conflict_is_not_adopted():
    async with opened(seconds=600) as there:
        run = there.adapter("treasure.run_workflow")
        await run.trigger(asked(), KEY, {})
        await there.fault(do="rewrite", values={"retryAttemptName": None})
        with pytest.raises(Rejected, match="without a name"):
            await run.trigger(asked(), KEY, {})
        assert await run.recover(asked(), KEY, {}) is None


async def test_two_steps_and_two_tries_of_one_session_are_different_attempts():
    async with opened(seconds=5) as there:
        run = there.adapter("treasure.run_workflow")
        handles = [await run.trigger(asked(), key, {}) for key in (KEY, "pf-r1-build-2", "pf-r1-other-1")]
        assert len({handle["attempt_id"] for handle in handles}) == 3
        assert len({handle["session_id"] for handle in handles}) == 1


async def test_a_shared_session_joins_whatever_is_there():
    async with opened(seconds=60) as there:
        run = there.adapter("treasure.run_workflow")
        theirs = await there.act("start", project="sales", workflow="mart", session_time=TIME)
        shared = asked(session="shared")
        handle, _ = await settle(run, shared, KEY)
        assert len(await there.jobs()) == 1 and str(theirs["id"]) == handle["attempt_id"]
        assert await run.recover(shared, KEY, {}) == handle


async def test_no_room_waits_and_is_never_mistaken_for_a_start():
    async with emulated("treasure", world(limits={"attempt_limit": 1}, seconds=100), api_key=SECRET) as there:
        run = there.adapter("treasure.run_workflow")
        impatient = asked(allow_queueing=False)
        await run.trigger(impatient, "pf-first", {})
        with pytest.raises(Transient) as caught:
            await run.trigger(impatient, KEY, {})
        assert caught.value.retry_after == 30.0
        _, ways = await settle(run, impatient, KEY)
        assert set(ways[:-1]) == {"transient"} and ways[-1] == "triggered"
        assert len(await there.jobs()) == 2


async def test_the_limit_hides_our_attempt_in_recovery_so_it_is_looked_up():
    async with emulated("treasure", world(limits={"attempt_limit": 1}, seconds=100), api_key=SECRET) as there:
        run = there.adapter("treasure.run_workflow")
        ours = asked(allow_queueing=False)
        await there.fault(route=PUT, do="lose_answer", nth=1)
        with pytest.raises(InDoubt):
            await run.trigger(ours, KEY, {})
        handle = await run.recover(ours, KEY, {})
        assert [job["id"] for job in await there.jobs()] == [handle["attempt_id"]]
        assert await run.recover(ours, "pf-never-started", {}) is None
        other = asked(allow_queueing=False, session_time="2026-01-02T03:04:06+09:00")
        assert await run.recover(other, KEY, {}) is None


async def test_our_attempt_is_found_pages_back():
    limits = {"attempt_limit": 150}
    async with emulated("treasure", world(limits=limits, seconds=9_000), api_key=SECRET) as there:
        run = there.adapter("treasure.run_workflow")
        handle = await run.trigger(asked(allow_queueing=False), KEY, {})
        for number in range(149):
            at = f"2026-01-02T{number // 60:02}:{number % 60:02}:00Z"
            await run.trigger(asked(allow_queueing=False, session_time=at), f"{KEY}-{number}", {})
        assert await run.recover(asked(allow_queueing=False), KEY, {}) == handle
        assert len(await there.calls("GET", "/sessions")) == 2


@pytest.mark.parametrize("done", [True, False])
async def test_a_key_that_may_not_list_projects_starts_and_recovers_by_the_name_alone(done):
    async with opened(seconds=600) as there:
        run = there.adapter("treasure.run_workflow")
        await there.fault(route="GET /api/projects", do="forbidden")
        await there.fault(route=PUT, do="lose_answer" if done else "drop", nth=1)
        handle, ways = await settle(run, asked(), KEY)
        assert ways == ["in doubt", "recovered"]
        assert [job["id"] for job in await there.jobs()] == [handle["attempt_id"]]


async def test_a_recovery_that_may_not_look_is_in_doubt():
    async with emulated("treasure", world(limits={"attempt_limit": 1}, seconds=100), api_key=SECRET) as there:
        run = there.adapter("treasure.run_workflow")
        await run.trigger(asked(allow_queueing=False), "pf-first", {})
        await there.fault(route="GET /api/projects", do="forbidden")
        with pytest.raises(InDoubt) as caught:
            await run.recover(asked(allow_queueing=False), KEY, {})
        assert KEY in caught.value.hint


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"project": "nowhere"}, "nowhere"), ({"workflow": "nothing"}, "nothing")],
)
@pytest.mark.parametrize("shape", ["hosted", "oss"])
async def test_what_does_not_exist_is_refused_by_name(shape, changed, word):
    async with emulated("treasure", world(shape), api_key=SECRET, api=shape) as there:
        run = there.adapter("treasure.run_workflow")
        with pytest.raises(Rejected, match=word):
            await settle(run, asked(**changed), KEY)


async def test_a_wrong_key_is_refused_and_never_shown():
    other = "9/" + "beef" * 10
    async with emulated("treasure", world(), api_key=other) as there:
        with pytest.raises(Rejected) as caught:
            await settle(there.adapter("treasure.run_workflow"), asked(), KEY)
        assert "401" in caught.value.message and "beef" not in repr(caught.value) + str(there.settings)


async def test_digdag_gets_the_workflow_id_and_no_queueing():
    async with emulated("treasure", world("oss", seconds=5), api_key=SECRET, api="oss") as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(), KEY)
        [call] = await there.calls("PUT", "/api/attempts")
        assert set(call["body"]) == {"workflowId", "sessionTime", "params", "retryAttemptName"}
        seen, words, warnings = await watched(run, handle)
        assert (seen.outcome, words, warnings) == (Outcome.SUCCEEDED, ["running", "success"], [])


async def test_a_failure_names_the_tasks_their_messages_and_the_end_of_the_log():
    log = [f"line {number}" for number in range(40)] + [f"using {SECRET}", "table is missing"]
    tasks = [{"name": "ok"}, {"name": "load", "outcome": "error", "message": "no such table", "log": log}]
    async with opened(tasks=tasks) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(), KEY)
        seen, words, _ = await watched(run, handle)
        assert seen.outcome is Outcome.FAILED and words[-1] == "error"
        assert "+mart+load: " in seen.detail and "no such table" in seen.detail
        assert "table is missing" in seen.detail and "line 39" in seen.detail
        assert "line 10" not in seen.detail
        assert SECRET not in seen.detail and SECRET.partition("/")[2] not in seen.detail
        assert "using ***" in seen.detail


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ("GET /api/attempts/{id}/tasks", "tasks could not be read"),
        ("GET /api/logs/{id}/files", "log could not be read"),
        ("GET /api/logs/{id}/files/{name}", "log could not be read"),
    ],
)
async def test_a_failure_is_told_even_where_its_reason_cannot_be_read(route, words):
    tasks = [{"name": "load", "outcome": "error", "message": "no such table", "log": ["x"]}]
    async with opened(tasks=tasks) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(), KEY)
        await there.fault(route=route, do="forbidden")
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.FAILED and words in seen.detail


async def test_a_kill_is_a_cancel_and_may_be_repeated_for_ever():
    async with opened(seconds=10_000) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(), KEY)
        await there.fault(route="POST /api/attempts/{id}/kill", do="lose_answer", nth=1)
        await run.cancel(handle)
        await run.cancel(handle)
        seen, words, _ = await watched(run, handle, pace=0.1)
        assert (seen.outcome, words[-1]) == (Outcome.CANCELED, "killed")
        await run.cancel(handle)


async def test_a_kill_that_came_too_late_leaves_a_success():
    async with opened(seconds=20, kill_lost=True) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(), KEY)
        await run.cancel(handle)
        seen, words, _ = await watched(run, handle)
        assert (seen.outcome, words) == (Outcome.SUCCEEDED, ["canceling", "success"])


async def test_an_unseen_word_is_still_running_and_warned_of():
    async with opened(seconds=60) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(), KEY)
        await there.fault(route="GET /api/attempts/{id}", do="unknown_status", word="dozing", first=3)
        seen, words, warnings = await watched(run, handle)
        assert (seen.outcome, words) == (Outcome.SUCCEEDED, ["dozing", "running", "success"])
        assert warnings == ["the vendor said 'dozing', a status not documented"]


@pytest.mark.parametrize("fault", ["wrong_types", "backwards"])
async def test_oddly_typed_answers_change_nothing(fault):
    async with opened(seconds=20) as there:
        await there.fault(route="* /api/attempts*", do=fault, first=2)
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(), KEY)
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("fault", ["html", "server_error", "empty", "drop", "not_found", "unauthorized"])
async def test_a_look_that_fails_says_nothing_about_the_attempt(fault):
    async with opened(seconds=1) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(), KEY)
        await there.fault(route="GET /api/attempts/{id}", do=fault)
        with pytest.raises((Transient, Rejected)):
            await run.observe(handle)
        await there.clear_faults()
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.SUCCEEDED


async def test_an_attempt_is_resumed_under_a_name_of_its_own():
    tasks = [{"name": "ok"}, {"name": "load", "outcome": "error"}]
    async with opened(tasks=tasks) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(), KEY)
        await watched(run, handle)
        resume = {"mode": "from", "attempt_id": handle["attempt_id"], "from": "+load"}
        again, _ = await settle(run, asked(resume=resume), "pf-r2-build-1")
        assert again["session_id"] == handle["session_id"] and again["attempt_id"] != handle["attempt_id"]
        calls = await there.calls("PUT", "/api/attempts")
        wanted = {"mode": "from", "attemptId": handle["attempt_id"], "from": "+load"}
        assert calls[-1]["body"]["resume"] == wanted
        nowhere = asked(resume={"mode": "from", "attempt_id": 1, "from": "+nowhere"})
        with pytest.raises(Rejected):
            await settle(run, nowhere, "pf-r3-build-1")


async def test_recovery_of_a_start_that_is_refused_now_looks_before_it_answers():
    async with opened() as there:
        run = there.adapter("treasure.run_workflow")
        first = await run.trigger(asked(), KEY, {})
        wrong = asked(resume={"mode": "failed", "attempt_id": 999})
        assert await recovered(run, wrong, KEY, {}) == first
        assert await recovered(run, wrong, "pf-never-started", {}) is None
        # sessions are found by name, also of a workflow that is gone since: none was started
        assert await recovered(run, asked(workflow="nothing"), KEY, {}) is None
        with pytest.raises(InDoubt):  # gone since: whether it ran before cannot be seen
            await recovered(run, asked(project="nothing"), KEY, {})


def test_the_log_of_a_running_task_ends_where_it_is_cut_off():
    packed = gzip.compress("\n".join(f"line {number}" for number in range(9_000)).encode())
    assert log_tail(packed)[-1] == "line 8999" and len(log_tail(packed)) == 20
    assert log_tail(packed[:-8])[-1] == "line 8999"
    assert log_tail(packed[: len(packed) // 2])[-1].startswith("line")
    assert log_tail(packed + gzip.compress(b"\nmore"))[-1] == "more"
    assert log_tail(b"no gzip at all") == [] and log_tail(b"") == []
    assert log_tail(gzip.compress(b"x" * 100_000))[0][:400] == "x" * 400


def test_an_attempts_name_is_the_key_made_safe():
    assert attempt_name(KEY) == KEY
    odd = ["pf-r1-集計-1", "pf-r1-集約-1", "a/b", "a.b", "", "x" * 256, "x" * 257]
    names = [attempt_name(key) for key in odd]
    assert len(set(names)) == len(odd) and names == [attempt_name(key) for key in odd]
    assert all(
        0 < len(name) <= 255 and name.isascii() and "/" not in name and "." not in name for name in names
    )


@pytest.mark.parametrize(
    ("flags", "outcome", "word"),
    [
        ((False, False, False), None, "running"),
        ((False, False, True), None, "canceling"),
        ((True, True, True), Outcome.SUCCEEDED, "success"),
        ((True, False, False), Outcome.FAILED, "error"),
        ((True, False, True), Outcome.CANCELED, "killed"),
    ],
)
def test_without_a_status_the_flags_tell_it(flags, outcome, word):
    done, success, cancel = flags
    given = {"id": 1, "done": done, "success": success, "cancelRequested": cancel}
    attempt = Attempt.model_validate(given)
    assert (attempt.outcome(), attempt.word()) == (outcome, word)


def test_an_unseen_final_word_is_never_a_success():
    attempt = Attempt.model_validate({"id": "1", "done": True, "success": False, "status": "evaporated"})
    assert attempt.outcome() is Outcome.FAILED


@pytest.mark.parametrize(
    ("changed", "hint"),
    [
        ({"session_time": "2026-01-02T03:04:05"}, "offset"),
        ({"session_time": "tomorrow"}, "write it as"),
        ({"session_time": 7}, "write it as"),
        ({"session": "shared", "retry_attempt_name": "a"}, "drop `retry_attempt_name`"),
        ({"session": "shared", "resume": {"mode": "failed", "attempt_id": 1}}, "session: own"),
    ],
)
def test_wrong_parameters_come_with_a_mend(changed, hint):
    with pytest.raises(ValidationError) as caught:
        asked(**changed)
    assert any(hint in str(error.get("ctx", {}).get("hint")) for error in caught.value.errors())


@pytest.mark.parametrize(
    "changed", [{"resume": {"mode": "from", "attempt_id": 1}}, {"retry_attempt_name": "a/b"}, {"project": ""}]
)
def test_other_wrong_parameters_are_refused(changed):
    with pytest.raises(ValidationError):
        asked(**changed)


def test_a_session_time_is_cut_to_the_second_and_params_become_json():
    given = asked(session_time="2026-01-02T03:04:05.999+09:00", params={"at": asked().session_time})
    assert given.session_time == asked().session_time
    assert given.params == {"at": TIME}


def test_a_connection_is_reached_by_region_or_by_address():
    for region, address in REGIONS.items():
        made = TreasureConnection.model_validate({"vendor": "treasure", "region": region, "api_key": SECRET})
        assert made.address() == address and SECRET not in repr(made)
        assert set(made.secrets()) == {SECRET, SECRET.partition("/")[2]}
    for wrong in ({}, {"region": "aws", "base_url": "https://x"}, {"region": "mars"}):
        with pytest.raises(ValidationError):
            TreasureConnection.model_validate({"vendor": "treasure", "api_key": SECRET, **wrong})
    with pytest.raises(ValidationError):
        TreasureConnection.model_validate({"vendor": "treasure", "region": "aws"})
    bare = {"vendor": "treasure", "base_url": "http://127.0.0.1:65432", "api": "oss"}
    assert TreasureConnection.model_validate(bare).secrets() == ()
