"""krewdata.run_unit against the emulator: the one-shot token, its seal, conflicts, and what stays unknown."""

import json

import anyio
import pytest
from emulated import emulated, recovered, settle, watched
from pydantic import ValidationError

from pipeforge.adapter import Outcome
from pipeforge.adapters import connections, kinds
from pipeforge.adapters.krewdata.kinds import KrewdataConnection, RunUnitParams
from pipeforge.adapters.krewdata.sealing import Seal
from pipeforge.adapters.krewdata.wire import code_of, other_task
from pipeforge.errors import InDoubt, Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-tell-1"
UNIT = "unit-0123456789"
SERIAL = "abcdef-jklmno-pqrstu-xyz123-456789"
APP = "https://example.cybozu.com/k/123"
SETTINGS = {"unit_id": UNIT, "serial_number": SERIAL, "krewdata_app_url": APP}
RECORD = {"Record Number": {"type": "RECORD_NUMBER", "value": "1"}}
ASKED = RunUnitParams.model_validate({"app_id": 55, "user": "batch", "record": RECORD})
WAITING = ASKED.model_copy(update={"on_conflict": "wait"})
RUN = "POST /{unit}/run"
TOKEN = "POST /{unit}/token"
STATUS = "POST /{unit}/status"
MODES = pytest.mark.parametrize("mode", ["mirror", "always_200"])


def opened(**world):
    return emulated("krewdata", world, **SETTINGS)


def one_unit(**unit):
    return {"units": {UNIT: {"krewdata_app_url": APP, "serial_number": SERIAL, "app_id": "55", **unit}}}


async def tasks(there):
    return [job for job in await there.jobs() if job["by"] == "api"]


@MODES
async def test_a_unit_runs_and_its_flows_are_shown(mode):
    async with opened(**one_unit(flows=["Load", "Sum"]), http_status=mode) as there:
        run = there.adapter("krewdata.run_unit")
        handle, _ = await settle(run, ASKED, KEY)
        seen, words, _ = await watched(run, handle, pace=0.2)
        outputs = run.kind.outputs.model_validate(dict(seen.outputs))
        assert (seen.outcome, words) == (Outcome.SUCCEEDED, ["Queuing", "Running", "Success"])
        assert [(flow.name, flow.status) for flow in outputs.flows] == [
            ("Load", "Success"),
            ("Sum", "Success"),
        ]
        assert (outputs.id, outputs.link, outputs.error_code) == (handle["task_id"], APP, None)
        [call] = await there.calls("POST", "/run")
        assert {k: v for k, v in call["body"].items() if k != "accessToken"} == {
            "user": "batch",
            "appId": "55",
            "record": RECORD,
        }


@MODES
async def test_a_failure_tells_the_vendors_words_and_the_flow(mode):
    world = one_unit(flows=["Load", "Sum"], course={"outcome": "Failure", "failing_flow": 1})
    async with opened(**world, http_status=mode) as there:
        run = there.adapter("krewdata.run_unit")
        handle, _ = await settle(run, ASKED, KEY)
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.FAILED
        assert "settings are incorrect" in seen.detail and "error 33" in seen.detail
        assert "failed flow: Load" in seen.detail
        assert seen.outputs["flows"][1]["status"] == "Cancel"


async def test_a_late_conflict_says_that_nothing_was_executed():
    async with opened(**one_unit(concurrency="fails_late", course={"stages": {"Running": 30}})) as there:
        run = there.adapter("krewdata.run_unit")
        await there.act("start", unit=UNIT)
        handle, _ = await settle(run, ASKED, KEY)
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.FAILED
        assert "error 134" in seen.detail and "nothing was executed" in seen.detail


@MODES
@pytest.mark.parametrize("body", ["sibling", "embedded", "broken"])
async def test_a_conflict_fails_and_its_task_is_never_ours(mode, body):
    world = one_unit(concurrency="refused", course={"stages": {"Running": 30}})
    async with opened(**world, http_status=mode, conflict_body=body) as there:
        run = there.adapter("krewdata.run_unit")
        await there.act("start", unit=UNIT)
        with pytest.raises(Rejected, match=r"Other User is running") as caught:
            await settle(run, ASKED, KEY)
        assert "whose that is, krewData does not say" in caught.value.message
        assert "on_conflict: wait" in caught.value.hint
        assert await tasks(there) == []


@MODES
async def test_a_conflict_may_be_waited_for(mode):
    world = one_unit(concurrency="refused", course={"stages": {"Running": 150}})
    async with opened(**world, http_status=mode) as there:
        run = there.adapter("krewdata.run_unit")
        await there.act("start", unit=UNIT)
        begin = anyio.current_time()
        handle, ways = await settle(run, WAITING, KEY)
        assert ways == ["transient"] * 3 + ["triggered"]
        assert anyio.current_time() - begin >= 150
        assert [task["id"] for task in await tasks(there)] == [handle["task_id"]]
        assert len(await there.calls("POST", "/token")) == 4


