"""The contract of kinds that ask or change, each against its vendor's emulator, under every fault."""

import json
from contextlib import asynccontextmanager

import pytest
from emulated import emulated, settle, watched
from operation_cases import CASES

from pipeforge.adapter import Guarantee, Outcome, Role
from pipeforge.adapters import kinds
from pipeforge.errors import AdapterError, InDoubt, Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-load-1"
READS = [name for name in CASES if kinds()[name].role is Role.READS]
CHANGES = [name for name in CASES if kinds()[name].role is Role.CHANGES]
BLIND = ["drop", "lose_answer", "slow", "html", "empty", "truncated", "rate_limited", "server_error"]
REFUSALS = ["unauthorized", "forbidden", "not_found"]
LOST = ["lose_answer", "empty", "truncated"]
"""Faults of an answer: the work was done before."""


@asynccontextmanager
async def opened(name):
    case = CASES[name]
    async with emulated(name.partition(".")[0], case.world, **case.settings) as there:
        yield there, there.adapter(name), kinds()[name].params.model_validate(case.params)


def clean(there, value):
    """JSON, and without a secret in clear."""
    text = value if isinstance(value, str) else json.dumps(value)
    assert not [secret for secret in there.settings.secrets() if len(secret) > 3 and secret in text]
    return json.loads(text) if not isinstance(value, str) else value


async def done(there, name):
    """How many requests of the route were answered well, whether or not the answer came."""
    rows = (await there.admin.get("/_emulator/calls", params={"vendor": there.vendor})).json()
    return sum(f"{row['method']} {row['route']}" == CASES[name].route and _well(row) for row in rows)


def _well(row):
    return row["worked"] is not None and 200 <= row["worked"] < 300


@pytest.mark.parametrize("name", CASES)
async def test_it_is_asked_and_answers(name):
    async with opened(name) as (there, adapter, params):
        evidence = clean(there, await adapter.prepare(params))
        handle = clean(there, await adapter.trigger(params, KEY, evidence))
        seen = await adapter.observe(handle)
        assert (seen.outcome, seen.warning) == (Outcome.SUCCEEDED, "")
        found = clean(there, dict(seen.outputs))
        adapter.kind.outputs.model_validate_json(json.dumps(found))
        for expected, value in CASES[name].gives.items():
            assert found[expected] == value, (expected, found)


@pytest.mark.parametrize("fault", BLIND)
@pytest.mark.parametrize("name", READS)
async def test_a_question_that_was_not_answered_is_asked_again(name, fault):
    async with opened(name) as (there, adapter, params):
        handle = await adapter.trigger(params, KEY, {})
        await there.fault(route=CASES[name].route, do=fault, seconds=1000.0)
        with pytest.raises(AdapterError) as caught:
            await adapter.observe(handle)
        clean(there, str(caught.value) + caught.value.hint)
        await there.clear_faults()
        seen, _, _ = await watched(adapter, handle)
        assert seen.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("fault", REFUSALS)
@pytest.mark.parametrize("name", READS)
async def test_a_refused_question_fails_and_says_why(name, fault):
    async with opened(name) as (there, adapter, params):
        await there.fault(route=CASES[name].route, do=fault)
        seen = await adapter.observe(await adapter.trigger(params, KEY, {}))
        assert seen.outcome is Outcome.FAILED
        assert clean(there, seen.detail)


@pytest.mark.parametrize("name", CASES)
async def test_wrong_types_end_in_an_answer_or_an_error_of_ours(name):
    async with opened(name) as (there, adapter, params):
        await there.fault(do="wrong_types")
        try:
            seen = await adapter.observe(await adapter.trigger(params, KEY, await adapter.prepare(params)))
        except AdapterError as error:
            clean(there, str(error) + error.hint)
        else:
            adapter.kind.outputs.model_validate_json(json.dumps(clean(there, dict(seen.outputs))))


@pytest.mark.parametrize("fault", REFUSALS)
@pytest.mark.parametrize("name", CHANGES)
async def test_a_refused_change_is_final_and_changes_nothing(name, fault):
    async with opened(name) as (there, adapter, params):
        evidence = await adapter.prepare(params)
        await there.fault(route=CASES[name].route, do=fault)
        with pytest.raises(Rejected) as caught:
            await adapter.trigger(params, KEY, evidence)
        assert clean(there, str(caught.value) + caught.value.hint)
        assert await done(there, name) == 0


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_that_was_put_off_was_not_made(name):
    async with opened(name) as (there, adapter, params):
        evidence = await adapter.prepare(params)
        await there.fault(route=CASES[name].route, do="rate_limited", nth=1, retry_after=3)
        try:
            await adapter.trigger(params, KEY, evidence)
        except Transient as error:
            clean(there, str(error))
            assert await done(there, name) == 0
        else:
            assert adapter.kind.guarantee is Guarantee.IDEMPOTENT


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_whose_answer_was_lost_is_repeated_only_where_that_does_no_harm(name, fault):
    async with opened(name) as (there, adapter, params):
        await there.fault(route=CASES[name].route, do=fault, nth=1)
        try:
            handle, _ = await settle(adapter, params, KEY)
        except InDoubt as doubt:
            assert adapter.kind.guarantee is not Guarantee.IDEMPOTENT
            assert clean(there, doubt.hint)
            assert await done(there, name) == 1
            return
        seen, _, _ = await watched(adapter, clean(there, handle))
        assert seen.outcome is Outcome.SUCCEEDED
        assert adapter.kind.guarantee is Guarantee.IDEMPOTENT or await done(there, name) == 1
