"""Stopping a run: Ctrl-C once and twice, a time budget; what is left can be resumed."""

import asyncio

import pytest
from scripted_vendor import TRANSIENT, Script, Stuck, Vendor, World, step

from pipeforge.adapter import Outcome
from pipeforge.engine.state import Phase
from pipeforge.errors import RunEnded
from pipeforge.planning import Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

LONG = [("running", 0), ("done", 5000)]


def after(seconds: float, do) -> None:
    asyncio.get_running_loop().call_later(seconds, do)


async def stopped(world: World, at: float = 100) -> float:
    """Interrupts a run and gives the seconds that it took to leave."""
    moment: list[float] = []

    def stop():
        moment.append(asyncio.get_running_loop().time())
        world.control.interrupt()

    after(at, stop)
    world.outcome = await world.run()
    return asyncio.get_running_loop().time() - moment[0]


async def test_leave_stops_looking_and_leaves_the_job_to_be_resumed():
    world = World(step("a"), step("b", "a"), vendor=Vendor(a=Script(course=LONG)))
    assert await stopped(world) < 1
    assert world.outcome is None
    assert world.disk.events[-1].type == "run_paused"
    assert world.disk.events[-1].reason == "interrupted"
    assert world.vendor.times("cancel") == []
    assert world.state.steps["a"].phase is Phase.TRIGGERED
    assert await world.run() is Outcome.SUCCEEDED
    assert [job.name for job in world.vendor.jobs] == ["a", "b"]


async def test_cancel_asks_the_vendor_and_takes_its_word():
    script = Script(course=LONG)
    world = World(step("a", on_interrupt="cancel", retry=Retry(5)), step("b", "a"), vendor=Vendor(a=script))
    assert await stopped(world) < 10
    end = world.disk.end("a")
    assert (end.outcome, end.word) == (Outcome.CANCELED, "killed")
    assert world.outcome is None
    assert await world.run() is Outcome.FAILED
    assert world.outcomes() == {"a": "canceled", "b": "blocked"}
    assert len(world.vendor.jobs) == 1


async def test_a_job_the_vendor_calls_failed_after_our_cancel_was_canceled():
    script = Script(course=LONG, on_cancel="failed")
    world = World(step("a", on_interrupt="cancel", retry=Retry(5)), vendor=Vendor(a=script))
    await stopped(world)
    assert (world.disk.end("a").outcome, world.disk.end("a").word) == (Outcome.CANCELED, "failed")


async def test_a_job_that_succeeds_during_the_cancel_succeeded():
    script = Script(course=LONG, on_cancel="done")
    world = World(step("a", on_interrupt="cancel"), vendor=Vendor(a=script))
    await stopped(world)
    assert world.outcome is Outcome.SUCCEEDED


async def test_no_word_within_the_grace_leaves_it_to_be_resumed():
    script = Script(course=LONG, on_cancel=None)
    world = World(step("a", on_interrupt="cancel"), vendor=Vendor(a=script), grace=45)
    assert 45 <= await stopped(world) < 50
    assert world.outcome is None
    assert world.disk.of("step_finished") == []


async def test_a_job_that_ends_later_after_our_cancel_was_canceled_by_us_and_is_not_retried():
    script = Script(course=[("running", 0), ("failed", 1000)], on_cancel=None)
    world = World(step("a", on_interrupt="cancel", retry=Retry(3)), vendor=Vendor(a=script))
    await stopped(world)
    assert world.outcome is None
    assert await world.run() is Outcome.FAILED
    assert (world.disk.end("a").outcome, world.disk.end("a").word) == (Outcome.CANCELED, "failed")
    assert len(world.vendor.jobs) == 1


async def test_a_job_the_user_canceled_that_times_out_after_the_resume_is_still_not_retried():
    script = Script(course=[("running", 0)], on_cancel=None)
    steps = step("a", on_interrupt="cancel", timeout=1000, retry=Retry(3))
    world = World(steps, vendor=Vendor(a=script))
    await stopped(world)
    script.on_cancel = "killed"
    assert await world.run() is Outcome.FAILED
    assert (world.disk.end("a").outcome, len(world.vendor.jobs)) == (Outcome.CANCELED, 1)


async def test_what_cannot_be_canceled_says_so_and_is_left():
    world = World(step("a", on_interrupt="cancel", uses=Stuck), vendor=Vendor(a=Script(course=LONG)))
    assert await stopped(world) < 1
    assert world.vendor.times("cancel") == []
    (warning,) = world.disk.of("step_warned")
    assert warning.message == "a job of 'vendor.stuck' cannot be canceled; it is left running"


async def test_a_trigger_under_way_is_finished_and_its_handle_kept():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG, faults={"trigger": [20.0]})))
    assert await stopped(world, at=10) >= 10
    assert len(world.disk.of("step_triggered")) == 1


