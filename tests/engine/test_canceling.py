"""A run that a person cancels: its jobs are stopped, it ends for good, and what is in doubt stays told."""

import asyncio

import pytest
from scripted_vendor import TRANSIENT, Died, Script, Stuck, Vendor, World, late, step

from pipeforge.adapter import Outcome
from pipeforge.engine.control import Cancel, Control
from pipeforge.engine.state import Phase
from pipeforge.errors import RunEnded
from pipeforge.planning import Foreach, Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

LONG = [("running", 0), ("done", 50_000)]
WISH = Cancel("mika@plant")
LEAVE = Cancel("mika@plant", leave=True)


def canceled(wish=WISH):
    """What somebody who takes the run over to cancel it brings along."""
    control = Control()
    control.cancel(wish)
    return control


async def cancel(world, at=100.0, wish=WISH):
    """Cancels a run that goes on; gives the seconds it took to end."""
    moment = []

    def stop():
        moment.append(asyncio.get_running_loop().time())
        world.control.cancel(wish)

    asyncio.get_running_loop().call_later(at, stop)
    world.outcome = await world.run()
    return asyncio.get_running_loop().time() - moment[0]


def types(world):
    return [event.type for event in world.disk.events]


async def test_jobs_are_stopped_and_the_run_ends_for_good():
    vendor = Vendor(a=Script(course=LONG))
    world = World(step("a", retry=Retry(3)), step("b"), step("c", "a"), vendor=vendor)
    assert await cancel(world) < 15
    assert world.outcome is Outcome.CANCELED
    assert world.outcomes() == {"a": "canceled", "b": "succeeded"}
    assert not world.disk.end("a").left
    assert types(world).index("run_canceling") < types(world).index("step_canceling")
    assert (world.disk.events[-1].type, world.disk.events[-1].outcome) == ("run_finished", "canceled")
    with pytest.raises(RunEnded):
        await world.run()
    assert len(vendor.jobs) == 2


async def test_who_canceled_is_told():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG)))
    await cancel(world)
    assert world.state.canceling.by == "mika@plant"


async def test_on_interrupt_leave_is_for_interrupts_alone():
    world = World(step("a", on_interrupt="leave"), vendor=Vendor(a=Script(course=LONG)))
    await cancel(world)
    assert len(world.vendor.times("cancel")) == 1


async def test_what_cannot_be_canceled_is_told_to_go_on():
    world = World(step("a", uses=Stuck), vendor=Vendor(a=Script(course=LONG)))
    assert await cancel(world) < 1
    end = world.disk.end("a")
    assert (end.outcome, end.left) == (Outcome.CANCELED, True)
    assert "cannot be canceled" in end.detail
    assert world.outcome is Outcome.CANCELED


async def test_leave_asks_nobody_to_stop():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG)))
    assert await cancel(world, wish=LEAVE) < 1
    assert world.vendor.times("cancel") == []
    assert world.disk.end("a").left
    assert world.outcome is Outcome.CANCELED


async def test_no_word_within_the_grace_ends_the_run_and_tells_that_the_job_may_go_on():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG, on_cancel=None)), grace=45)
    assert 45 <= await cancel(world) < 50
    assert world.disk.end("a").left
    assert world.outcome is Outcome.CANCELED


async def test_a_run_whose_last_job_succeeds_all_the_same_succeeded():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG, on_cancel="done")))
    await cancel(world)
    assert world.outcome is Outcome.SUCCEEDED


async def test_a_step_between_two_attempts_makes_no_other():
    script = Script(course=[("failed", 0)])
    world = World(step("a", retry=Retry(5, delay=1000)), step("b", "a"), vendor=Vendor(a=script))
    await cancel(world)
    assert world.outcomes() == {"a": "canceled"}
    assert len(world.vendor.jobs) == 1
    assert world.outcome is Outcome.CANCELED


async def test_the_items_of_a_foreach_are_stopped_and_the_rest_never_starts():
    each = step(
        "a",
        params=late({"job": "${{ item }}"}),
        foreach=Foreach(["x", "y", "z", "w"], "item", max_parallel=2),
    )
    world = World(each, vendor=Vendor(x=Script(course=LONG), y=Script()))
    world.vendor.scripts["z"] = Script(course=LONG)
    await cancel(world)
    assert world.outcomes() == {"a[0]": "canceled", "a[1]": "succeeded", "a[2]": "canceled", "a": "canceled"}
    assert world.outcome is Outcome.CANCELED


async def test_somebody_else_cancels_what_a_lost_process_left():
    world = World(step("a"), step("b", "a"), vendor=Vendor(a=Script(course=LONG)))
    with pytest.raises(Died):
        await world.run(die_at=12)
    assert world.state.steps["a"].phase is Phase.TRIGGERED
    assert await world.run(control=canceled()) is Outcome.CANCELED
    assert world.disk.end("a").word == "killed"
    assert len(world.vendor.jobs) == 1


async def test_somebody_else_leaves_the_jobs_of_a_lost_process_alone():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG)))
    with pytest.raises(Died):
        await world.run(die_at=12)
    assert await world.run(control=canceled(LEAVE)) is Outcome.CANCELED
    assert world.disk.end("a").left
    assert world.vendor.times("cancel") == []


