"""The one contract suite: every kind, against its vendor's emulator, under every fault."""

import json
from dataclasses import dataclass, field

import pytest
from emulated import emulated, settle, watched
from operation_cases import CASES as OPERATIONS

from pipeforge.adapter import Guarantee, Outcome, Role
from pipeforge.adapters import KINDS, connections, kinds
from pipeforge.errors import AdapterError, InDoubt, Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-load-1"
SERIAL = "abcdef-jklmno-pqrstu-xyz123-456789"
APP = "https://example.cybozu.com/k/123"


@dataclass(frozen=True)
class Case:
    """How one kind is asked, which of the vendor's routes start and show its jobs, and what makes it fail."""

    params: dict
    settings: dict
    start: str
    look: str
    failing: dict = field(default_factory=dict)
    """A world in which its job fails; none where nothing of the vendor's can fail."""
    world: dict = field(default_factory=dict)
    prepares: str | None = None
    """A route that `prepare` reads, if it reads any."""


KREWDATA = {"unit_id": "unit-0123456789", "krewdata_app_url": APP, "serial_number": SERIAL}
TD = {"api_key": "1/" + "c0ffee" * 6 + "abcd"}
WORKATO = {"api_token": "wrk-0123456789abcdef"}
MART = {"project": "sales", "workflow": "mart", "session_time": "2026-01-02T03:04:05+09:00"}
STOPPED = {"recipes": {7: {"running": False}}}

CASES = {
    "trocco.run_job": Case(
        params={"job_definition_id": 7, "custom_variables": {"$a$": "1", "$b$": 2}},
        settings={"api_key": "tra_0123456789abcdef"},
        start="POST /api/jobs",
        look="GET /api/jobs/{id}",
        failing={"course": {"outcome": "error"}},
        prepares="GET /api/job_definitions/{id}/jobs",
    ),
    "trocco.run_workflow": Case(
        params={"pipeline_definition_id": 7},
        settings={"api_key": "tra_0123456789abcdef"},
        start="POST /api/pipeline_jobs",
        look="GET /api/pipeline_jobs/{id}",
        failing={"course": {"outcome": "error"}},
    ),
    "krewdata.run_unit": Case(
        params={"app_id": 55, "user": "batch", "record": {"n": {"type": "NUMBER", "value": "1"}}},
        settings=KREWDATA,
        start="POST /{unit}/run",
        look="POST /{unit}/status",
        failing={"course": {"outcome": "Failure"}},
        prepares="POST /{unit}/token",
    ),
    "reckoner.run_workflow": Case(
        params={"workflow_id": 7, "parameters": {"region": "jp"}},
        settings={"access_token": "pat_0123456789abcdef"},
        start="POST /workflows/{id}/run",
        look="GET /workflows/{id}/jobs/{job}",
        failing={"course": {"outcome": "FAILED"}},
        prepares="GET /workflows/{id}/jobs",
    ),
    "treasure.run_workflow": Case(
        params=MART,
        settings=TD,
        start="PUT /api/attempts",
        look="GET /api/attempts/{id}",
        failing={"course": {"outcome": "error"}},
    ),
    "treasure.backfill_schedule": Case(
        params={"project": "sales", "workflow": "mart", "from_time": "2025-11-22T00:00:00Z", "count": 2},
        settings=TD,
        start="POST /api/schedules/{id}/backfill",
        look="GET /api/attempts/{id}",
        failing={"course": {"outcome": "error"}},
        prepares="GET /api/projects/{id}/schedules",
    ),
    "workato.poll_recipe": Case(
        params={"recipe_id": 7},
        settings=WORKATO,
        start="POST /recipes/{id}/poll_now",
        look="GET /recipes/{id}/jobs",
        failing={"course": {"outcome": "failed"}},
        prepares="GET /recipes/{id}/jobs",
    ),
    "workato.run_recipe": Case(
        params={"recipe_id": 7},
        settings=WORKATO,
        start="PUT /recipes/{id}/start",
        look="GET /recipes/{id}/jobs",
        failing={"course": {"outcome": "failed"}, **STOPPED},
        world=STOPPED,
        prepares="GET /recipes/{id}/jobs",
    ),
    "workato.start_recipe": Case(
        params={"recipe_id": 7},
        settings=WORKATO,
        start="PUT /recipes/{id}/start",
        look="GET /recipes/{id}",
        world=STOPPED,
    ),
    "workato.stop_recipe": Case(
        params={"recipe_id": 7},
        settings=WORKATO,
        start="PUT /recipes/{id}/stop",
        look="GET /recipes/{id}",
    ),
}

