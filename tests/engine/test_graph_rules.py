"""Which step runs when: needs, `run_when`, `if`, blocked and skipped, late values."""

import asyncio

import pytest
from scripted_vendor import REJECTED, Script, Vendor, World, late, plan, step

from pipeforge.adapter import Outcome
from pipeforge.engine.needs import Countdown

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

FAILS = Script(course=[("failed", 5)])
UNKNOWN = Script(faults={"trigger": ["lost"]}, recover="cannot")


async def outcomes(*steps, **scripts):
    world = World(*steps, vendor=Vendor(**scripts))
    world.outcome = await world.run()
    return world, world.outcomes()


async def test_an_empty_plan_succeeds():
    world, ends = await outcomes()
    assert (world.outcome, ends) == (Outcome.SUCCEEDED, {})


async def test_a_step_waits_for_all_its_needs_and_no_longer():
    slow, quick = Script(course=[("done", 100)]), Script(course=[("done", 0)])
    world, _ = await outcomes(step("a"), step("b"), step("c", "a", "b"), step("d", "b"), a=slow, b=quick)
    started = {job.name: job.started for job in world.vendor.jobs}
    assert started["d"] - started["b"] < 1
    assert started["c"] - started["a"] >= 100


async def test_independent_steps_run_side_by_side():
    began = asyncio.get_running_loop().time()
    steps = [step(f"s{n}") for n in range(20)]
    await outcomes(*steps, **{f"s{n}": Script(course=[("done", 100)]) for n in range(20)})
    assert asyncio.get_running_loop().time() - began < 200


async def test_what_depends_on_a_failure_is_blocked_and_the_rest_goes_on():
    world, ends = await outcomes(step("a"), step("b", "a"), step("c", "b"), step("d"), a=FAILS)
    assert ends == {"a": "failed", "b": "blocked", "c": "blocked", "d": "succeeded"}
    assert world.outcome is Outcome.FAILED
    assert world.disk.end("b").detail == "needs 'a' (failed)"
    assert {job.name for job in world.vendor.jobs} == {"a", "d"}


async def test_a_failure_handler_runs_only_after_a_failure():
    steps = step("a"), step("b", "a"), step("page", "a", "b", run_when="failure"), step("after", "page")
    bad, ends = await outcomes(*steps, a=FAILS)
    assert ends == {"a": "failed", "b": "blocked", "page": "succeeded", "after": "succeeded"}
    assert bad.outcome is Outcome.FAILED
    good, ends = await outcomes(*steps)
    assert ends == {"a": "succeeded", "b": "succeeded", "page": "skipped", "after": "succeeded"}
    assert good.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("script", [Script(), FAILS, UNKNOWN])
async def test_always_runs_whatever_happened(script):
    _, ends = await outcomes(step("a"), step("b", "a", run_when="always"), a=script)
    assert ends["b"] == "succeeded"


async def test_an_unknown_outcome_blocks_what_depends_on_it_and_weighs_most():
    world, ends = await outcomes(step("a"), step("b", "a"), step("c"), a=UNKNOWN, c=FAILS)
    assert ends == {"a": "unknown", "b": "blocked", "c": "failed"}
    assert world.outcome is Outcome.UNKNOWN


async def test_an_allowed_failure_counts_as_success_downstream():
    world, ends = await outcomes(step("a", allow_failure=True), step("b", "a"), a=FAILS)
    assert ends == {"a": "failed", "b": "succeeded"}
    assert world.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("condition", [False, late("${{ steps.a.outputs.id > 1 }}")])
async def test_a_false_if_skips_and_counts_as_success(condition):
    world, ends = await outcomes(step("a"), step("b", "a", condition=condition), step("c", "b"))
    assert ends == {"a": "succeeded", "b": "skipped", "c": "succeeded"}
    assert world.outcome is Outcome.SUCCEEDED
    assert world.disk.end("b").attempt == 0


async def test_a_true_if_runs():
    _, ends = await outcomes(
        step("a"), step("b", "a", condition=late("${{ steps.a.outcome == 'succeeded' }}"))
    )
    assert ends["b"] == "succeeded"


async def test_an_if_that_is_neither_true_nor_false_fails_the_step():
    world, ends = await outcomes(step("a"), step("b", "a", condition=late("${{ steps.a.outputs.id }}")))
    assert ends["b"] == "failed"
    assert world.disk.end("b").detail == "`if` must give true or false, not 1"


async def test_outputs_reach_the_parameters_of_later_steps_with_their_type():
    params = {"job": "b", "size": late("${{ steps.a.outputs.rows }}")}
    world, _ = await outcomes(step("a"), step("b", "a", params=params), a=Script(outputs={"rows": 41}))
    assert world.vendor.jobs[1].params.size == 41


async def test_the_run_and_the_attempt_have_names():
    params = {"job": late("${{ run.id }} ${{ run.attempt }}")}
    world, _ = await outcomes(step("a", params=params))
    assert world.vendor.jobs[0].name == "r1 1"


async def test_a_template_that_cannot_be_rendered_fails_the_step_alone():
    params = {"job": "b", "size": late("${{ steps.a.outputs.nothing }}")}
    world, ends = await outcomes(step("a"), step("b", "a", params=params), step("c", "a"))
    assert ends == {"a": "succeeded", "b": "failed", "c": "succeeded"}
    assert "nothing" in world.disk.end("b").detail


async def test_wrong_parameters_fail_the_step_and_are_named():
    params = {"job": "b", "size": late("${{ steps.a.outcome }}"), "colour": "red"}
    world, _ = await outcomes(step("a"), step("b", "a", params=params))
    assert world.disk.end("b").detail == (
        "'vendor.run' cannot take these parameters: 'size': input should be a valid integer, got 'succeeded';"
        " 'colour': extra inputs are not permitted, got 'red'"
    )
    assert world.vendor.times("prepare", "b") == []


async def test_a_missing_parameter_is_named():
    world, _ = await outcomes(step("a", params={}))
    assert world.disk.end("a").detail == "'vendor.run' cannot take these parameters: 'job': field required"


async def test_a_refused_step_does_not_stop_the_others():
    _, ends = await outcomes(step("a"), step("b"), a=Script(faults={"trigger": [REJECTED]}))
    assert ends == {"a": "failed", "b": "succeeded"}


async def test_a_long_chain_of_blocked_steps_needs_no_recursion():
    chain = [step("s0"), *(step(f"s{n}", f"s{n - 1}") for n in range(1, 3000))]
    world, ends = await outcomes(*chain, s0=FAILS)
    assert list(ends.values()).count("blocked") == 2999
    assert len(world.vendor.jobs) == 1


def test_a_plan_out_of_order_is_refused_rather_than_waited_for():
    with pytest.raises(ValueError, match="'b' comes before what it needs"):
        Countdown(plan(step("b", "a"), step("a")), ())
