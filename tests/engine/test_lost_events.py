"""Events that were lost from the journal's end, steps that are opened again: never a second job unasked."""

from collections import Counter
from dataclasses import replace

import pytest
from scripted_vendor import CONTEXT_TIME, Params, Script, Vendor, World, late, step

from pipeforge.adapter import Guarantee, Outcome
from pipeforge.engine.events import (
    StepIntended,
    StepOutline,
    StepReopened,
    StepSettled,
    StepTriggered,
    TailLost,
)
from pipeforge.engine.state import unknown
from pipeforge.planning import Foreach, Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

REPEATABLE = (Guarantee.EXACTLY_ONCE, Guarantee.IDEMPOTENT)


def graph(guarantee, recover="find"):
    """Steps with a retry, a foreach and needs, all of one guarantee."""
    each = {"foreach": Foreach([1, 2]), "params": {"job": "each", "size": late("${{ item }}")}}
    made = [
        step("a"),
        step("b", "a", retry=Retry(2, delay=5)),
        step("each", "a", **each),
        step("c", "b", "each"),
    ]
    scripts = {name: Script(recover=recover) for name in ("a", "c", "each")}
    scripts["b"] = Script(courses=[[("failed", 0)], [("done", 0)]], recover=recover)
    kinds = [replace(one, kind=replace(one.kind, guarantee=guarantee)) for one in made]
    return World(*kinds, vendor=Vendor(**scripts))


def outlined(*steps, vendor=None):
    """A world whose journal knows what its steps need, as real ones do."""
    world = World(*steps, vendor=vendor)
    outlines = tuple(
        StepOutline(id=one.id, uses=one.kind.name, needs=one.needs, allow_failure=one.allow_failure)
        for one in steps
    )
    world.disk.events[0] = world.disk.events[0].model_copy(update={"steps": outlines})
    return world


def started_by_name(world):
    """How many jobs of each name; a vendor that deduplicates counts each key once."""
    if world.plan.steps[0].kind.guarantee in REPEATABLE:
        return Counter(name for name, _ in {(job.name, job.key) for job in world.vendor.jobs})
    return Counter(job.name for job in world.vendor.jobs)


async def how_many_events(guarantee, recover):
    world = graph(guarantee, recover)
    assert await world.run() is Outcome.SUCCEEDED
    return len(world.disk.events)


@pytest.mark.parametrize("recover", ["find", "cannot"])
@pytest.mark.parametrize("guarantee", Guarantee)
async def test_no_lost_end_brings_about_a_second_job(guarantee, recover):
    unknowns = 0
    for kept in range(1, await how_many_events(guarantee, recover)):
        world = graph(guarantee, recover)
        await world.run()
        whole = started_by_name(world)
        lost = len(world.disk.events) - kept
        world.disk.events[kept:] = [TailLost(at=world.clock.now(), rows=lost)]
        outcome = await world.run()
        assert outcome in (Outcome.SUCCEEDED, Outcome.UNKNOWN), kept
        assert started_by_name(world) == whole, (kept, world.outcomes())
        unknowns += outcome is Outcome.UNKNOWN
    if guarantee in REPEATABLE:
        assert unknowns == 0 or recover == "cannot"
    else:
        assert unknowns > 0


async def test_what_was_found_again_is_adopted_and_what_was_not_is_told():
    world = World(step("a"))
    await world.run()
    world.disk.events[2:] = [TailLost(at=CONTEXT_TIME, rows=3)]  # the intent is known, the answer is lost
    assert await world.run() is Outcome.SUCCEEDED
    assert len(world.vendor.jobs) == 1
    world = World(step("a"))
    await world.run()
    world.disk.events[1:] = [TailLost(at=CONTEXT_TIME, rows=4)]  # not even the intent
    assert await world.run() is Outcome.UNKNOWN
    assert "the end of the journal was damaged" in world.disk.end("a").detail


async def test_a_persons_word_ends_the_doubt():
    world = outlined(step("a"), step("b", "a"))
    world.disk.events.append(TailLost(at=CONTEXT_TIME, rows=1))
    assert await world.run() is Outcome.UNKNOWN
    assert unknown(world.state) == ["a"]
    world.disk.events.append(
        StepSettled(at=world.clock.now(), step="a", attempt=1, verdict="not_started", by="me@here")
    )
    assert await world.run() is Outcome.UNKNOWN  # of b no more is known than before
    assert [job.name for job in world.vendor.jobs] == ["a"]
    assert unknown(world.state) == ["b"]


