"""workato.start_recipe and stop_recipe against the emulator: repeatable, over only when it took effect."""

import anyio
import pytest
from emulated import emulated, settle, watched
from lived import DAY, Step

from pipeforge.adapter import Outcome
from pipeforge.adapters.workato.kinds import StartRecipeParams, StopRecipeParams
from pipeforge.errors import Rejected

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-switch-1"
START, STOP = StartRecipeParams(recipe_id=7), StopRecipeParams(recipe_id=7)


def opened(world=None, **recipe):
    return emulated("workato", {"recipes": {7: recipe}, **(world or {})}, api_token="token-of-mine")


async def test_a_start_is_over_when_the_recipe_runs():
    async with opened(running=False, activation=50) as there:
        start = there.adapter("workato.start_recipe")
        handle, _ = await settle(start, START, KEY)
        seen, words, _ = await watched(start, handle, pace=2)
        assert (seen.outcome, words) == (Outcome.SUCCEEDED, ["activating", "running"])
        assert start.kind.outputs.model_validate(dict(seen.outputs)).was_running is False


async def test_what_is_so_already_is_left_alone():
    async with opened(running=True) as there:
        start = there.adapter("workato.start_recipe")
        handle, _ = await settle(start, START, KEY)
        seen, _, _ = await watched(start, handle)
        assert seen.outcome is Outcome.SUCCEEDED and seen.outputs["was_running"]
        assert not await there.calls("PUT", "/start")
    async with opened(running=False) as there:
        stop = there.adapter("workato.stop_recipe")
        handle, _ = await settle(stop, STOP, KEY)
        assert (await watched(stop, handle))[0].outcome is Outcome.SUCCEEDED
        assert not await there.calls("PUT", "/stop")


@pytest.mark.parametrize(
    ("kind", "params", "was"), [("start_recipe", START, False), ("stop_recipe", STOP, True)]
)
@pytest.mark.parametrize("fault", ["lose_answer", "drop", "server_error"])
async def test_a_lost_answer_is_settled_by_looking(kind, params, was, fault):
    async with opened(running=was) as there:
        adapter = there.adapter(f"workato.{kind}")
        await there.fault(route=f"PUT *{kind.partition('_')[0]}", do=fault, nth=1)
        handle, _ = await settle(adapter, params, KEY)
        seen, _, _ = await watched(adapter, handle, pace=2)
        assert seen.outcome is Outcome.SUCCEEDED
        assert (await there.client.get_recipe(7)).value.running is not was


@pytest.mark.parametrize(
    ("kind", "params", "recipe"),
    [
        ("start_recipe", START, {"running": False, "activation": float("inf")}),
        ("stop_recipe", STOP, {"stopping": 10_000.0}),
    ],
)
async def test_what_never_takes_effect_fails(kind, params, recipe):
    async with opened(**recipe) as there:
        adapter = there.adapter(f"workato.{kind}")
        handle, _ = await settle(adapter, params, KEY)
        begun = anyio.current_time()
        seen, _, _ = await watched(adapter, handle, pace=2)
        assert seen.outcome is Outcome.FAILED and "120s" in seen.detail
        assert anyio.current_time() - begun < 130


async def test_a_start_that_is_refused_while_somebody_else_started_it_is_none():
    async with opened(running=False) as there:
        start = there.adapter("workato.start_recipe")
        evidence = await start.prepare(START)
        await there.act("start", recipe=7)
        await anyio.sleep(1)
        await there.fault(route="PUT *start", do="forbidden")
        handle = await start.trigger(START, KEY, evidence)
        assert (await start.observe(handle)).outcome is Outcome.SUCCEEDED


async def test_a_refused_start_is_final():
    async with opened(running=False, starts=[{"status": 400, "message": "adapter quota"}]) as there:
        with pytest.raises(Rejected, match="adapter quota"):
            await settle(there.adapter("workato.start_recipe"), START, KEY)


