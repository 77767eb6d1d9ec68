"""krewData's three operations by their names, its error tables, and the question how a task goes."""

import json

import pytest
from emulated import emulated, settle, watched
from operations_krewdata import SETTINGS, TASK, UNIT, WORLD
from pydantic import ValidationError

from pipeforge.adapter import Outcome
from pipeforge.adapters import kinds
from pipeforge.adapters.krewdata.kinds import RunUnitParams
from pipeforge.errors import Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-ask-1"
MODES = pytest.mark.parametrize("mode", ["mirror", "always_200"])
RUN = RunUnitParams.model_validate({"app_id": 55, "user": "batch"})
TOKEN_ERRORS = [
    "krewdataAppUrl data type is wrong, should be string type.",
    'krewdataAppUrl format is wrong, should be "https://yourdomain/k/appId(/)".',
    "Request path is invalid.",
    "Request type (Webhook/API) is wrong.",
    "serialNumber is not a valid Base64 encoding value.",
    'Specified krewdataAppUrl is invalid, should be "https://yourdomain.cybozu.com/k/{appId}".',
    "Specified unit is invalid.",
    "Token request body schema is wrong.",
]
RUN_ERRORS = [
    "accessToken data type is wrong, should be string type.",
    "app (appId) is not call app of task specified.",
    "record data type is wrong, should be keep with Kintone record.",
    "Run request body schema is wrong.",
    'user is empty or user cannot be found. Pay attention to the spelling of "user".',
]
STATUS_ERRORS = [
    "Request path is invalid.",
    "Specified accessToken is invalid.",
    "Specified taskId is invalid.",
    "Status request body schema is wrong.",
    'taskId is empty or taskId cannot be found. Pay attention to the spelling of "taskId".',
]


def opened(**world):
    return emulated("krewdata", {**WORLD, **world}, **SETTINGS)


def body(words, code=400, status="Bad Request"):
    return {"code": code, "status": status, "description": words}


async def asked(there, task=TASK):
    adapter = there.adapter("krewdata.get_task_status")
    return await adapter.observe(await adapter.trigger(adapter.kind.params(task_id=task), KEY, {}))


async def says(there, operation, words, mode, code=400, status="Bad Request"):
    """Has the operation answer with an error of its table."""
    http = code if mode == "mirror" else 200
    route = f"POST /{{unit}}/{operation}"
    await there.fault(route=route, do="forbidden", status=http, body=body(words, code, status))


@MODES
@pytest.mark.parametrize("words", TOKEN_ERRORS)
async def test_access_token_request_errors_are_final_in_the_vendors_words(words, mode):
    async with opened(http_status=mode) as there:
        await says(there, "token", words, mode)
        with pytest.raises(Rejected, match="token answered 400") as caught:
            await there.adapter("krewdata.run_unit").prepare(RUN)
        assert words in caught.value.message
        assert len(await there.calls("POST", "/token")) == 1


@MODES
async def test_access_token_request_401_illegal_license_and_429_disabled_are_final(mode):
    async with opened(http_status=mode) as there:
        await says(there, "token", "Illegal License.", mode, 401, "Unauthorized")
        with pytest.raises(Rejected, match="Illegal License") as caught:
            await there.adapter("krewdata.run_unit").prepare(RUN)
        assert "licence" in caught.value.hint
        await there.clear_faults()
        await says(there, "token", "The rate limit for API calls has been exceeded.", mode, 429)
        with pytest.raises(Rejected, match="rate limit"):
            await there.adapter("krewdata.run_unit").prepare(RUN)
        assert len(await there.calls("POST", "/token")) == 2


@MODES
@pytest.mark.parametrize("words", RUN_ERRORS)
async def test_execution_request_errors_are_final_and_start_nothing(words, mode):
    async with opened(http_status=mode) as there:
        run = there.adapter("krewdata.run_unit")
        await says(there, "run", words, mode)
        with pytest.raises(Rejected, match="run answered 400") as caught:
            await run.trigger(RUN, KEY, await run.prepare(RUN))
        assert words in caught.value.message


