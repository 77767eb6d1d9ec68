"""Jobs that a step began and has no place for any more: each is watched to its end before the step ends."""

import asyncio

import pytest
from scripted_vendor import CONTEXT_TIME, Died, Script, Vendor, World, late, plan, step

from pipeforge.adapter import Limits, Outcome
from pipeforge.engine.control import Cancel, Control
from pipeforge.engine.events import StepReopened, StepSettled
from pipeforge.planning import Foreach, Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

LONG = [("running", 0), ("done", 1000)]
NAMES = ["a", "b", "c"]


def each(items, *needs, **more):
    more.setdefault("params", {"job": late("${{ item }}")})
    return step("each", *needs, foreach=Foreach(items, max_parallel=more.pop("most", None)), **more)


async def left(*steps, at=50.0, **scripts) -> World:
    """A run that was interrupted while its jobs went on."""
    vendor = Vendor(**{name: Script(course=LONG) for name in NAMES} | scripts)
    world = World(*steps, vendor=vendor)
    asyncio.get_running_loop().call_later(at, lambda: world.control.interrupt())
    assert await world.run() is None
    return world


def change(world: World, *steps, opened=()) -> None:
    """The pipeline is another from now on. `opened`: what does not hold any more of what was begun."""
    world.plan = plan(*steps)
    for id_ in opened:
        event = StepReopened(at=CONTEXT_TIME, step=id_, attempt=1, reason="changed")
        world.disk.events.append(event)


async def lost(*steps, at: str, **scripts) -> World:
    """A run whose process was lost at a seam of this name."""
    rehearsal = World(*steps, vendor=Vendor(**scripts))
    await rehearsal.run()
    world = World(*steps, vendor=Vendor(**scripts))
    with pytest.raises(Died):
        await world.run(die_at=rehearsal.vendor.seams.names.index(at) + 1)
    return world


@pytest.mark.parametrize("now", [["a"], []])
async def test_items_beyond_a_shorter_list_are_watched_to_their_end(now):
    world = await left(each(NAMES))
    change(world, each(now), opened=[f"each[{n}]" for n in range(3)])
    assert await world.run() is Outcome.SUCCEEDED
    assert {id_: state.word for id_, state in world.state.steps.items() if id_ != "each"} == {
        f"each[{n}]": "done" for n in range(3)
    }
    assert [job.name for job in world.vendor.jobs] == [*NAMES, *now]  # and nothing of them is started
    assert len(world.disk.end("each").outputs) == len(now)
    assert world.disk.events[-1].type == "run_finished"


async def test_an_item_that_is_not_wanted_any_more_fails_no_foreach_and_is_not_tried_again():
    failing = Script(course=[("running", 0), ("failed", 1000)])
    world = await left(each(NAMES, retry=Retry(3)), c=failing)
    change(world, each(["a", "b"], retry=Retry(3)))
    assert await world.run() is Outcome.SUCCEEDED
    assert world.outcomes()["each[2]"] == "failed"
    assert len(world.vendor.jobs) == 3


async def test_a_start_beyond_the_list_that_cannot_be_asked_for_makes_the_foreach_unknown():
    world = await lost(each(["a"]), at="before trigger", a=Script())
    change(world, each([]))
    assert await world.run() is Outcome.UNKNOWN
    assert world.outcomes() == {"each[0]": "unknown", "each": "unknown"}
    assert "cannot be asked for any more" in world.disk.end("each[0]").detail
    said = StepSettled(at=CONTEXT_TIME, step="each[0]", attempt=1, verdict="not_started", by="mika@plant")
    world.disk.events.append(said)
    assert await world.run() is Outcome.SUCCEEDED
    assert world.vendor.jobs == []
    assert world.outcomes() == {"each[0]": "canceled", "each": "succeeded"}


@pytest.mark.parametrize(("at", "jobs"), [("after trigger", 1), ("before trigger", 0)])
async def test_a_start_beyond_the_list_is_asked_for_where_that_can_be(at, jobs):
    """Found it is watched; what never started is not started now."""
    many = {"params": {"job": "a"}}
    world = await lost(each([1], **many), at=at, a=Script(course=LONG))
    change(world, each([], **many))
    assert await world.run() is Outcome.SUCCEEDED
    assert world.outcomes()["each[0]"] == ("succeeded" if jobs else "canceled")
    assert len(world.vendor.jobs) == jobs


