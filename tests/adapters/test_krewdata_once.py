"""krewdata.run_unit lived by the engine: never run twice, never asked too often, never quoting a token."""

import json
from contextlib import suppress

import anyio
import pytest
from emulated import emulated, settle, watched
from lived import DAY, Step

from pipeforge.adapter import Outcome
from pipeforge.adapters import connections
from pipeforge.adapters.krewdata.kinds import RunUnitParams
from pipeforge.errors import AdapterError, InDoubt, Transient
from pipeforge.planning import Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KIND = "krewdata.run_unit"
KEY = "pf-r1-tell-1"
UNIT = "unit-0123456789"
SERIAL = "abcdef-jklmno-pqrstu-xyz123-456789"
SETTINGS = {
    "unit_id": UNIT,
    "serial_number": SERIAL,
    "krewdata_app_url": "https://example.cybozu.com/k/123",
}
PARAMS = {"app_id": 55, "user": "batch"}
ASKED = RunUnitParams.model_validate(PARAMS)
RUN = "POST /{unit}/run"
TOKEN = "POST /{unit}/token"
STATUS = "POST /{unit}/status"

# refusals that are about the moment, not about what was asked: they say nothing of an earlier request
PASSING = [
    {"do": "unit_disabled"},
    {"do": "unauthorized"},
    {"do": "rate_limited"},
    {"do": "not_found"},
    {"do": "forbidden", "body": {"message": "Forbidden"}, "status": 403},
]


def opened(**world):
    return emulated("krewdata", world, **SETTINGS)


async def tasks(there):
    return [job for job in await there.jobs() if job["by"] == "api"]


def most_in_a_minute(times):
    return max(sum(begin <= at < begin + 59.9 for at in times) for begin in times)


async def asked_at(there, *operations):
    return sorted([call["at"] for operation in operations for call in await there.calls("POST", operation)])


@pytest.mark.parametrize("order", ["used_first", "old_first"])
@pytest.mark.parametrize("passing", PASSING, ids=lambda fault: fault["do"])
@pytest.mark.parametrize("later", [1.0, DAY])
async def test_a_passing_refusal_while_recovering_proves_nothing(order, passing, later):
    async with opened(token_order=order) as there:
        step = Step(there, KIND, PARAMS)
        assert await step.live_until(2, answered=True)  # the run was taken; the process died
        await anyio.sleep(later)
        await there.fault(route=RUN, nth=1, **passing)
        state = await step.live()
        assert len(await tasks(there)) == 1, state
        assert state.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("order", ["used_first", "old_first"])
async def test_a_refusal_for_its_content_ends_a_lost_start_as_a_failure(order):
    units = {"units": {UNIT: {"app_id": "56"}}}
    async with opened(**units, token_order=order) as there:
        step = Step(there, KIND, PARAMS)
        await there.fault(route=RUN, do="lose_answer", nth=1)
        state = await step.live()
        assert (state.outcome, await tasks(there)) == (Outcome.FAILED, [])
        assert "not call app" in state.detail


async def test_recovery_asks_no_more_often_than_a_unit_may_be_started_and_keeps_the_reason():
    async with opened() as there:
        run = there.adapter(KIND)
        await there.fault(route=RUN, do="server_error")
        with pytest.raises(InDoubt, match="Internal Server Error"):
            await settle(run, ASKED, KEY)
        times = await asked_at(there, "/run")
        assert len(times) >= 6
        assert most_in_a_minute(times) <= 4


async def test_attempts_after_definite_failures_keep_to_the_rate_also_with_recoveries_between():
    async with opened(course={"outcome": "Failure"}) as there:
        await there.fault(route=RUN, do="drop", nth=[2, 5])
        retry = Retry(max_attempts=9, delay=1.0, backoff="constant")
        limits = {"conn": there.settings.limits_in_force()}
        state = await Step(there, KIND, PARAMS, retry=retry).live(limits=limits)
        assert state.outcome is Outcome.FAILED and len(await tasks(there)) == 9
        assert most_in_a_minute(await asked_at(there, "/token")) <= 4
        assert most_in_a_minute(await asked_at(there, "/run")) <= 4