STARTS = {"trocco", "krewdata", "reckoner", "treasure"}
"""Vendors where a start makes a job that /_emulator/calls can count; a Workato recipe makes its own."""

LOST = ("lose_answer", "drop", "html", "empty", "truncated", "server_error")
"""Faults on a start that tell nothing; `html` and `server_error` with the work done and not done."""

BLIND = (
    "drop",
    "html",
    "empty",
    "truncated",
    "slow",
    "server_error",
    "rate_limited",
    "unknown_status",
    "backwards",
)
"""Faults on a look that must not end a job."""

MAY_DOUBT = {
    True: (Guarantee.AT_MOST_ONCE, Guarantee.JOURNALED),
    False: (Guarantee.RECONCILABLE, Guarantee.JOURNALED),
}
"""By whether the work was done: the guarantees under which a lost answer may end in doubt."""

ALL = pytest.mark.parametrize("name", CASES)
IDEMPOTENT = {name for name in CASES if kinds()[name].guarantee is Guarantee.IDEMPOTENT}
ONCE = pytest.mark.parametrize("name", [name for name in CASES if name not in IDEMPOTENT])
"""Kinds whose start is never repeated unasked."""


def opened(name, world=None):
    case = CASES[name]
    return emulated(name.partition(".")[0], case.world if world is None else world, **case.settings)


def parts(there, name):
    adapter = there.adapter(name)
    return adapter, adapter.kind.params.model_validate(CASES[name].params)


async def started(there):
    """How many jobs calls of ours started."""
    rows = (await there.admin.get("/_emulator/calls", params={"vendor": there.vendor})).json()
    return sum(row["started"] is not None for row in rows)


def secrets_of(there):
    return [secret for secret in there.settings.secrets() if len(secret) > 3]


def clean(there, value):
    """JSON, and without a secret in clear."""
    text = value if isinstance(value, str) else json.dumps(value)
    assert not [secret for secret in secrets_of(there) if secret in text]
    return value


def test_every_kind_is_in_one_of_the_two_suites():
    assert {*CASES, *OPERATIONS} == set(KINDS)
    assert not set(CASES) & set(OPERATIONS)
    assert {name for name in KINDS if kinds()[name].role is Role.RUNS} <= set(CASES)


@ALL
async def test_it_starts_is_watched_and_succeeds(name):
    async with opened(name) as there:
        adapter, params = parts(there, name)
        evidence = clean(there, await adapter.prepare(params))
        handle = clean(there, await adapter.trigger(params, KEY, json.loads(json.dumps(evidence))))
        seen, _, warnings = await watched(adapter, json.loads(json.dumps(handle)))
        assert (seen.outcome, warnings) == (Outcome.SUCCEEDED, [])
        adapter.kind.outputs.model_validate(clean(there, dict(seen.outputs)))
        if there.vendor in STARTS:
            assert await started(there) == 1


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.failing])
async def test_a_failure_is_a_failure_and_says_why(name):
    async with opened(name, CASES[name].failing) as there:
        adapter, params = parts(there, name)
        handle, _ = await settle(adapter, params, KEY)
        seen, _, _ = await watched(adapter, handle)
        assert seen.outcome is Outcome.FAILED
        assert clean(there, seen.detail)


ALWAYS_DONE = ("lose_answer", "empty", "truncated")
"""These faults strike an answer: the work was done before."""


@ALL
@pytest.mark.parametrize(
    ("fault", "done"),
    [(fault, done) for fault in LOST for done in (True, False) if done or fault not in ALWAYS_DONE],
)
async def test_a_lost_answer_never_starts_a_second_job(name, fault, done):
    async with opened(name) as there:
        adapter, params = parts(there, name)
        await there.fault(route=CASES[name].start, do=fault, nth=1, after=done)
        try:
            handle, ways = await settle(adapter, params, KEY)
        except InDoubt as doubt:
            assert adapter.kind.guarantee in MAY_DOUBT[done]
            assert doubt.hint
            clean(there, doubt.message + doubt.hint)
        else:
            assert ways[-1] in ("triggered", "recovered")
            seen, _, _ = await watched(adapter, handle)
            assert seen.outcome is Outcome.SUCCEEDED
        if there.vendor in STARTS:
            assert await started(there) <= 1


