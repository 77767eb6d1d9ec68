"""A lost start is never settled by a job that something else started: trocco's and Reckoner's job lists."""

from dataclasses import dataclass

import anyio
import pytest
from emulated import emulated, recovered, settle
from lived import DAY, Step

from pipeforge.adapter import Outcome
from pipeforge.errors import InDoubt

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-load-1"
MINUTE = 60.0


@dataclass(frozen=True)
class Case:
    kind: str
    params: dict
    settings: dict
    start: str
    other: dict
    """What makes another client of the same API start the same."""


CASES = {
    "trocco": Case(
        "trocco.run_job",
        {"job_definition_id": 7},
        {"api_key": "tra_0123456789abcdef"},
        "POST /api/jobs",
        {"definition": 7},
    ),
    "reckoner": Case(
        "reckoner.run_workflow",
        {"workflow_id": 7},
        {"access_token": "pat_0123456789abcdef"},
        "POST /workflows/{id}/run",
        {"workflow": 7, "trigger": "external_api"},
    ),
}

BOTH = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def opened(case, world=None, **settings):
    return emulated(case.kind.partition(".")[0], world, **case.settings, **settings)


def parts(there, case):
    adapter = there.adapter(case.kind)
    return adapter, adapter.kind.params.model_validate(case.params)


async def numbers(there):
    return [job["id"] for job in await there.jobs()]


def number(handle):
    return handle["job_id"]


@BOTH
@pytest.mark.parametrize("faults", [{"drop": [1]}, {"lose_answer": [1], "drop": [2]}, {"drop": [2, 4]}])
async def test_side_by_side_starts_never_take_each_others_job(case, faults):
    async with opened(case) as there:
        adapter, params = parts(there, case)
        for do, nth in faults.items():
            await there.fault(route=case.start, do=do, nth=nth)
        got, doubted = [], []

        async def start(index):
            try:
                got.append(number((await settle(adapter, params, f"{KEY}-{index}"))[0]))
            except InDoubt:
                doubted.append(index)

        async with anyio.create_task_group() as group:
            for index in range(4):
                group.start_soon(start, index)
        assert sorted(got) == sorted(await numbers(there))
        assert len(doubted) == len(faults["drop"])


@BOTH
@pytest.mark.parametrize("later", [20 * MINUTE, DAY])
async def test_the_next_nights_job_is_not_taken_for_one_that_was_never_started(case, later):
    async with opened(case) as there:
        adapter, params = parts(there, case)
        evidence = await adapter.prepare(params)
        await anyio.sleep(later)
        [there_is] = [(await there.act("start", **case.other))["id"]]
        await anyio.sleep(MINUTE)
        begin = anyio.current_time()
        with pytest.raises(InDoubt, match=str(there_is)) as caught:
            await recovered(adapter, params, KEY, evidence)
        assert "of that time, only others" in caught.value.message
        assert anyio.current_time() - begin < 10.0  # nothing that could still come is waited for


@BOTH
async def test_a_job_of_the_night_is_found_beside_those_that_came_later(case):
    async with opened(case) as there:
        adapter, params = parts(there, case)
        evidence = await adapter.prepare(params)
        await there.fault(route=case.start, do="lose_answer", nth=1)
        with pytest.raises(InDoubt):
            await adapter.trigger(params, KEY, evidence)
        for _ in range(3):
            await anyio.sleep(DAY)
            await there.act("start", **case.other)
        handle = await recovered(adapter, params, KEY, evidence)
        assert number(handle) == (await numbers(there))[0]


@BOTH
@pytest.mark.parametrize("later", [1.0, DAY])
async def test_a_crash_before_the_start_is_unknown_though_another_run_started_the_same(case, later):
    """The other run's job would else be reported as this run's success."""
    async with opened(case) as there:
        step = Step(there, case.kind, case.params)
        assert await step.live(die_after="step_intended") is None
        await anyio.sleep(later)
        if later == DAY:
            await there.act("start", **case.other)
            await anyio.sleep(MINUTE)
        state = await step.live()
        assert state.outcome is Outcome.UNKNOWN
        assert [job for job in await there.jobs() if job["by"] == "api"] == [] or later == DAY
