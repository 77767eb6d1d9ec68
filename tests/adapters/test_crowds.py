"""A foreach that starts one definition or unit many times: in the engine, with losses, limits and deaths."""

from dataclasses import dataclass

import anyio
import pytest
from emulated import emulated
from jumping_loop import EPOCH
from lived import Step

from pipeforge.adapter import Limits, Outcome
from pipeforge.engine.control import Control
from pipeforge.engine.state import replay
from pipeforge.planning import Foreach, Plan, PlannedStep

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]


@dataclass(frozen=True)
class Case:
    kind: str
    params: dict
    settings: dict
    start: str


CASES = {
    "trocco": Case(
        "trocco.run_job", {"job_definition_id": 7}, {"api_key": "tra_0123456789abcdef"}, "POST /api/jobs"
    ),
    "reckoner": Case(
        "reckoner.run_workflow",
        {"workflow_id": 7},
        {"access_token": "pat_0123456789abcdef"},
        "POST /workflows/{id}/run",
    ),
    "krewdata": Case(
        "krewdata.run_unit",
        {"app_id": 55, "user": "batch"},
        {
            "unit_id": "unit-0123456789",
            "serial_number": "abcdef-jklmno-pqrstu",
            "krewdata_app_url": "https://example.cybozu.com/k/123",
        },
        "POST /{unit}/run",
    ),
}
ALL = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
LISTED = pytest.mark.parametrize("case", [CASES["trocco"], CASES["reckoner"]], ids=["trocco", "reckoner"])
LIMITS = [Limits(), Limits(running=1), Limits(running=3, starts=(2, 60.0)), Limits(starts=(1, 30.0))]


class Crowd(Step):
    """A foreach of so many items over one kind, and another step that starts the same beside it."""

    def __init__(self, there, case, items, limits=None, **more):
        super().__init__(there, case.kind, case.params)
        kind = self.adapter.kind
        each = PlannedStep(
            "it", kind, "conn", (), case.params, foreach=Foreach(list(range(items)), **more), timeout=86_400.0
        )
        beside = PlannedStep("beside", kind, "conn", (), case.params, timeout=86_400.0)
        self.plan = Plan("p", "d", EPOCH, (beside, each), {})
        self.limits = {"conn": limits or there.settings.limits_in_force()}

    async def live(self, **more):
        return await super().live(limits=self.limits, **more)

    def attempts(self):
        states = replay([*self.disk.events, *self.disk.noted]).steps
        return {id_: state for id_, state in states.items() if id_ != "it"}

    def handles(self):
        made = [event for event in self.disk.events if event.type == "step_triggered"]
        return [event.handle.get("job_id") or event.handle.get("task_id") for event in made]


def opened(case):
    return emulated(case.kind.partition(".")[0], **case.settings)


async def ours(there):
    return [job["id"] for job in await there.jobs() if job["by"] == "api"]


@LISTED
@pytest.mark.parametrize("limits", LIMITS, ids=str)
@pytest.mark.parametrize("max_parallel", [None, 2])
async def test_lost_starts_among_many_are_settled_each_by_its_own_job(case, limits, max_parallel):
    async with opened(case) as there:
        crowd = Crowd(there, case, 6, limits, max_parallel=max_parallel)
        await there.fault(route=case.start, do="drop", nth=[2, 6])
        await there.fault(route=case.start, do="lose_answer", nth=[1, 4])
        await crowd.live()
        outcomes = sorted(state.outcome for state in crowd.attempts().values())
        assert outcomes == [Outcome.SUCCEEDED] * 5 + [Outcome.UNKNOWN] * 2
        assert sorted(crowd.handles()) == sorted(await ours(there))


@ALL
@pytest.mark.parametrize("answered", [True, False])
async def test_a_crowd_that_dies_anywhere_goes_on_and_starts_each_once(case, answered):
    for die_at in range(1, 16):
        async with opened(case) as there:
            crowd = Crowd(there, case, 3)
            if await crowd.live_until(die_at, answered=answered):
                await crowd.live()
            states = crowd.attempts()
            assert len(states) == 4
            doubted = [id_ for id_, state in states.items() if state.outcome is Outcome.UNKNOWN]
            assert len(doubted) <= 1
            assert all(state.ok or id_ in doubted for id_, state in states.items()), die_at
            made = await ours(there)
            assert len(set(crowd.handles())) == len(crowd.handles()) == 4 - len(doubted)
            assert set(crowd.handles()) <= set(made) and len(made) <= 4


@LISTED
async def test_an_interrupt_is_heard_by_those_that_wait_for_their_turn(case):
    async with opened(case) as there:
        crowd, control = Crowd(there, case, 5), Control()
        await there.fault(route=case.start, do="drop")
        begin = anyio.current_time()
        async with anyio.create_task_group() as group:

            async def interrupt():
                await anyio.sleep(10)
                control.interrupt()

            group.start_soon(interrupt)
            await crowd.live(control=control)
        assert anyio.current_time() - begin <= 10 + 61
        assert await ours(there) == []