@ONCE
async def test_a_start_that_certainly_did_not_happen_is_said_to_be_so(name):
    async with opened(name) as there:
        adapter, params = parts(there, name)
        await there.fault(route=CASES[name].start, do="rate_limited", nth=1, retry_after=3)
        evidence = await adapter.prepare(params)
        with pytest.raises((Transient, Rejected)) as caught:
            await adapter.trigger(params, KEY, evidence)
        clean(there, str(caught.value))
        assert await started(there) == 0


@ALL
@pytest.mark.parametrize("fault", ["unauthorized", "forbidden", "not_found"])
async def test_a_clear_refusal_of_a_start_is_final(name, fault):
    async with opened(name) as there:
        adapter, params = parts(there, name)
        await there.fault(route=CASES[name].start, do=fault)
        evidence = await adapter.prepare(params)
        with pytest.raises(Rejected) as caught:
            await adapter.trigger(params, KEY, evidence)
        clean(there, str(caught.value) + caught.value.hint)
        assert await started(there) == 0


@ALL
@pytest.mark.parametrize("fault", BLIND)
async def test_a_look_that_fails_ends_nothing(name, fault):
    async with opened(name) as there:
        adapter, params = parts(there, name)
        handle, _ = await settle(adapter, params, KEY)
        await there.fault(route=CASES[name].look, do=fault, seconds=1000.0)
        for _ in range(3):
            try:
                seen = await adapter.observe(handle)
            except AdapterError as error:
                clean(there, str(error))
            else:
                assert seen.outcome is None or fault in ("unknown_status", "backwards", "slow")
                assert seen.outcome in (None, Outcome.SUCCEEDED)
        await there.clear_faults()
        seen, _, _ = await watched(adapter, handle)
        assert seen.outcome is Outcome.SUCCEEDED


@ALL
async def test_wrong_types_in_every_answer_do_no_harm(name):
    async with opened(name) as there:
        adapter, params = parts(there, name)
        await there.fault(do="wrong_types")
        handle, _ = await settle(adapter, params, KEY)
        seen, _, _ = await watched(adapter, handle)
        assert seen.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.prepares])
@pytest.mark.parametrize("fault", ["drop", "html", "empty", "truncated", "server_error", "forbidden"])
async def test_a_preparation_that_fails_starts_nothing(name, fault):
    async with opened(name) as there:
        adapter, params = parts(there, name)
        await there.fault(route=CASES[name].prepares, do=fault)
        try:
            evidence = await adapter.prepare(params)
        except (Transient, Rejected) as error:
            clean(there, str(error))
            assert await started(there) == 0
            await there.clear_faults()
            evidence = await adapter.prepare(params)
        json.dumps(evidence)


@ALL
async def test_canceling_ends_it_or_is_refused_with_a_hint(name):
    async with opened(name) as there:
        adapter, params = parts(there, name)
        handle, _ = await settle(adapter, params, KEY)
        if not adapter.kind.cancellable:
            with pytest.raises(Rejected) as caught:
                await adapter.cancel(handle)
            assert caught.value.hint
            return
        await adapter.cancel(handle)
        await adapter.cancel(handle)
        seen, _, _ = await watched(adapter, handle)
        assert seen.outcome in (Outcome.CANCELED, Outcome.SUCCEEDED)
        await adapter.cancel(handle)


@ONCE
async def test_another_process_can_settle_a_lost_start(name):
    async with opened(name) as there:
        adapter, params = parts(there, name)
        evidence = json.loads(json.dumps(await adapter.prepare(params)))
        await there.fault(route=CASES[name].start, do="lose_answer", nth=1)
        with pytest.raises(InDoubt):
            await adapter.trigger(params, KEY, evidence)
        fresh = connections.adapter(kinds()[name], connections.connect("conn", there.settings, app=there.app))
        try:
            handle = await fresh.recover(params, KEY, evidence)
        except InDoubt:
            assert adapter.kind.guarantee in (Guarantee.AT_MOST_ONCE, Guarantee.JOURNALED)
            return
        assert handle is not None
        seen, _, _ = await watched(fresh, json.loads(json.dumps(handle)))
        assert seen.outcome is Outcome.SUCCEEDED
