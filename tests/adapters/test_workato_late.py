"""Workato recipes when a process dies at any request and another goes on, also late, and with others."""

import anyio
import pytest
from emulated import emulated, settle, watched
from lived import DAY, Step

from pipeforge.adapter import Outcome
from pipeforge.adapters.workato.kinds import PollRecipeParams, RunRecipeParams
from pipeforge.errors import InDoubt

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-poll-1"
POLL, START = "POST *poll_now", "PUT *start"
GOOD, BAD = {"seconds": 5}, {"seconds": 5, "outcome": "failed", "error": "somebody else's row"}
LATER = pytest.mark.parametrize("later", [1.0, DAY])
OTHERS = [GOOD, BAD]
"""Ours is the first job; all that follow are other people's and fail."""


def opened(**recipe):
    given = {"trigger_application": "salesforce", "past_jobs": 3, **recipe}
    return emulated("workato", {"recipes": {7: given}}, api_token="token-of-mine")


def asked(**changed):
    return PollRecipeParams.model_validate({"recipe_id": 7, **changed})


RUNS = RunRecipeParams(recipe_id=7)


async def running(there):
    return (await there.client.get_recipe(7)).value.running


async def test_jobs_long_after_a_poll_are_not_its_jobs():
    async with opened(polls=[1], course=OTHERS) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        await anyio.sleep(DAY)
        await there.act("poll", recipe=7, events=2)
        await anyio.sleep(2)
        seen = await poll.observe(handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome.SUCCEEDED, 1)


async def test_a_poll_without_jobs_does_not_take_those_that_come_later():
    async with opened(polls=[0], course=BAD) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        await anyio.sleep(DAY)
        await there.act("poll", recipe=7, events=1)
        await anyio.sleep(60)
        seen = await poll.observe(handle)
        assert (seen.outcome, seen.word, seen.outputs["jobs"]) == (Outcome.SUCCEEDED, "no_events", 0)


@LATER
@pytest.mark.parametrize("die", [{"die_after": "step_intended"}, {"die_before": "step_triggered"}])
async def test_a_poll_is_taken_up_by_another_process(later, die):
    async with opened(polls=[1], course=OTHERS) as there:
        step = Step(there, "workato.poll_recipe", {"recipe_id": 7})
        assert await step.live(**die) is None
        await anyio.sleep(later)
        if later == DAY and "die_before" in die:
            await there.act("poll", recipe=7, events=1)
            await anyio.sleep(60)
        state = await step.live()
        assert (state.outcome, state.outputs["jobs"]) == (Outcome.SUCCEEDED, 1), state.detail
        assert len(await there.calls("POST", "/poll_now")) == 1


@LATER
@pytest.mark.parametrize("activation", [0.3, 60.0])
@pytest.mark.parametrize(
    "die",
    [
        {"die_after": "step_intended"},
        {"die_before": "step_triggered"},
        {"die_after": "step_triggered"},
        {"die_before": "run_finished"},
    ],
)
async def test_a_run_is_taken_up_by_another_process(later, die, activation):
    async with opened(running=False, polls=[1], course=OTHERS, activation=activation) as there:
        step = Step(there, "workato.run_recipe", {"recipe_id": 7})
        assert await step.live(**die) is None
        await anyio.sleep(later)
        if later == DAY and await running(there):
            await there.act("poll", recipe=7, events=1)
            await anyio.sleep(60)
        state = await step.live()
        assert (state.outcome, state.outputs["jobs"]) == (Outcome.SUCCEEDED, 1), state.detail
        assert len(await there.calls("PUT", "/start")) == 1 and not await running(there)


async def test_a_run_that_another_process_finds_over_leaves_a_later_start_alone():
    async with opened(running=False, polls=[1], course=OTHERS) as there:
        run = there.adapter("workato.run_recipe")
        handle, _ = await settle(run, RUNS, KEY)
        assert (await watched(run, handle))[0].outcome is Outcome.SUCCEEDED
        await anyio.sleep(DAY)
        await there.act("start", recipe=7)
        await anyio.sleep(60)
        seen, _, _ = await watched(run, handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome.SUCCEEDED, 1)
        await run.cancel(handle)
        assert await running(there)