async def test_a_used_token_ends_in_doubt_and_starts_nothing_more():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        await there.fault(route=RUN, do="lose_answer", nth=1)
        with pytest.raises(InDoubt, match="its task is lost") as caught:
            await settle(run, ASKED, KEY)
        assert "log app" in caught.value.hint
        assert len(await tasks(there)) == 1
        assert len(await there.calls("POST", "/token")) == 1


async def test_a_run_that_never_arrived_is_started_once_with_the_same_token():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        await there.fault(route=RUN, do="drop", nth=1)
        handle, ways = await settle(run, ASKED, KEY)
        assert ways == ["in doubt", "recovered"]
        assert [task["id"] for task in await tasks(there)] == [handle["task_id"]]
        assert len(await there.calls("POST", "/token")) == 1


async def test_recovery_goes_on_asking_while_answers_are_lost():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        evidence = await run.prepare(ASKED)
        await there.fault(route=RUN, do="drop", first=3)
        handle = await recovered(run, ASKED, KEY, evidence)
        assert [task["id"] for task in await tasks(there)] == [handle["task_id"]]


async def test_a_conflict_while_recovering_settles_nothing():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        evidence = await run.prepare(ASKED)
        await there.fault(route=RUN, do="conflict", first=3)
        handle = await recovered(run, ASKED, KEY, evidence)
        assert [task["id"] for task in await tasks(there)] == [handle["task_id"]]
        await there.clear_faults()
        await there.fault(route=RUN, do="conflict")
        with pytest.raises(InDoubt, match="Other User"):
            await run.recover(ASKED, KEY, await run.prepare(ASKED))


async def test_recovery_gives_up_after_its_window():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        evidence = await run.prepare(ASKED)
        await there.fault(route=RUN, do="drop")
        begin = anyio.current_time()
        with pytest.raises(InDoubt):
            await run.recover(ASKED, KEY, evidence)
        assert 119 < anyio.current_time() - begin < 200


async def test_what_is_refused_for_its_content_was_never_started():
    async with opened(**one_unit()) as there:
        run = there.adapter("krewdata.run_unit")
        wrong = ASKED.model_copy(update={"app_id": "56"})
        evidence = await run.prepare(wrong)
        assert await run.recover(wrong, KEY, evidence) is None
        with pytest.raises(Rejected, match="not call app") as caught:
            await run.trigger(wrong, KEY, evidence)
        assert "calling app" in caught.value.hint


async def test_a_token_that_grew_old_starts_nothing_and_is_replaced():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        evidence = await run.prepare(ASKED)
        await anyio.sleep(601)
        with pytest.raises(Transient, match="Nothing was started"):
            await run.trigger(ASKED, KEY, evidence)
        with pytest.raises(InDoubt, match="cannot be told"):
            await run.recover(ASKED, KEY, evidence)
        await settle(run, ASKED, KEY)
        assert len(await tasks(there)) == 1


async def test_an_unknown_token_is_replaced_once():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        await there.fault(route=RUN, do="token_invalid")
        with pytest.raises(Transient):
            await run.trigger(ASKED, KEY, await run.prepare(ASKED))
        with pytest.raises(Rejected, match="token is invalid"):
            await run.trigger(ASKED, KEY, await run.prepare(ASKED))
        await there.clear_faults()
        await settle(run, ASKED, KEY)
        assert len(await tasks(there)) == 1


@MODES
async def test_a_disabled_unit_is_final_and_never_asked_again(mode):
    async with opened(http_status=mode) as there:
        run = there.adapter("krewdata.run_unit")
        await there.fault(route=TOKEN, do="rate_limited")
        with pytest.raises(Rejected, match="has been disabled") as caught:
            await run.prepare(ASKED)
        assert "enable it" in caught.value.hint
        assert len(await there.calls("POST", "/token")) == 1


async def test_a_lost_token_is_not_asked_for_in_a_burst():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        await there.fault(route=TOKEN, do="lose_answer", nth=1)
        with pytest.raises(Transient):
            await run.prepare(ASKED)
        assert len(await there.calls("POST", "/token")) == 1


async def test_tokens_are_asked_for_four_times_a_minute_at_most():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        told = []
        while len(told) < 9:
            try:
                told.append(await run.prepare(ASKED))
            except Transient as error:
                assert "often enough" in error.message
                await anyio.sleep(error.retry_after)
        times = [call["at"] for call in await there.calls("POST", "/token")]
        assert all(later - earlier >= 59.9 for earlier, later in zip(times, times[4:], strict=False))