async def test_what_stays_in_doubt_beyond_the_list_is_not_insisted_on():
    many = {"params": {"job": "a"}, "on_ambiguous": "retry"}
    world = await lost(each([1], **many), at="before trigger", a=Script(recover="cannot"))
    change(world, each([], **many))
    assert await world.run() is Outcome.UNKNOWN
    assert world.vendor.jobs == []


async def test_a_cancel_reaches_items_beyond_the_list():
    world = await left(each(NAMES), step("other"), other=Script(course=LONG))
    change(world, each(["a"]), step("other"))
    asyncio.get_running_loop().call_later(5, lambda: world.control.cancel(Cancel("mika@plant")))
    assert await world.run() is Outcome.CANCELED
    assert {job.killed for job in world.vendor.jobs} == {"killed"}


async def test_items_that_were_begun_are_watched_side_by_side_whatever_the_bound_is_now():
    world = await left(each(NAMES))
    change(world, each([*NAMES, "d"], most=1))
    resumed = asyncio.get_running_loop().time()
    assert await world.run() is Outcome.SUCCEEDED
    assert min(at for at in world.vendor.times("observe", "c") if at >= resumed) < resumed + 1
    assert (
        world.vendor.jobs[3].started - world.vendor.jobs[0].started >= 1000
    )  # the bound is kept by what starts


async def test_a_canceled_run_ends_each_item_once():
    world = await left(each(NAMES), c=Script(course=LONG, faults={"cancel": [20.0]}))
    control = Control()
    control.cancel(Cancel("mika@plant"))
    assert await world.run(control=control) is Outcome.CANCELED
    assert [len(world.vendor.times("cancel", name)) for name in NAMES] == [1, 1, 1]
    assert all(len(world.disk.of("step_finished", f"each[{n}]")) == 1 for n in range(3))


async def test_places_at_the_gate_come_back_from_items_beyond_the_list():
    world = World(each(NAMES), vendor=Vendor(**{name: Script(course=LONG) for name in NAMES}))
    world.terms["limits"] = {"vendor": Limits(running=3)}
    asyncio.get_running_loop().call_later(50, lambda: world.control.interrupt())
    await world.run()
    change(world, each([]), step("other"))
    assert await world.run() is Outcome.SUCCEEDED
    assert world.vendor.jobs[3].name == "other"


def first(**more) -> Script:
    """A step of which it cannot be known how it ended, until a person says it."""
    return Script(faults={"trigger": ["lost"]}, recover="cannot", **more)


def settle(world: World, verdict: str, **outputs) -> None:
    said = StepSettled(
        at=CONTEXT_TIME, step="first", attempt=1, verdict=verdict, by="mika@plant", outputs=outputs
    )
    world.disk.events.append(said)


HINDERED = {
    "skipped": each(["a", "b"], "first", run_when="failure"),
    "skipped by its if": each(
        ["a", "b"], "first", run_when="always", condition=late("${{ steps.first.outcome == 'unknown' }}")
    ),
    "without a list": each(
        late("${{ ['a', 'b'] if steps.first.outcome == 'unknown' else steps.first.outputs.none }}"),
        "first",
        run_when="always",
    ),
}


@pytest.mark.parametrize("why", HINDERED)
async def test_items_under_way_of_a_foreach_that_may_not_go_on_are_watched_before_it_ends(why):
    """What a person said of a step before it changed what becomes of the foreach."""
    world = await left(step("first"), HINDERED[why], first=first())
    settle(world, "succeeded")
    await world.run()
    outcomes = world.outcomes()
    assert (outcomes["each[0]"], outcomes["each[1]"]) == ("succeeded", "succeeded")
    assert outcomes["each"] == ("failed" if why == "without a list" else "skipped")
    ids = [event.step for event in world.disk.events if event.type == "step_finished"]
    assert ids[-1] == "each"
    assert len(world.vendor.jobs) == 3


async def test_stale_items_of_a_foreach_that_is_blocked_now_are_watched_before_it_ends():
    before = step("first"), each(NAMES, "first")
    world = await left(*before, first=Script(courses=[[("done", 0)], [("failed", 0)]]))
    change(world, *before, opened=["first", *(f"each[{n}]" for n in range(3))])
    assert await world.run() is Outcome.FAILED
    assert world.outcomes() == {
        "first": "failed",
        **{f"each[{n}]": "succeeded" for n in range(3)},
        "each": "blocked",
    }
    assert [job.name for job in world.vendor.jobs] == ["first", *NAMES, "first"]