@pytest.mark.parametrize("activation", [30.0, 90.0])
@pytest.mark.parametrize("application", ["clock", "salesforce"])
async def test_a_lost_start_that_takes_its_time_is_not_followed_by_a_poll(activation, application):
    recipe = {"polls": [1], "activation": activation, "trigger_application": application}
    async with opened(running=False, **recipe) as there:
        poll = there.adapter("workato.poll_recipe")
        await there.fault(route=START, do="lose_answer", nth=1)
        handle, ways = await settle(poll, asked(ensure_running=True), KEY)
        seen, _, _ = await watched(poll, handle)
        assert ways == ["in doubt", "recovered"]
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome.SUCCEEDED, 1)
        assert not await there.calls("POST", "/poll_now") and len(await there.calls("PUT", "/start")) == 1


async def test_a_recipe_that_was_started_since_it_was_looked_at_has_polled():
    async with opened(running=False, polls=[1], trigger_application="clock") as there:
        poll = there.adapter("workato.poll_recipe")
        evidence = await poll.prepare(asked(ensure_running=True))
        await there.act("start", recipe=7)
        await anyio.sleep(1)
        handle = await poll.trigger(asked(ensure_running=True), KEY, evidence)
        seen, _, _ = await watched(poll, handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome.SUCCEEDED, 1)
        assert not await there.calls("POST", "/poll_now")


@pytest.mark.parametrize(
    ("kind", "params"), [("run_recipe", RUNS), ("poll_recipe", asked(ensure_running=True))]
)
@pytest.mark.parametrize("waiting", [2, 60])
@pytest.mark.parametrize(("outcome", "ours"), [("succeeded", "succeeded"), ("failed", "failed")])
async def test_jobs_that_a_stop_left_waiting_belong_to_the_next_start(kind, params, waiting, outcome, ours):
    course = [{"seconds": 20}, *([{"seconds": 1}] * (waiting - 1)), {"seconds": 1, "outcome": outcome}]
    async with opened(running=True, polls=[waiting + 1, 0], course=course) as there:
        await there.client.poll_now(7)
        await anyio.sleep(5)
        await there.client.stop_recipe(7)
        await anyio.sleep(60)
        adapter = there.adapter(f"workato.{kind}")
        handle, _ = await settle(adapter, params, KEY)
        seen, _, _ = await watched(adapter, handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome(ours), waiting)


async def test_jobs_that_wait_do_not_prove_a_start_that_never_arrived():
    async with opened(running=True, polls=[3, 0], course={"seconds": 20}) as there:
        await there.client.poll_now(7)
        await anyio.sleep(5)
        await there.client.stop_recipe(7)
        await anyio.sleep(60)
        run = there.adapter("workato.run_recipe")
        await there.fault(route=START, do="drop", nth=1)
        handle, ways = await settle(run, RUNS, KEY)
        assert ways == ["in doubt", "not started", "triggered"]
        assert (await watched(run, handle))[0].outputs["jobs"] == 2


@LATER
@pytest.mark.parametrize("stopping", [0.0, 6.0])
async def test_a_run_that_failed_is_told_as_failed_however_late(later, stopping):
    async with opened(running=False, polls=[1], course=BAD, stopping=stopping) as there:
        step = Step(there, "workato.run_recipe", {"recipe_id": 7})
        assert await step.live(die_after="step_triggered") is None
        await anyio.sleep(later)
        state = await step.live()
        assert (state.outcome, "not over" in state.detail) == (Outcome.FAILED, False)
        assert "somebody else's row" in state.detail and not await running(there)


@pytest.mark.parametrize(
    ("kind", "params", "recipe"),
    [("poll_recipe", asked(), {}), ("run_recipe", RUNS, {"running": False})],
)
async def test_a_job_of_hours_later_proves_nothing(kind, params, recipe):
    async with opened(polls=[0, 1], **recipe) as there:
        adapter = there.adapter(f"workato.{kind}")
        evidence = await adapter.prepare(params)
        await anyio.sleep(DAY / 2)
        if recipe:
            await there.act("start", recipe=7)
            await anyio.sleep(60)
        await there.act("poll", recipe=7, events=1)
        await anyio.sleep(60)
        if recipe:
            await there.act("stop", recipe=7)
        with pytest.raises(InDoubt) as caught:
            await adapter.recover(params, KEY, evidence)
        assert "recipe 7" in caught.value.hint
