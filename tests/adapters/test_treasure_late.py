"""treasure.run_workflow when a process dies and another goes on, also long after, and with others about."""

import anyio
import pytest
from emulated import emulated, settle
from lived import DAY, Step

from pipeforge.adapter import Outcome
from pipeforge.adapters.calls import Call
from pipeforge.adapters.treasure.kinds import RunWorkflowParams
from pipeforge.errors import InDoubt, Rejected

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-build-1"
SECRET = "1/" + "c0ffee" * 6 + "abcd"
TIME = "2026-01-02T03:04:05+09:00"
PUT = "PUT /api/attempts"
GIVEN = {"project": "sales", "workflow": "mart", "session_time": TIME}
SHAPES = pytest.mark.parametrize("shape", ["hosted", "oss"])


def asked(**changed):
    return RunWorkflowParams.model_validate({**GIVEN, **changed})


def opened(shape="hosted", limits=None, **course):
    workflows = {"workflows": {"mart": {"course": course}, "other": None}}
    world = {"shape": shape, "credentials": [SECRET], "projects": {"sales": workflows}, **(limits or {})}
    return emulated("treasure", world, api_key=SECRET, api=shape)


@SHAPES
@pytest.mark.parametrize("later", [1.0, DAY])
async def test_a_start_that_never_left_has_its_whole_time_when_it_is_resumed(shape, later):
    async with opened(shape, seconds=600) as there:
        step = Step(there, "treasure.run_workflow", GIVEN)
        assert await step.live(die_after="step_intended") is None
        assert await there.jobs() == []
        await anyio.sleep(later)
        state = await step.live()
        assert (state.outcome, state.detail) == (Outcome.SUCCEEDED, "")
        assert len(await there.jobs()) == 1 and not await there.calls("POST", "/kill")


@SHAPES
@pytest.mark.parametrize("later", [1.0, DAY])
@pytest.mark.parametrize("die_before", ["step_triggered", "step_finished"])
async def test_a_process_that_dies_is_followed_by_one_that_finds_the_attempt(shape, later, die_before):
    async with opened(shape, seconds=600) as there:
        step = Step(there, "treasure.run_workflow", GIVEN)
        assert await step.live(die_before=die_before) is None or die_before == "step_finished"
        await anyio.sleep(later)
        state = await step.live() if die_before == "step_triggered" else None
        assert state is None or state.outcome is Outcome.SUCCEEDED
        assert len(await there.jobs()) == 1 and not await there.calls("POST", "/kill")


@SHAPES
async def test_a_project_made_anew_since_the_start_makes_nobody_start_twice(shape):
    async with opened(shape, seconds=600) as there:
        run = there.adapter("treasure.run_workflow")
        evidence = await run.prepare(asked())
        await run.trigger(asked(), KEY, evidence)
        await there.act("recreate", project="sales")
        with pytest.raises(InDoubt) as caught:
            await run.recover(asked(), KEY, evidence)
        assert KEY in caught.value.hint and len(await there.jobs()) == 1


async def test_sessions_of_other_workflows_are_not_looked_into():
    async with opened(seconds=600) as there:
        run = there.adapter("treasure.run_workflow")
        evidence = await run.prepare(asked())
        handle = await run.trigger(asked(), KEY, evidence)
        await run.trigger(asked(workflow="other"), "pf-r1-other-1", evidence)
        # both rows come, as from a server that knows no such filter
        rows = (await there.client.http.send(Call("GET", "/api/sessions"))).body
        await there.fault(route="GET /api/projects/{id}/sessions", do="rewrite", values=rows)
        assert await run.recover(asked(), KEY, evidence) == handle
        shared = asked(session="shared")
        assert (await run.recover(shared, KEY, evidence))["attempt_id"] == handle["attempt_id"]


async def test_what_somebody_else_started_is_joined_but_never_killed():
    async with opened(seconds=10_000) as there:
        run = there.adapter("treasure.run_workflow")
        await there.act("start", project="sales", workflow="mart", session_time=TIME)
        handle, _ = await settle(run, asked(session="shared"), KEY)
        with pytest.raises(Rejected, match="not started by this run") as caught:
            await run.cancel(handle)
        assert caught.value.hint and not await there.calls("POST", "/kill")


async def test_a_shared_session_that_we_started_is_ours_to_kill():
    async with opened(seconds=10_000) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, asked(session="shared"), KEY)
        await run.cancel(handle)
        assert len(await there.calls("POST", "/kill")) == 1
