"""The process dies at every place where a run touches disk or vendor; no attempt ever starts two jobs."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jumping_loop import run_jumping
from scripted_vendor import TRANSIENT, Died, Script, Vendor, World, late, step

from pipeforge.adapter import Limits
from pipeforge.engine.state import replay
from pipeforge.planning import Foreach, Retry

SLOW = [("queued", 0), ("running", 5), ("done", 40)]


def plain() -> World:
    return World(step("a"), vendor=Vendor(a=Script(course=SLOW)))


def faulty() -> World:
    """Answers lost, requests dropped, tries that never started, failures, an `if`, a foreach, a handler."""
    items = step(
        "each", "a", foreach=Foreach(["x", "y"], max_parallel=1), params={"job": late("${{ item }}")}
    )
    vendor = Vendor(
        a=Script(course=SLOW, faults={"trigger": [TRANSIENT, "dropped", "lost"]}),
        b=Script(courses=[[("failed", 20)], [("failed", 0)], SLOW], faults={"prepare": [TRANSIENT]}),
        x=Script(faults={"trigger": ["lost"], "recover": [TRANSIENT]}),
        bad=Script(course=[("failed", 3)]),
    )
    return World(
        step("a"),
        step("b", "a", retry=Retry(3, delay=30)),
        items,
        step("off", "b", condition=False),
        step("bad", "off"),
        step("blocked", "bad"),
        step("page", "each", "blocked", run_when="failure"),
        vendor=vendor,
        limits={"vendor": Limits(running=2, starts=(3, 50.0))},
    )


def timing_out() -> World:
    vendor = Vendor(a=Script(courses=[[("running", 0)], SLOW], faults={"cancel": [TRANSIENT]}))
    return World(step("a", timeout=100, retry=Retry(2, delay=10)), step("b", "a"), vendor=vendor)


WORLDS: list[Callable[[], World]] = [plain, faulty, timing_out]


async def whole(make: Callable[[], World]) -> tuple[World, int]:
    """The run as it goes when nothing dies, and how many seams it passes."""
    world = make()
    world.outcome = await world.run()
    return world, world.vendor.seams.passed


async def survive(world: World, deaths: list[int]) -> None:
    """Dies at each of these seams, one process after the other, then runs to the end."""
    for die_at in deaths:
        try:
            world.outcome = await world.run(die_at=die_at)
            return
        except Died:
            await asyncio.sleep(1)
        world.state = replay(world.disk.events)
        world.outcome = world.state.outcome
        if world.outcome is not None:
            return  # it died with its last event on disk
    world.outcome = await world.run()


def triggered_once(world: World) -> None:
    assert not [key for key, count in Counter(world.vendor.keys()).items() if count > 1]
    intended = [event.key for event in world.disk.of("step_intended")]
    assert set(world.vendor.keys()) <= set(intended)


@pytest.mark.parametrize("make", WORLDS)
def test_dying_once_anywhere_changes_nothing_but_the_time(make):
    async def main() -> None:
        wanted, seams = await whole(make)
        for die_at in range(1, seams + 1):
            world = make()
            await survive(world, [die_at])
            triggered_once(world)
            assert world.outcome is wanted.outcome, die_at
            assert world.outcomes() == wanted.outcomes(), die_at
            assert replay(world.disk.events) == world.state

    run_jumping(main())


@settings(max_examples=60, deadline=None)
@given(make=st.sampled_from(WORLDS), deaths=st.lists(st.integers(1, 60), min_size=2, max_size=6))
def test_dying_again_and_again_triggers_nothing_twice(make, deaths):
    async def main() -> None:
        wanted, _ = await whole(make)
        world = make()
        await survive(world, deaths)
        triggered_once(world)
        assert world.outcomes() == wanted.outcomes()

    run_jumping(main())


def test_where_nothing_can_be_known_the_end_is_unknown_and_never_a_second_job():
    def make() -> World:
        script = Script(course=SLOW, recover="cannot")
        return World(step("a", retry=Retry(3)), step("b", "a"), vendor=Vendor(a=script))

    async def main() -> None:
        _, seams = await whole(make)
        ends = Counter()
        for die_at in range(1, seams + 1):
            world = make()
            await survive(world, [die_at])
            assert Counter(job.name for job in world.vendor.jobs)["a"] <= 1
            triggered_once(world)
            ends[world.outcomes()["a"], world.outcomes()["b"]] += 1
        assert set(ends) == {("succeeded", "succeeded"), ("unknown", "blocked")}

    run_jumping(main())


def test_an_interrupt_at_any_moment_leaves_a_run_that_can_be_resumed():
    async def main() -> None:
        wanted, _ = await whole(faulty)
        for moment in range(0, 300, 7):
            world = faulty()
            asyncio.get_running_loop().call_later(moment, lambda world=world: world.control.interrupt())
            world.outcome = await world.run()
            if world.outcome is None:
                assert world.disk.events[-1].type == "run_paused"
                world.outcome = await world.run()
            triggered_once(world)
            assert world.outcomes() == wanted.outcomes(), moment

    run_jumping(main())
