"""Going on where another process ended: keep what is over, ask about what is in flight, start the rest."""

import asyncio

import pytest
from scripted_vendor import (
    CONTEXT_TIME,
    REJECTED,
    TRANSIENT,
    Died,
    Recorder,
    Script,
    Stuck,
    Vendor,
    World,
    step,
)

from pipeforge.adapter import Outcome
from pipeforge.engine.events import StepIntended
from pipeforge.errors import JournalError
from pipeforge.planning import Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]


async def dies_at(world: World, seam: str, nth: int = 1) -> None:
    """Lets the process die at the nth time it passes a seam."""
    disk, vendor_jobs, calls = list(world.disk.events), list(world.vendor.jobs), list(world.vendor.calls)
    faults = {key: list(left) for key, left in world.vendor._faults.items()}
    await world.run()
    passed = [number for number, name in enumerate(world.vendor.seams.names, 1) if name == seam]
    world.disk.events[:], world.vendor.jobs[:], world.vendor.calls[:] = disk, vendor_jobs, calls
    for key, left in faults.items():
        world.vendor._faults[key].clear()
        world.vendor._faults[key].extend(left)
    with pytest.raises(Died, match=seam):
        await world.run(die_at=passed[nth - 1])


async def test_a_step_that_ended_is_kept_and_its_outputs_are_known():
    world = World(step("a"), step("b", "a"), vendor=Vendor(a=Script(outputs={"rows": 3})))
    await dies_at(world, "before trigger", nth=2)
    assert await world.run() is Outcome.SUCCEEDED
    assert [job.name for job in world.vendor.jobs] == ["a", "b"]


async def test_a_handle_is_observed_and_never_triggered_again():
    world = World(step("a"), vendor=Vendor(a=Script(course=[("running", 0), ("done", 100)])))
    await dies_at(world, "after observe", nth=2)
    assert await world.run() is Outcome.SUCCEEDED
    assert len(world.vendor.jobs) == 1
    assert world.vendor.times("recover") == []


async def test_an_intent_whose_job_exists_is_adopted():
    world = World(step("a"))
    await dies_at(world, "after trigger")
    assert await world.run() is Outcome.SUCCEEDED
    assert len(world.vendor.jobs) == 1
    assert world.disk.of("step_triggered")[0].adopted


async def test_an_intent_that_never_left_is_triggered_with_the_same_key_and_evidence():
    world = World(step("a"))
    await dies_at(world, "before trigger")
    assert await world.run() is Outcome.SUCCEEDED
    first, second = world.disk.of("step_intended")
    assert (first.key, first.evidence) == (second.key, second.evidence)
    assert world.vendor.keys() == [first.key]


async def test_an_intent_that_cannot_be_settled_is_unknown():
    world = World(step("a"), vendor=Vendor(a=Script(recover="cannot")))
    await dies_at(world, "before trigger")
    assert await world.run() is Outcome.UNKNOWN
    assert world.vendor.jobs == []
    assert "pipeforge ended before the vendor's answer" in world.disk.end("a").detail


async def test_what_is_known_not_to_have_started_is_not_in_doubt_after_a_restart():
    script = Script(recover="cannot", faults={"trigger": [TRANSIENT]})
    world = World(step("a"), vendor=Vendor(a=script))
    await dies_at(world, "after step_deferred")
    assert await world.run() is Outcome.SUCCEEDED
    assert world.vendor.times("recover") == []


async def test_a_refusal_is_kept_and_not_in_doubt_after_a_restart():
    world = World(step("a"), vendor=Vendor(a=Script(recover="cannot", faults={"trigger": [REJECTED]})))
    await dies_at(world, "before run_finished")
    assert await world.run() is Outcome.FAILED
    assert world.vendor.times("recover") == []


async def test_the_journaled_key_is_used_even_if_ours_would_differ_today():
    world = World(step("a"))
    world.disk.events.append(StepIntended(at=CONTEXT_TIME, step="a", attempt=1, key="old-style", evidence={}))
    assert await world.run() is Outcome.SUCCEEDED
    assert world.vendor.keys() == ["old-style"]


async def test_the_wait_before_another_attempt_is_kept():
    script = Script(courses=[[("failed", 0)], [("done", 0)]])
    world = World(
        step("a", retry=Retry(2, delay=1000)),
        step("b"),
        vendor=Vendor(a=script, b=Script(course=[("done", 500)])),
    )
    asyncio.get_running_loop().call_later(300, lambda: world.control.interrupt())
    assert await world.run() is None
    assert await world.run() is Outcome.SUCCEEDED
    first, second = world.vendor.times("trigger", "a")
    assert 1000 <= second - first < 1010
    assert world.vendor.keys() == ["pf-r1-a-1", "pf-r1-b-1", "pf-r1-a-2"]


async def test_a_restart_does_not_restart_the_timeout():
    world = World(step("a", timeout=1000), vendor=Vendor(a=Script(course=[("running", 0)])))
    asyncio.get_running_loop().call_later(600, lambda: world.control.interrupt())
    assert await world.run() is None
    began = world.vendor.jobs[0].started
    await world.run()
    assert world.disk.end("a").outcome is Outcome.TIMED_OUT
    assert 999 < world.vendor.times("cancel")[0] - began < 1010


async def test_a_resume_long_after_the_timeout_looks_before_it_judges():
    world = World(
        step("a", timeout=1000, uses=Stuck), vendor=Vendor(a=Script(course=[("running", 0), ("done", 900)]))
    )
    asyncio.get_running_loop().call_later(600, lambda: world.control.interrupt())
    assert await world.run() is None
    await asyncio.sleep(1e6)
    assert await world.run() is Outcome.SUCCEEDED


async def test_a_vendor_that_is_down_when_the_resume_comes_late_is_asked_again():
    script = Script(course=[("running", 0), ("done", 900)])
    world = World(step("a", timeout=1000, uses=Stuck), vendor=Vendor(a=script))
    asyncio.get_running_loop().call_later(600, lambda: world.control.interrupt())
    assert await world.run() is None
    await asyncio.sleep(1e6)
    world.vendor.befall("observe", "a", TRANSIENT)
    assert await world.run() is Outcome.SUCCEEDED


async def test_a_late_resume_asks_what_became_of_an_intent_for_as_long_as_the_timeout():
    world = World(step("a", timeout=1000))
    await dies_at(world, "after trigger")
    await asyncio.sleep(1e6)
    world.vendor.befall("recover", "a", *[TRANSIENT] * 10)
    assert await world.run() is Outcome.SUCCEEDED
    assert len(world.vendor.jobs) == 1


async def test_a_step_found_not_started_long_after_its_timeout_gets_its_time():
    world = World(step("a", timeout=1000), vendor=Vendor(a=Script(course=[("running", 0), ("done", 900)])))
    await dies_at(world, "before trigger")
    await asyncio.sleep(1e6)
    assert await world.run() is Outcome.SUCCEEDED


async def test_a_journal_that_cannot_be_written_ends_the_run_and_starts_nothing_more():
    class Full(Recorder):
        async def append(self, event) -> None:
            if event.type == "step_triggered":
                raise JournalError("the disk is full")
            await super().append(event)

    world = World(step("a"), step("b", "a"), step("c"))
    before = asyncio.all_tasks()
    with pytest.raises(JournalError, match="the disk is full"):
        await world.run(writer=Full(world.disk.events))
    assert {job.name for job in world.vendor.jobs} <= {"a", "c"}
    assert asyncio.all_tasks() == before