async def test_on_ambiguous_retry_is_obeyed():
    world = World(step("a", on_ambiguous="retry"))
    world.disk.events.append(TailLost(at=CONTEXT_TIME, rows=1))
    assert await world.run() is Outcome.SUCCEEDED
    assert world.vendor.keys() == ["pf-r1-a-2"]


def settled(world, step_id, verdict, **more):
    return StepSettled(at=world.clock.now(), step=step_id, attempt=1, verdict=verdict, by="me@here", **more)


async def test_an_item_that_is_settled_opens_the_foreach_and_what_it_blocked():
    each = step("each", foreach=Foreach([1, 2]), params={"job": "each", "size": late("${{ item }}")})
    vendor = Vendor(each=Script(recover="cannot", faults={"trigger": ["dropped"]}))
    world = outlined(each, step("b", "each"), step("c", "b"), vendor=vendor)
    assert await world.run() is Outcome.UNKNOWN
    (lost,) = unknown(world.state)
    world.disk.events.append(settled(world, lost, "not_started"))
    assert await world.run() is Outcome.SUCCEEDED
    assert Counter(job.name for job in vendor.jobs) == {"each": 2, "b": 1, "c": 1}


async def test_a_step_that_two_unknowns_blocked_waits_for_both():
    scripts = {name: Script(recover="cannot", faults={"trigger": ["dropped"]}) for name in "ab"}
    world = outlined(step("a"), step("b"), step("c", "a", "b"), vendor=Vendor(**scripts))
    assert await world.run() is Outcome.UNKNOWN
    world.disk.events.append(settled(world, "a", "succeeded"))
    assert await world.run() is Outcome.UNKNOWN
    assert world.outcomes() == {"a": "succeeded", "b": "unknown", "c": "blocked"}
    world.disk.events.append(settled(world, "b", "succeeded"))
    assert await world.run() is Outcome.SUCCEEDED


async def test_a_failure_that_is_allowed_is_so_too_when_a_person_tells_of_it():
    vendor = Vendor(a=Script(recover="cannot", faults={"trigger": ["dropped"]}))
    world = outlined(step("a", allow_failure=True), step("b", "a"), vendor=vendor)
    assert await world.run() is Outcome.UNKNOWN
    world.disk.events.append(settled(world, "a", "failed"))
    assert await world.run() is Outcome.SUCCEEDED
    assert world.outcomes() == {"a": "failed", "b": "succeeded"}


async def test_a_step_opened_again_has_all_its_attempts_and_new_keys():
    vendor = Vendor(a=Script(courses=[[("failed", 0)], [("failed", 0)], [("failed", 0)], [("done", 0)]]))
    world = World(step("a", retry=Retry(2)), step("b"), vendor=vendor)
    world.vendor.befall("trigger", "b", "lost")
    world.vendor.script("b").recover = "cannot"
    assert await world.run() is Outcome.UNKNOWN
    world.disk.events.append(StepReopened(at=world.clock.now(), step="a", attempt=2, reason="changed"))
    await world.run()
    assert [job.key for job in vendor.jobs if job.name == "a"] == [f"pf-r1-a-{n}" for n in (1, 2, 3, 4)]
    assert world.outcomes()["a"] == "succeeded"


async def test_a_stale_job_that_times_out_unstopped_is_not_followed_by_another():
    vendor = Vendor(a=Script(course=[("running", 0)], on_cancel=None))
    world = World(step("a", timeout=100), vendor=vendor)
    vendor.start(Params(job="a"), "pf-r1-a-1")
    now = world.clock.now()
    world.disk.events += [
        StepIntended(at=now, step="a", attempt=1, key="pf-r1-a-1"),
        StepTriggered(at=now, step="a", attempt=1, handle={"id": 1}),
        StepReopened(at=now, step="a", attempt=1, reason="changed"),
    ]
    assert await world.run() is Outcome.FAILED
    assert len(vendor.jobs) == 1
    assert world.outcomes() == {"a": "timed_out"}
