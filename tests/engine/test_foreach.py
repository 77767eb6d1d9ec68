"""`foreach`: items known beforehand or late, side by side up to a bound, and what they come to together."""

import pytest
from scripted_vendor import Script, Vendor, World, late, step

from pipeforge.adapter import Outcome
from pipeforge.planning import Foreach, Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

ITEM = {"job": late("${{ item }}")}


def each(items, *needs, **more):
    foreach = {k: more.pop(k) for k in ("name", "max_parallel") if k in more}
    more.setdefault("params", ITEM)
    return step("each", *needs, foreach=Foreach(items, **foreach), **more)


async def run(*steps, **scripts) -> World:
    world = World(*steps, vendor=Vendor(**scripts))
    world.outcome = await world.run()
    return world


async def test_every_item_is_a_step_of_its_own():
    world = await run(each(["jp", "us"]), step("after", "each"))
    assert world.outcomes() == {
        "each[0]": "succeeded",
        "each[1]": "succeeded",
        "each": "succeeded",
        "after": "succeeded",
    }
    assert world.vendor.keys()[:2] == ["pf-r1-each--0-1", "pf-r1-each--1-1"]
    assert [job.name for job in world.vendor.jobs] == ["jp", "us", "after"]


async def test_the_outputs_are_a_list_in_the_items_order():
    after = step("after", "each", params={"job": "x", "size": late("${{ steps.each.outputs[1].id }}")})
    world = await run(each(["slow", "quick"]), after, slow=Script(course=[("done", 50)]))
    assert world.disk.end("each").outputs == [{"id": 1}, {"id": 2}]
    assert world.vendor.jobs[2].params.size == 2


async def test_items_may_come_from_an_earlier_step_under_a_name_of_their_own():
    first = Script(outputs={"regions": [{"code": "jp"}, {"code": "us"}]})
    steps = each(
        late("${{ steps.first.outputs.regions }}"),
        "first",
        name="region",
        params={"job": late("${{ region.code }}")},
    )
    world = await run(step("first"), steps, first=first)
    assert [job.name for job in world.vendor.jobs] == ["first", "jp", "us"]


async def test_at_most_so_many_items_at_once_and_in_order():
    names = [f"i{n}" for n in range(7)]
    world = await run(
        each(names, max_parallel=2), **{name: Script(course=[("running", 0), ("done", 30)]) for name in names}
    )
    assert [job.name for job in world.vendor.jobs] == names
    assert world.vendor.most_running == 2


async def test_one_items_failure_stops_no_other_but_fails_the_foreach():
    world = await run(
        each(["a", "b", "c"], max_parallel=1), step("after", "each"), a=Script(course=[("failed", 0)])
    )
    assert world.outcomes() == {
        "each[0]": "failed",
        "each[1]": "succeeded",
        "each[2]": "succeeded",
        "each": "failed",
        "after": "blocked",
    }
    assert world.disk.end("each").detail == "1 of 3 items did not succeed, the first is 'each[0]'"


async def test_an_unknown_item_makes_the_foreach_unknown():
    lost = Script(faults={"trigger": ["lost"]}, recover="cannot")
    world = await run(each(["a", "b"]), a=lost, b=Script(course=[("failed", 0)]))
    assert (world.disk.end("each").outcome, world.outcome) == (Outcome.UNKNOWN, Outcome.UNKNOWN)


async def test_items_are_retried_each_for_itself():
    flaky = Script(courses=[[("failed", 0)], [("done", 0)]])
    world = await run(each(["a", "b"], retry=Retry(2, delay=30)), a=flaky)
    assert world.outcome is Outcome.SUCCEEDED
    assert len(world.vendor.jobs) == 3


async def test_allowed_failures_of_items_make_a_success():
    world = await run(each(["a", "b"], allow_failure=True), a=Script(course=[("failed", 0)]))
    assert (world.disk.end("each").outcome, world.outcome) == (Outcome.SUCCEEDED, Outcome.SUCCEEDED)


async def test_no_items_is_a_success_with_no_outputs():
    world = await run(each([]), step("after", "each"))
    assert world.disk.end("each").outputs == []
    assert world.outcomes() == {"each": "succeeded", "after": "succeeded"}


async def test_a_false_if_skips_all_items():
    world = await run(each(["a"], condition=False))
    assert world.outcomes() == {"each": "skipped"}


@pytest.mark.parametrize("value", ["jp", {"a": 1}, 3])
async def test_items_that_are_no_list_fail_the_step(value):
    world = await run(
        step("first"), each(late("${{ steps.first.outputs.x }}"), "first"), first=Script(outputs={"x": value})
    )
    assert world.disk.end("each").detail == f"`foreach.items` must give a list, not {value!r}"