async def test_a_look_under_way_is_cut_short():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG, faults={"observe": [25.0]})))
    assert await stopped(world, at=10) < 1


async def test_a_call_that_hangs_is_left_after_the_grace():
    world = World(step("a"), vendor=Vendor(a=Script(faults={"trigger": [1e7]})), grace=30)
    assert await stopped(world, at=10) <= 61
    assert world.disk.events[-1].type == "run_paused"
    assert await world.run() is Outcome.SUCCEEDED


async def test_the_second_interrupt_leaves_at_once():
    script = Script(course=LONG, on_cancel=None)
    world = World(step("a", on_interrupt="cancel"), vendor=Vendor(a=script), grace=600)
    after(110, lambda: world.control.interrupt())
    assert await stopped(world, at=100) < 11
    assert world.control.aborted
    assert world.disk.events[-1].type == "run_paused"


async def test_two_interrupts_in_one_stroke_leave_at_once():
    world = World(step("a", on_interrupt="cancel"), vendor=Vendor(a=Script(course=LONG)), grace=600)
    after(100, lambda: (world.control.interrupt(), world.control.interrupt()))
    assert await world.run() is None
    assert world.disk.events[-1].type == "run_paused"
    assert "before step_canceling" not in world.vendor.seams.names


async def test_a_recovery_that_gets_no_answer_is_left_to_the_resume():
    script = Script(faults={"trigger": ["lost"], "recover": [TRANSIENT] * 99})
    world = World(step("a"), vendor=Vendor(a=script))
    assert await stopped(world) < 1
    assert world.outcome is None
    assert world.state.steps["a"].phase is Phase.INTENDED


async def test_an_interrupt_while_a_timed_out_job_is_being_canceled_judges_nothing_yet():
    script = Script(course=[("running", 0), ("failed", 500)], on_cancel=None)
    world = World(step("a", timeout=90), vendor=Vendor(a=script), grace=60)
    await stopped(world, at=100)
    assert world.outcome is None
    assert world.disk.of("step_finished") == []


async def test_waiting_between_tries_and_between_attempts_ends_at_once():
    flaky = Script(faults={"trigger": [TRANSIENT] * 50})
    failing = Script(course=[("failed", 0)])
    steps = step("a"), step("b", retry=Retry(2, delay=5000))
    world = World(*steps, vendor=Vendor(a=flaky, b=failing))
    assert await stopped(world) < 1
    assert world.disk.of("step_finished") == []
    assert world.state.steps["a"].phase is Phase.DEFERRED
    assert world.state.steps["b"].phase is Phase.RETRYING


async def test_nothing_starts_after_an_interrupt_not_even_a_handler():
    world = World(
        step("a", on_interrupt="cancel"),
        step("b", "a", run_when="always"),
        vendor=Vendor(a=Script(course=LONG)),
    )
    await stopped(world)
    assert [job.name for job in world.vendor.jobs] == ["a"]
    assert await world.run() is Outcome.FAILED
    assert [job.name for job in world.vendor.jobs] == ["a", "b"]


async def test_an_interrupt_before_the_run_starts_nothing():
    world = World(step("a"))
    world.control.interrupt()
    assert await world.run(control=world.control) is None
    assert world.vendor.jobs == []


async def test_max_time_leaves_everything_whatever_on_interrupt_says():
    vendor = Vendor(a=Script(course=LONG), b=Script(course=LONG))
    steps = step("a", on_interrupt="cancel"), step("b")
    world = World(*steps, vendor=vendor, max_time=500)
    began = asyncio.get_running_loop().time()
    assert await world.run() is None
    assert 500 <= asyncio.get_running_loop().time() - began < 501
    assert (world.disk.events[-1].reason, world.control.reason) == ("max_time", "max_time")
    assert vendor.times("cancel") == []
    world.terms.clear()
    assert await world.run() is Outcome.SUCCEEDED
    assert len(vendor.jobs) == 2


async def test_a_run_that_ends_in_time_does_not_wait_for_its_budget():
    world = World(step("a"), max_time=5000)
    began = asyncio.get_running_loop().time()
    assert await world.run() is Outcome.SUCCEEDED
    assert asyncio.get_running_loop().time() - began < 100


async def test_a_run_that_ended_refuses_to_go_on():
    world = World(step("a"))
    await world.run()
    with pytest.raises(RunEnded, match="run 'r1' has ended \\(succeeded\\)"):
        await world.run()
    assert len(world.vendor.jobs) == 1


async def test_a_canceled_execute_takes_its_tasks_along():
    world = World(step("a"), vendor=Vendor(a=Script(course=LONG)))
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(world.run())
    await asyncio.sleep(100)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    assert await world.run() is Outcome.SUCCEEDED
    assert len(world.vendor.jobs) == 1