async def test_a_stop_waits_for_running_jobs_and_tells_of_waiting_ones():
    async with opened(polls=[3], course={"seconds": 60}) as there:
        await there.client.poll_now(7)
        await anyio.sleep(5)
        stop = there.adapter("workato.stop_recipe")
        handle, _ = await settle(stop, STOP, KEY)
        begun = anyio.current_time()
        seen, words, warnings = await watched(stop, handle, pace=2)
        assert (seen.outcome, words) == (Outcome.SUCCEEDED, ["draining", "stopped"])
        assert anyio.current_time() - begun >= 50
        assert seen.outputs["waiting_jobs"] == 2 and "2 jobs wait" in warnings[0]


async def test_a_stop_need_not_wait():
    async with opened(polls=[3], course={"seconds": 60}) as there:
        await there.client.poll_now(7)
        await anyio.sleep(5)
        stop = there.adapter("workato.stop_recipe")
        handle, _ = await settle(stop, StopRecipeParams(recipe_id=7, drain=False), KEY)
        assert (await stop.observe(handle)).outcome is Outcome.SUCCEEDED


async def test_a_stop_that_cannot_see_jobs_says_so():
    async with opened({"jobs_forbidden": 403}) as there:
        stop = there.adapter("workato.stop_recipe")
        handle, _ = await settle(stop, STOP, KEY)
        seen, _, warnings = await watched(stop, handle)
        assert seen.outcome is Outcome.SUCCEEDED and "cannot be seen" in warnings[0]


@pytest.mark.parametrize("kind", ["start_recipe", "stop_recipe", "poll_recipe"])
async def test_what_cannot_be_canceled_says_so(kind):
    async with opened() as there:
        adapter = there.adapter(f"workato.{kind}")
        assert not adapter.kind.cancellable
        with pytest.raises(Rejected):
            await adapter.cancel({})


@pytest.mark.parametrize("later", [1.0, DAY])
@pytest.mark.parametrize("die", [{"die_after": "step_intended"}, {"die_before": "step_triggered"}])
@pytest.mark.parametrize(
    ("kind", "recipe"),
    [("start_recipe", {"running": False, "activation": 20.0}), ("stop_recipe", {"stopping": 20.0})],
)
async def test_a_switch_is_taken_up_by_another_process(kind, recipe, die, later):
    async with opened(**recipe) as there:
        step = Step(there, f"workato.{kind}", {"recipe_id": 7})
        assert await step.live(**die) is None
        await anyio.sleep(later)
        state = await step.live()
        assert state.outcome is Outcome.SUCCEEDED, state.detail
        assert (await there.client.get_recipe(7)).value.running is (kind == "start_recipe")
        assert len(await there.calls("PUT", kind.partition("_")[0])) == 1


@pytest.mark.parametrize(
    ("kind", "was", "act"), [("start_recipe", True, "stop"), ("stop_recipe", False, "start")]
)
async def test_what_was_so_already_may_be_so_no_more(kind, was, act):
    async with opened(running=was) as there:
        step = Step(there, f"workato.{kind}", {"recipe_id": 7})
        assert await step.live(die_after="step_intended") is None
        await there.act(act, recipe=7)
        await anyio.sleep(DAY)
        state = await step.live()
        assert state.outcome is Outcome.SUCCEEDED, state.detail
        assert (await there.client.get_recipe(7)).value.running is was


@pytest.mark.parametrize("world", [{}, {"ignores_offsets": True}])
async def test_a_running_job_behind_many_that_wait_is_awaited(world):
    async with opened(world, polls=[60], course={"seconds": 60}) as there:
        await there.client.poll_now(7)
        await anyio.sleep(5)
        stop = there.adapter("workato.stop_recipe")
        handle, _ = await settle(stop, STOP, KEY)
        seen, words, warnings = await watched(stop, handle, pace=10)
        if not world:
            assert (words, seen.outputs["waiting_jobs"]) == (["draining", "stopped"], 59)
        assert seen.outcome is Outcome.SUCCEEDED and warnings
        assert ("not all" in warnings[0]) is bool(world)
