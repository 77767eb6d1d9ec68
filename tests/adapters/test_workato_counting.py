"""Which jobs of a recipe count, and that no bad one is overlooked, nor its words lost, nor a secret shown."""

import anyio
import pytest
from emulated import emulated, settle, watched

from pipeforge.adapter import Outcome
from pipeforge.adapters.calls import Call
from pipeforge.adapters.workato.kinds import PollRecipeParams, RunRecipeParams
from pipeforge.errors import Rejected

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-poll-1"
SECRET = "wrkaus-" + "c0ffee" * 8
ASKED, RUNS = PollRecipeParams(recipe_id=7), RunRecipeParams(recipe_id=7)
GOOD, BAD = {"seconds": 0.1}, {"seconds": 0.1, "outcome": "failed", "error": "row 3 is bad"}


def opened(world=None, **recipe):
    given = {"trigger_application": "salesforce", **recipe}
    return emulated("workato", {"recipes": {7: given}, **(world or {})}, api_token=SECRET)


@pytest.mark.parametrize(("first", "outcome"), [(GOOD, Outcome.SUCCEEDED), (BAD, Outcome.FAILED)])
async def test_jobs_that_cannot_be_listed_are_told_by_the_vendors_counts(first, outcome):
    """The oldest of sixty is behind a page that always is the first one."""
    async with opened({"ignores_offsets": True}, polls=[60], past_jobs=3, course=[first, GOOD]) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, ASKED, KEY)
        seen, _, warnings = await watched(poll, handle)
        assert seen.outcome is outcome
        assert any("not all" in warning for warning in warnings)


async def test_jobs_that_can_neither_be_listed_nor_counted_leave_it_unknown():
    async with opened({"ignores_offsets": True}, polls=[60], past_jobs=3, course=GOOD) as there:
        poll = there.adapter("workato.poll_recipe")
        counts = dict.fromkeys(("job_count", "job_succeeded_count", "job_failed_count"))
        await there.fault(route="GET *", do="rewrite", values=counts)
        handle, _ = await settle(poll, ASKED, KEY)
        seen, _, _ = await watched(poll, handle)
        assert seen.outcome is Outcome.UNKNOWN and "recipe 7" in seen.detail


async def test_jobs_still_going_behind_the_page_are_awaited():
    course = [GOOD] * 30 + [{"seconds": 300}]
    async with opened({"ignores_offsets": True}, polls=[60], past_jobs=3, course=course) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, ASKED, KEY)
        await anyio.sleep(30)
        assert (await poll.observe(handle)).outcome is None


async def test_a_known_job_on_top_hides_no_new_one():
    """A list may be in another order than that of being made: a job done again comes first."""
    async with opened(polls=[2], past_jobs=3, course=[BAD, GOOD]) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, ASKED, KEY)
        await anyio.sleep(60)
        rows = (await there.client.http.send(Call("GET", "/recipes/7/jobs"))).body["items"]
        await there.fault(route="GET *jobs", do="rewrite", values={"items": [rows[-1], *rows[:-1]]})
        seen = await poll.observe(handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome.FAILED, 2)


async def test_a_recipe_stopped_with_jobs_waiting_tells_of_those_that_failed():
    async with opened(polls=[3], course=[BAD, {"seconds": 60}]) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, ASKED, KEY)
        await anyio.sleep(5)
        await there.act("stop", recipe=7)
        seen, _, _ = await watched(poll, handle)
        assert seen.outcome is Outcome.FAILED and "row 3 is bad" in seen.detail
        assert "1 job waiting" in seen.detail


@pytest.mark.parametrize("before", range(450, 500, 10))
async def test_a_secret_across_the_cut_of_an_error_is_masked_whole(before):
    error = "x" * before + SECRET
    async with opened(polls=[1], course={**BAD, "error": error}) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, ASKED, KEY)
        seen, _, _ = await watched(poll, handle)
        assert seen.outcome is Outcome.FAILED and "wrkaus" not in seen.detail


@pytest.mark.parametrize("before", range(450, 500, 10))
async def test_a_secret_across_the_cut_of_a_steps_error_is_masked_whole(before):
    odd = {"odd": "x" * before + SECRET}
    async with opened(running=False, starts=[{"config_errors": [[4, [odd]]]}]) as there:
        with pytest.raises(Rejected) as caught:
            await settle(there.adapter("workato.run_recipe"), RUNS, KEY)
        assert "wrkaus" not in caught.value.message