@pytest.mark.parametrize("fault", ["unit_disabled", "rate_limited", "drop"])
async def test_a_task_that_cannot_be_read_costs_one_token_whatever_becomes_of_it(fault):
    async with opened(status_token="own") as there:
        run = there.adapter(KIND)
        handle, _ = await settle(run, ASKED, KEY)
        foreign = {**handle, "token": (await run.prepare(ASKED))["token"]}
        spent = len(await there.calls("POST", "/token"))
        await there.fault(route=TOKEN, do=fault)
        warned = ""
        for _ in range(10):
            with suppress(AdapterError):
                warned += (await run.observe(foreign)).warning
            await anyio.sleep(30)
        assert len(await there.calls("POST", "/token")) == spent + 1
        assert "log app" in warned


class Tail:
    """An ASGI application that adds some text to the vendor's answers, or takes their end away."""

    def __init__(self, app, ending, *, cut=0, add=b""):
        self.app, self.ending, self.cut, self.add = app, ending, cut, add

    async def __call__(self, scope, receive, send):
        async def spoilt(message):
            if scope["path"].endswith(self.ending):
                message = dict(message)
                if message["type"] == "http.response.start":
                    message["headers"] = [h for h in message["headers"] if h[0] != b"content-length"]
                else:
                    body = message["body"]
                    message["body"] = body[: len(body) - self.cut] + self.add
            await send(message)

        await self.app(scope, receive, spoilt)


@pytest.mark.parametrize("spoilt", [{"cut": 1}, {"cut": 9}, {"add": b"<!-- proxy -->"}], ids=str)
async def test_a_garbled_token_is_not_quoted(spoilt):
    async with opened() as there:
        app = Tail(there.app, "/token", **spoilt)
        run = connections.adapter(there.adapter(KIND).kind, connections.connect("c", there.settings, app=app))
        with pytest.raises(Transient) as caught:
            await run.prepare(ASKED)
        said = str(caught.value) + caught.value.hint
        assert "accessToken" not in said and "unexpected" in said


async def test_a_garbled_answer_to_a_run_is_in_doubt_and_quotes_no_token():
    async with opened() as there:
        app = Tail(there.app, "/run", add=b"<!-- proxy -->")
        run = connections.adapter(there.adapter(KIND).kind, connections.connect("c", there.settings, app=app))
        with pytest.raises(InDoubt, match="has been used"):
            await settle(run, ASKED, KEY)
        assert len(await tasks(there)) == 1


@pytest.mark.parametrize("flows", [None, "none", [1, {"status": 5}], {"a": "b"}], ids=str)
async def test_a_task_ends_however_odd_its_flows_are(flows):
    async with opened() as there:
        run = there.adapter(KIND)
        handle, _ = await settle(run, ASKED, KEY)
        await anyio.sleep(10)
        await there.fault(route=STATUS, do="rewrite", values={"flowInfo": flows})
        seen = await run.observe(handle)
        assert seen.outcome is Outcome.SUCCEEDED
        run.kind.outputs.model_validate(json.loads(json.dumps(dict(seen.outputs))))


@pytest.mark.parametrize("outcome", ["Success", "Failure"])
async def test_an_answer_as_the_document_prints_it_is_understood(outcome):
    """Its flows have keys without quotes, which is no JSON."""
    async with opened(course={"outcome": outcome}, flow_keys="bare") as there:
        run = there.adapter(KIND)
        handle, _ = await settle(run, ASKED, KEY)
        seen, _, _ = await watched(run, handle)
        assert seen.word == outcome
        assert seen.outputs["flows"][0]["name"] == "Flow1"


async def test_a_late_conflict_tells_the_mend():
    units = {UNIT: {"concurrency": "fails_late", "course": {"stages": {"Running": 30}}}}
    async with opened(units=units) as there:
        run = there.adapter(KIND)
        await there.act("start", unit=UNIT)
        handle, _ = await settle(run, ASKED, KEY)
        seen, _, _ = await watched(run, handle)
        assert "`retry`" in seen.detail


async def test_a_unit_is_not_started_too_often_over_processes_that_die():
    """Each process dies when its intent is on disk, with a token spent; the next one counts it."""
    async with opened() as there:
        limits = {"conn": there.settings.limits_in_force()}
        step = Step(there, KIND, PARAMS, retry=Retry(max_attempts=20), on_ambiguous="retry")
        await there.fault(route=RUN, do="token_used")
        for _ in range(8):
            client = connections.connect("conn", there.settings, app=there.app)
            adapter = connections.adapter(step.adapter.kind, client)
            await step.live(die_after="step_intended", limits=limits, adapter=adapter)
            await anyio.sleep(2)
        assert len(await there.calls("POST", "/token")) == 8
        assert most_in_a_minute(await asked_at(there, "/token")) <= 4
