"""An interrupt reaches every job that is to be canceled by it, also one whose step's turn has not come."""

import asyncio

import pytest
from scripted_vendor import CONTEXT_TIME, Died, Script, Stuck, Vendor, World, late, plan, step

from pipeforge.adapter import Outcome
from pipeforge.engine.control import Control
from pipeforge.engine.events import StepReopened
from pipeforge.engine.limits import Shared
from pipeforge.engine.state import Phase
from pipeforge.journal import Claim, Wait
from pipeforge.planning import Foreach

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

LONG = [("running", 0), ("done", 1000)]
ITEMS = ["a", "b"]


def each(*needs, items=ITEMS, **more):
    return step("each", *needs, foreach=Foreach(items), params={"job": late("${{ item }}")}, **more)


def pipeline(**more):
    return step("first"), step("second", "first", **more), each("first", **more)


def before(**scripts) -> World:
    """The second step and the items go on, and all is to be done anew as soon as the first one is."""
    scripts = {name: Script(course=LONG) for name in ("second", *ITEMS)} | scripts
    return World(*pipeline(), vendor=Vendor(first=Script(courses=[[("done", 0)], LONG]), **scripts))


async def changed(world: World, *steps) -> None:
    """The process was lost at 50 seconds; the pipeline is another since."""
    asyncio.get_running_loop().call_later(50, lambda: world.control.interrupt())
    assert await world.run() is None
    world.plan = plan(*steps)
    for id_ in ("first", "second", "each[0]", "each[1]"):
        event = StepReopened(at=CONTEXT_TIME, step=id_, attempt=1, reason="changed")
        world.disk.events.append(event)


async def interrupted(world: World, after: float = 50.0) -> None:
    asyncio.get_running_loop().call_later(after, lambda: world.control.interrupt())
    assert await world.run() is None


def killed(world: World) -> list[str]:
    return [job.name for job in world.vendor.jobs if job.killed]


async def test_jobs_that_await_a_redo_are_canceled_and_done_anew_after_it():
    world, now = before(), pipeline(on_interrupt="cancel")
    await changed(world, *now)
    await interrupted(world)
    assert killed(world) == ["second", *ITEMS]
    assert [len(world.vendor.times("cancel", name)) for name in ("second", *ITEMS)] == [1, 1, 1]
    assert world.state.steps["first"].phase is Phase.TRIGGERED  # left, as it says
    assert {world.state.steps[id_].phase for id_ in ("second", "each[0]", "each[1]")} == {Phase.WAITING}
    assert await world.run() is Outcome.SUCCEEDED
    assert [job.name for job in world.vendor.jobs] == [*["first", "second", *ITEMS] * 2]


async def test_what_is_to_be_left_or_cannot_be_canceled_is_left():
    world = before()
    now = step("first"), step("second", "first"), each("first", uses=Stuck, on_interrupt="cancel")
    await changed(world, *now)
    await interrupted(world)
    assert world.vendor.times("cancel") == []
    assert [event.step for event in world.disk.of("step_warned")] == ["each[0]", "each[1]"]
    assert {world.state.steps[id_].phase for id_ in ("second", "each[0]", "each[1]")} == {Phase.TRIGGERED}


async def test_an_item_that_the_list_has_lost_is_canceled_and_never_done_anew():
    world = before()
    await changed(
        world, step("first"), step("second", "first"), each("first", items=["a"], on_interrupt="cancel")
    )
    await interrupted(world)
    assert killed(world) == ITEMS
    assert await world.run() is Outcome.SUCCEEDED
    assert [job.name for job in world.vendor.jobs].count("b") == 1
    assert [job.name for job in world.vendor.jobs].count("a") == 2


async def test_a_foreach_is_not_over_because_its_last_job_was_canceled_out_of_turn():
    world = before()
    await changed(
        world, step("first"), step("second", "first"), each("first", items=[], on_interrupt="cancel")
    )
    await interrupted(world)
    assert killed(world) == ITEMS
    assert "each" not in world.outcomes()
    assert await world.run() is Outcome.SUCCEEDED


async def test_an_interrupt_before_anything_began_cancels_what_an_earlier_process_left():
    world = World(step("one"), each(), vendor=before(one=Script(course=LONG)).vendor)
    asyncio.get_running_loop().call_later(50, lambda: world.control.interrupt())
    assert await world.run() is None
    world.plan = plan(step("one", on_interrupt="cancel"), each(on_interrupt="cancel"))
    control = Control()
    control.interrupt()
    assert await world.run(control=control) is None
    assert killed(world) == ["one", *ITEMS]
    assert world.outcomes() == {"one": "canceled", "each[0]": "canceled", "each[1]": "canceled"}
    assert await world.run() is Outcome.FAILED
    assert len(world.vendor.jobs) == 3


async def test_a_time_budget_cancels_nothing():
    world = before()
    await changed(world, *pipeline(on_interrupt="cancel"))
    world.terms["max_time"] = 50.0
    assert await world.run() is None
    assert world.vendor.times("cancel") == []


class Full:
    """A desk that has no place for the run."""

    async def claim(self, *claims, force=False):
        return Wait(claims[0], 0.0, "r0", "", CONTEXT_TIME, "process 1")

    async def give_back(self, *claims):
        pass

    def let_go(self, *claims):
        pass


async def test_an_interrupt_while_the_run_waits_for_its_place_cancels_too():
    steps = step("one", on_interrupt="cancel"), step("two", "one")
    world = World(*steps, vendor=Vendor(one=Script(course=LONG)))
    with pytest.raises(Died):
        await world.run(die_at=8)
    assert world.disk.of("step_triggered")
    world.terms |= {"place": Claim("mart", 1), "shared": Shared(Full())}
    await interrupted(world)
    assert killed(world) == ["one"]


async def test_no_word_within_the_grace_leaves_it_to_the_next_process():
    world = before(second=Script(course=LONG, on_cancel=None))
    world.terms["grace"] = 30.0
    await changed(world, *pipeline(on_interrupt="cancel"))
    await interrupted(world)
    assert world.state.steps["second"].phase is Phase.TRIGGERED
    assert await world.run() is Outcome.SUCCEEDED
    assert [job.name for job in world.vendor.jobs].count("second") == 2


async def test_wherever_it_dies_while_it_cancels_nothing_is_started_twice():
    rehearsal = before()
    await changed(rehearsal, *pipeline(on_interrupt="cancel"))
    await interrupted(rehearsal)
    seams = rehearsal.vendor.seams.names
    assert seams.count("before cancel") == 3
    for number in range(1, len(seams) + 1):
        world = before()
        await changed(world, *pipeline(on_interrupt="cancel"))
        dies = asyncio.get_running_loop().call_later(50, lambda world=world: world.control.interrupt())
        with pytest.raises(Died):
            await world.run(die_at=number)
        dies.cancel()
        assert await world.run() is Outcome.SUCCEEDED
        assert sorted(job.name for job in world.vendor.jobs) == sorted([*ITEMS, "first", "second"] * 2), (
            number
        )