@MODES
@pytest.mark.parametrize("words", STATUS_ERRORS)
async def test_execution_status_check_errors_never_fail_a_run_but_fail_the_question(words, mode):
    async with opened(http_status=mode) as there:
        run = there.adapter("krewdata.run_unit")
        handle, _ = await settle(run, RUN, KEY)
        await says(there, "status", words, mode)
        try:
            assert (await run.observe(handle)).outcome is None
        except Rejected as refusal:  # the engine looks again
            assert words in refusal.message
        seen = await asked(there)
        assert seen.outcome is Outcome.FAILED and words in seen.detail
        await there.clear_faults()
        assert (await watched(run, handle))[0].outcome is Outcome.SUCCEEDED


@MODES
async def test_execution_status_check_tells_how_a_task_ended_and_its_flows(mode):
    async with opened(http_status=mode) as there:
        seen = await asked(there)
        outputs = kinds()["krewdata.get_task_status"].outputs.model_validate(dict(seen.outputs))
        assert seen.outcome is Outcome.SUCCEEDED
        assert (outputs.status, outputs.error_code) == ("Failure", "33")
        assert "settings are incorrect" in (outputs.error_message or "")
        assert [(flow.name, flow.status) for flow in outputs.flows] == [
            ("Load", "Failure"),
            ("Sum", "Cancel"),
        ]
        assert all(
            secret not in json.dumps(dict(seen.outputs)) for secret in SETTINGS.values() if "k/" not in secret
        )


async def test_a_task_that_goes_on_is_an_answer():
    world = {"units": {UNIT: {"past_tasks": [{"stages": {"Running": 9e9}}]}}}
    async with opened(**world) as there:
        seen = await asked(there)
        assert (seen.outcome, seen.outputs["status"]) == (Outcome.SUCCEEDED, "Running")
        assert seen.outputs["flows"][0]["ended_at"] == ""


async def test_one_token_asks_for_any_number_of_tasks_and_is_replaced_once():
    async with opened() as there:
        for _ in range(7):
            assert (await asked(there)).outcome is Outcome.SUCCEEDED
        assert len(await there.calls("POST", "/token")) == 1
        await there.fault(route="POST /{unit}/status", do="forbidden", nth=1, body=body(STATUS_ERRORS[1]))
        assert (await asked(there)).outcome is Outcome.SUCCEEDED
        assert len(await there.calls("POST", "/token")) == 2
        await there.fault(route="POST /{unit}/status", do="forbidden", body=body(STATUS_ERRORS[1]))
        seen = await asked(there)
        assert seen.outcome is Outcome.FAILED and "log app" in seen.detail
        assert len(await there.calls("POST", "/token")) == 3


async def test_a_task_of_this_process_is_asked_for_with_its_own_token():
    async with opened(status_token="own") as there:
        handle, _ = await settle(there.adapter("krewdata.run_unit"), RUN, KEY)
        seen = await asked(there, handle["task_id"])
        assert seen.outcome is Outcome.SUCCEEDED
        assert len(await there.calls("POST", "/token")) == 1
        assert (await asked(there, TASK)).outcome is Outcome.FAILED


async def test_the_question_waits_its_turn_when_the_unit_was_asked_often_enough():
    async with opened() as there:
        run = there.adapter("krewdata.run_unit")
        for _ in range(4):
            await run.prepare(RUN)
        with pytest.raises(Transient, match="often enough"):
            await asked(there)


async def test_a_429_to_the_question_is_asked_again():
    async with opened() as there:
        await there.fault(route="POST /{unit}/status", do="rate_limited", nth=1)
        with pytest.raises(Transient):
            await asked(there)
        assert (await asked(there)).outcome is Outcome.SUCCEEDED


def test_a_token_is_no_parameter():
    with pytest.raises(ValidationError):
        kinds()["krewdata.get_task_status"].params.model_validate({"task_id": TASK, "accessToken": "x"})