async def test_items_that_a_lost_process_left_are_canceled():
    each = step("a", params=late({"job": "${{ item }}"}), foreach=Foreach(["x", "y", "z"], "item", 2))
    scripts = {name: Script(course=LONG) for name in "xyz"}
    world = World(each, vendor=Vendor(**scripts))
    asyncio.get_running_loop().call_later(100, lambda: world.control.abort())
    assert await world.run() is None
    assert await world.run(control=canceled()) is Outcome.CANCELED
    assert [job.killed for job in world.vendor.jobs] == ["killed", "killed"]
    assert world.outcomes() == {"a[0]": "canceled", "a[1]": "canceled", "a": "canceled"}


async def test_an_intent_is_asked_for_first_and_its_job_is_canceled():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG, faults={"trigger": ["lost"]})))
    with pytest.raises(Died):
        await world.run(die_at=7)
    assert world.state.steps["a"].phase is Phase.INTENDED
    assert await world.run(control=canceled()) is Outcome.CANCELED
    (found,) = world.disk.of("step_triggered")
    assert found.adopted
    assert world.vendor.jobs[0].killed


async def test_an_intent_that_started_nothing_ends_without_a_job():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG)))
    with pytest.raises(Died):
        await world.run(die_at=5)
    assert world.state.steps["a"].phase is Phase.INTENDED
    assert await world.run(control=canceled()) is Outcome.CANCELED
    assert world.outcomes() == {"a": "canceled"}
    assert world.vendor.jobs == []


async def test_what_cannot_be_known_keeps_the_run_open_for_a_person():
    script = Script(course=LONG, faults={"trigger": ["lost"]}, recover="cannot")
    world = World(step("a", on_ambiguous="retry"), vendor=Vendor(a=script))
    with pytest.raises(Died):
        await world.run(die_at=7)
    assert await world.run(control=canceled()) is Outcome.UNKNOWN
    assert world.disk.events[-1].reason == "undecided"
    assert len(world.vendor.jobs) == 1


async def test_a_vendor_that_cannot_be_asked_leaves_the_canceling_to_be_gone_on_with():
    script = Script(course=LONG, faults={"trigger": ["lost"], "recover": [TRANSIENT] * 500})
    world = World(step("a"), vendor=Vendor(a=script), grace=30)
    with pytest.raises(Died):
        await world.run(die_at=7)
    assert await world.run(control=canceled()) is None
    assert world.disk.events[-1].reason == "canceling"
    world.vendor._faults.clear()
    assert await world.run() is Outcome.CANCELED  # a resume has nothing else to do
    assert world.vendor.jobs[0].killed


async def test_a_crash_in_the_middle_of_canceling_is_gone_on_with_by_whoever_comes():
    for die_at in range(13, 40):
        world = World(step("a"), step("b", "a"), vendor=Vendor(a=Script(course=LONG)))
        with pytest.raises(Died):
            await world.run(die_at=12)
        try:
            outcome = await world.run(control=canceled(), die_at=die_at - 12)
        except Died:
            if not world.disk.of("run_canceling"):
                assert not world.vendor.times("cancel")  # nothing of it is on disk, so nothing is done
                continue
            ended = world.disk.of("run_finished")
            outcome = ended[0].outcome if ended else await world.run()
        assert outcome is Outcome.CANCELED, die_at
        assert [job.name for job in world.vendor.jobs] == ["a"]
        assert world.vendor.jobs[0].killed


async def test_an_interrupt_while_canceling_leaves_at_once_and_the_wish_stands():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG, on_cancel=None)), grace=600)
    asyncio.get_running_loop().call_later(110, lambda: world.control.interrupt())
    assert await cancel(world) < 11
    assert world.outcome is None
    assert world.disk.events[-1].reason == "canceling"
    world.vendor.scripts["a"].on_cancel = "killed"
    assert await world.run() is Outcome.CANCELED


async def test_a_wish_that_comes_while_the_run_is_being_interrupted_is_left_to_others():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG)))
    asyncio.get_running_loop().call_later(
        100, lambda: (world.control.interrupt(), world.control.cancel(WISH))
    )
    assert await world.run() is None
    assert world.disk.events[-1].reason == "interrupted"
    assert world.disk.of("run_canceling") == []


async def test_a_run_does_not_end_before_the_run_of_a_step_does():
    """What cannot be ended yet of it keeps this one open; another try ends both."""
    world = World(step("a", runs=True), vendor=Vendor(a=Script(course=LONG, on_cancel=None)))
    assert 60 <= await cancel(world) < 65
    assert (world.outcome, world.state.paused) == (None, "canceling")
    assert world.state.steps["a"].in_flight
    world.vendor.jobs[0].killed = "killed"
    assert await world.run(control=canceled()) is Outcome.CANCELED
    assert world.outcomes() == {"a": "canceled"}


async def test_leave_is_for_the_jobs_of_vendors_not_for_runs():
    world = World(step("a", runs=True), vendor=Vendor(a=Script(course=LONG)))
    await cancel(world, wish=LEAVE)
    assert (world.outcome, world.disk.end("a").left) == (Outcome.CANCELED, False)
    assert world.vendor.jobs[0].killed