async def test_the_limits_keep_a_unit_from_being_disabled():
    limits = KrewdataConnection(vendor="krewdata", **SETTINGS).limits_in_force()
    assert (limits.running, limits.starts) == (1, (4, 60.0))


async def test_a_task_is_read_with_another_token_once_then_said_to_be_unreadable():
    async with opened(status_token="own") as there:
        run = there.adapter("krewdata.run_unit")
        handle, _ = await settle(run, ASKED, KEY)
        foreign = {**handle, "token": (await run.prepare(ASKED))["token"]}
        assert (await run.observe(foreign)).outcome is None
        seen = await run.observe(foreign)
        assert (seen.outcome, seen.word, seen.look_again) == (None, "unreadable", 60.0)
        assert "log app" in seen.warning
        assert len(await there.calls("POST", "/token")) == 3


async def test_another_token_may_read_the_task():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        handle, _ = await settle(run, ASKED, KEY)
        await there.fault(route=STATUS, do="token_invalid", nth=1, body={
            "code": 400, "status": "Bad Request", "description": "Specified accessToken is invalid.",
        })  # fmt: skip
        seen, _, warnings = await watched(run, handle)
        assert (seen.outcome, warnings) == (Outcome.SUCCEEDED, [])
        assert len(await there.calls("POST", "/token")) == 2


async def test_a_lost_task_is_still_running_with_a_warning():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        handle, _ = await settle(run, ASKED, KEY)
        await there.fault(route=STATUS, do="task_lost")
        seen = await run.observe(handle)
        assert seen.outcome is None and "taskId is invalid" in seen.warning


async def test_neither_evidence_nor_handle_shows_the_token_and_another_serial_cannot_read_it():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        evidence = await run.prepare(ASKED)
        token = there.client.seal.open(evidence["token"])
        handle = await run.trigger(ASKED, KEY, evidence)
        assert token not in json.dumps([evidence, handle])
        assert there.client.redactor.text(f"a {token} b {UNIT} c {SERIAL}") == "a *** b *** c ***"
        settings = there.settings.model_copy(
            update={"serial_number": type(there.settings.serial_number)("other")}
        )
        other = connections.adapter(
            kinds()["krewdata.run_unit"], connections.connect("c", settings, app=there.app)
        )
        with pytest.raises(InDoubt, match="another serial number"):
            await other.recover(ASKED, KEY, evidence)


def test_a_seal_is_opened_by_the_same_serial_alone():
    sealed = Seal(SERIAL).close("token")
    assert Seal(SERIAL).open(sealed) == "token"
    assert Seal(SERIAL).close("token") != sealed
    for wrong in (sealed[:-4], "x." + sealed, "", "no dot"):
        with pytest.raises(ValueError):
            Seal(SERIAL).open(wrong)
    with pytest.raises(ValueError):
        Seal("other").open(sealed)
    assert SERIAL not in repr(Seal(SERIAL))


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ('{"code":409,"taskId":"abc-1"}', "abc-1"),
        ('{"description":"Other User is running the execution unit.\\",\\"taskId\\":abc2"}', "abc2"),
        ('Other User is running the execution unit.","taskId":{abc3}', "{abc3"),
        ("nothing", ""),
    ],
)
def test_the_task_of_a_conflict(text, task):
    assert other_task(text) == task


CODES = [
    ({"code": "200"}, 200),
    ({"code": 400}, 400),
    ({"code": True}, None),
    ({"code": "x"}, None),
    (None, None),
]


@pytest.mark.parametrize(("body", "code"), CODES)
def test_the_code_of_a_body(body, code):
    assert code_of(body) == code


@pytest.mark.parametrize(
    ("given", "place", "rule"),
    [
        ({"app_id": "x55"}, ("app_id",), "pipeforge.app_id"),
        ({"user": " "}, ("user",), "pipeforge.user"),
        ({"user ": "batch"}, ("user ",), "extra_forbidden"),
        ({"record": {"n": {"type": "NUMBER", "value": 1}}}, ("record",), "pipeforge.record"),
        ({"record": {"n": {"type": "LOOKUP", "value": "1"}}}, ("record",), "pipeforge.record"),
        ({"on_conflict": "adopt"}, ("on_conflict",), "literal_error"),
    ],
)
def test_what_can_be_found_offline(given, place, rule):
    with pytest.raises(ValidationError) as caught:
        RunUnitParams.model_validate({"app_id": 55, "user": "batch", **given})
    [error] = caught.value.errors()
    assert (error["loc"], error["type"]) == (place, rule)


def test_the_address_of_the_app_is_checked():
    with pytest.raises(ValidationError) as caught:
        KrewdataConnection(vendor="krewdata", **{**SETTINGS, "krewdata_app_url": "https://example.com/123"})
    assert caught.value.errors()[0]["type"] == "pipeforge.krewdata_app_url"
    assert SERIAL not in str(caught.value)