async def test_a_job_is_watched_though_its_parameters_cannot_be_told_any_more():
    gives = Script(courses=[[("done", 0)], [("failed", 0)]], outputs={"name": "a"})
    second = step(
        "second", "first", run_when="always", params={"job": late("${{ steps.first.outputs.name }}")}
    )
    world = await left(step("first"), second, first=gives)
    change(world, step("first"), second, opened=["first", "second"])
    assert await world.run() is Outcome.FAILED
    over = world.disk.of("step_reopened", "second")[-1]
    assert (over.reason, over.outcome) == ("over", Outcome.SUCCEEDED)
    assert world.outcomes() == {"first": "failed", "second": "failed"}
    assert [job.name for job in world.vendor.jobs] == ["first", "a", "first"]


async def test_the_items_of_what_is_no_foreach_any_more_are_over_before_it_begins():
    world = await left(each(["a", "b"]))
    change(world, step("each"), opened=["each[0]", "each[1]"])
    assert await world.run() is Outcome.SUCCEEDED
    assert [job.name for job in world.vendor.jobs] == ["a", "b", "each"]
    assert world.vendor.jobs[2].started - world.vendor.jobs[0].started >= 1000
    assert world.outcomes() == {"each[0]": "succeeded", "each[1]": "succeeded", "each": "succeeded"}


async def test_the_job_of_what_became_a_foreach_is_over_before_its_items_begin():
    world = await left(step("each"), each=Script(course=LONG))
    change(world, each(["d", "e"]), opened=["each"])
    assert await world.run() is Outcome.SUCCEEDED
    assert [job.name for job in world.vendor.jobs] == ["each", "d", "e"]
    assert world.vendor.jobs[1].started - world.vendor.jobs[0].started >= 1000


@pytest.mark.parametrize("was_many", [True, False])
async def test_a_cancel_reaches_what_was_begun_before_the_step_became_another(was_many):
    many, one = each(["a", "b"]), step("each")
    world = await left(many if was_many else one, each=Script(course=LONG))
    change(world, one if was_many else many)
    control = Control()
    control.cancel(Cancel("mika@plant"))
    assert await world.run(control=control) is Outcome.CANCELED
    assert {job.killed for job in world.vendor.jobs} == {"killed"}


async def test_a_cancel_reaches_what_waits_until_something_else_was_done_anew():
    """Within one process: the job of the second step goes on while the first one is repeated."""
    steps = step("first"), step("second", "first"), each(NAMES, "first")
    quick_then_long = Script(courses=[[("done", 0)], LONG])
    world = await left(*steps, first=quick_then_long, second=Script(course=LONG))
    change(world, *steps, opened=["first", "second", *(f"each[{n}]" for n in range(3))])
    asyncio.get_running_loop().call_later(50, lambda: world.control.cancel(Cancel("mika@plant")))
    assert await world.run() is Outcome.CANCELED
    assert [job.killed for job in world.vendor.jobs] == [None, *["killed"] * 5]
    assert [len(world.vendor.times("cancel", name)) for name in ("second", *NAMES)] == [1, 1, 1, 1]


@pytest.mark.parametrize("gone", [step("second"), each(["a", "b"])])
async def test_a_run_ends_although_jobs_go_on_of_a_step_that_was_removed_and_tells_of_them(gone):
    world = await left(step("first"), gone, first=Script(course=LONG), second=Script(course=LONG))
    change(world, step("first"))
    assert await world.run() is Outcome.SUCCEEDED
    (end, *_) = [event for event in world.disk.of("step_finished") if event.step != "first"]
    assert (end.outcome, end.left) == (Outcome.CANCELED, True)
    assert "the pipeline has no such step any more" in end.detail
    assert not any(state.in_flight for state in world.state.steps.values())


async def test_a_cancel_ends_a_run_although_a_job_goes_on_of_a_step_that_was_removed():
    world = await left(step("first"), step("second"), first=Script(course=LONG), second=Script(course=LONG))
    change(world, step("first"))
    control = Control()
    control.cancel(Cancel("mika@plant"))
    assert await world.run(control=control) is Outcome.CANCELED
    assert [job.killed for job in world.vendor.jobs] == ["killed", None]
    assert world.disk.end("second").left
