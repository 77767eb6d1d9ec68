"""What a connection allows: jobs at once, starts in a window; fair, exact, and remembered over a restart."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from scripted_vendor import TRANSIENT, Died, Script, Vendor, World, late, step

from pipeforge.adapter import Limits, Outcome
from pipeforge.engine.control import Control
from pipeforge.engine.events import StepIntended
from pipeforge.engine.limits import Gate, Window
from pipeforge.errors import Transient
from pipeforge.planning import Foreach, Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

BUSY = [("running", 0), ("done", 30)]


def many(count: int, **more):
    return [step(f"s{n}", **more) for n in range(count)]


def busy(count: int, course=BUSY, **more) -> Vendor:
    return Vendor(**{f"s{n}": Script(course=course, **more) for n in range(count)})


def most_within(times: list[float], seconds: float) -> int:
    return max(sum(at <= other < at + seconds for other in times) for at in times)


async def test_no_more_jobs_at_once_than_allowed_first_come_first_served():
    world = World(*many(12), vendor=busy(12), limits={"vendor": Limits(running=3)})
    assert await world.run() is Outcome.SUCCEEDED
    assert world.vendor.most_running == 3
    assert [job.name for job in world.vendor.jobs] == [f"s{n}" for n in range(12)]


async def test_connections_do_not_wait_for_each_other():
    steps = [step("a"), step("b"), step("c", connection="other")]
    vendor = Vendor(a=Script(course=[("done", 500)]))
    world = World(*steps, vendor=vendor, limits={"vendor": Limits(running=1)})
    await world.run()
    started = {job.name: job.started for job in vendor.jobs}
    assert started["c"] - started["a"] < 1
    assert started["b"] - started["a"] >= 500


async def test_a_step_between_two_attempts_leaves_its_place_to_others():
    vendor = Vendor(a=Script(courses=[[("failed", 0)], [("done", 0)]]))
    limits = {"vendor": Limits(running=1)}
    world = World(step("a", retry=Retry(2, delay=1000)), step("b"), vendor=vendor, limits=limits)
    assert await world.run() is Outcome.SUCCEEDED
    assert [job.name for job in vendor.jobs] == ["a", "b", "a"]


async def test_no_more_starts_in_any_window_than_allowed_however_long_a_request_takes():
    slow = {"trigger": [7.0], "prepare": [11.0]}
    vendor = Vendor(**{f"s{n}": Script(faults=slow if n % 3 == 0 else {}) for n in range(14)})
    world = World(*many(14), vendor=vendor, limits={"vendor": Limits(starts=(4, 60.0))})
    assert await world.run() is Outcome.SUCCEEDED
    started = [job.started for job in vendor.jobs]
    assert most_within(started, 60) == 4
    assert max(started) - min(started) < 60 * 5


async def test_every_try_counts_as_a_start():
    vendor = Vendor(a=Script(faults={"trigger": [TRANSIENT] * 9}))
    world = World(step("a"), vendor=vendor, limits={"vendor": Limits(starts=(2, 60.0))})
    assert await world.run() is Outcome.SUCCEEDED
    assert most_within(vendor.times("trigger"), 60) <= 2


async def test_waiting_for_a_turn_is_no_part_of_the_timeout():
    limits = {"vendor": Limits(starts=(1, 600.0))}
    world = World(*many(4, timeout=60), vendor=busy(4), limits=limits)
    assert await world.run() is Outcome.SUCCEEDED


async def test_starts_of_the_process_before_are_counted():
    limits = {"vendor": Limits(starts=(3, 600.0))}
    world = World(*many(4), vendor=busy(4), limits=limits)
    with pytest.raises(Died):
        await world.run(die_at=25)
    before = len(world.vendor.times("trigger"))
    assert before
    assert await world.run() is Outcome.SUCCEEDED
    assert most_within(world.vendor.times("trigger"), 600) <= 3
    assert len(world.vendor.jobs) == 4


async def test_jobs_of_the_process_before_take_up_room():
    limits = {"vendor": Limits(running=2)}
    names = [f"s{n}" for n in range(6)]
    each = step("each", foreach=Foreach(names), params={"job": late("${{ item }}")})
    world = World(each, step("t"), vendor=busy(6), limits=limits)
    with pytest.raises(Died):
        await world.run(die_at=14)
    assert 0 < len(world.vendor.jobs) <= 2
    assert await world.run() is Outcome.SUCCEEDED
    assert world.vendor.most_running <= 2
    assert len(world.vendor.jobs) == 7


async def test_an_interrupt_ends_the_waiting_for_a_turn():
    world = World(*many(3), vendor=busy(3), limits={"vendor": Limits(starts=(1, 6000.0))})
    began = asyncio.get_running_loop().time()
    asyncio.get_running_loop().call_later(100, lambda: world.control.interrupt())
    assert await world.run() is None
    assert asyncio.get_running_loop().time() - began < 101
    assert len(world.vendor.jobs) == 1


async def test_a_gate_lets_in_in_order_and_closes():
    inside: list[int] = []
    gate = Gate(2, inside.append, running=1)
    for number in range(4):
        gate.ask(number)
    assert inside == [0]
    gate.leave()
    assert inside == [0, 1]
    gate.close()
    gate.leave()
    assert inside == [0, 1]


async def test_a_place_given_to_one_who_left_is_given_on():
    window = Window(1, 10.0, Control())

    async def take(after: list[float]):
        async with window.turn():
            after.append(asyncio.get_running_loop().time())

    times: list[float] = []
    async with asyncio.TaskGroup() as group:
        first, second = group.create_task(take(times)), group.create_task(take([]))
        third = group.create_task(take(times))
        await first
        second.cancel()
    assert third.done()
    assert times[1] - times[0] >= 10
    assert times[1] - times[0] < 11


async def test_a_place_given_in_the_very_moment_of_leaving_is_given_on():
    window, entered = Window(1, 0.0, Control()), []

    async def take(name: str, then=lambda: None):
        async with window.turn():
            entered.append(name)
            await asyncio.sleep(1)
        then()

    async with asyncio.TaskGroup() as group:
        group.create_task(take("first", lambda: second.cancel()))
        second = group.create_task(take("second"))
        group.create_task(take("third"))
    assert entered == ["first", "third"]


async def test_an_intent_without_an_answer_counts_as_a_start_just_now():
    world = World(step("a"), limits={"vendor": Limits(starts=(1, 600.0))})
    world.disk.events.append(
        StepIntended(at=world.clock.now() - timedelta(hours=9), step="a", attempt=1, key="k", evidence={})
    )
    began = asyncio.get_running_loop().time()
    await world.run()
    assert world.vendor.jobs[0].started - began >= 600


async def test_waiting_out_a_retry_after_leaves_the_turn_to_others():
    vendor = Vendor(a=Script(faults={"trigger": [Transient("later", retry_after=5000)]}))
    world = World(step("a"), step("b"), vendor=vendor, limits={"vendor": Limits(starts=(1, 60.0))})
    assert await world.run() is Outcome.SUCCEEDED
    assert [job.name for job in vendor.jobs] == ["b", "a"]
    assert all(b > a for a, b in itertools.pairwise(job.started for job in vendor.jobs))
