"""How attempts end and what follows: timeouts, cancellation, `retry`, `accept`, `allow_failure`."""

import pytest
from scripted_vendor import TRANSIENT, Script, Stuck, Vendor, World, step

from pipeforge.adapter import Outcome, Pace
from pipeforge.planning import Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

NEVER = [("running", 0)]


async def one(script: Script, **more) -> World:
    world = World(step("a", **more), vendor=Vendor(a=script))
    world.outcome = await world.run()
    return world


async def test_a_timeout_cancels_and_takes_the_vendors_word():
    world = await one(Script(course=NEVER), timeout=600)
    end = world.disk.end("a")
    assert (end.outcome, end.word) == (Outcome.TIMED_OUT, "killed")
    assert "not over after 600s; canceled" in end.detail
    started, canceled = world.vendor.jobs[0].started, world.vendor.times("cancel")[0]
    assert 599 < canceled - started < 605  # it counts from the intent, just before


async def test_a_job_that_succeeds_while_being_canceled_succeeded():
    world = await one(Script(course=NEVER, on_cancel="done"), timeout=600)
    assert world.disk.end("a").outcome is Outcome.SUCCEEDED
    assert world.disk.end("a").outputs == {"id": 1}


async def test_a_job_that_ends_at_the_last_look_was_in_time():
    world = await one(Script(course=[("done", 599)]), timeout=600, pace=Pace(first=500, longest=500))
    assert world.outcome is Outcome.SUCCEEDED


async def test_no_word_after_the_cancel_is_not_retried():
    world = await one(Script(course=NEVER, on_cancel=None), timeout=600, retry=Retry(3))
    end = world.disk.end("a")
    assert (end.outcome, len(world.vendor.jobs)) == (Outcome.TIMED_OUT, 1)
    assert "may still be running" in end.detail


async def test_a_cancel_that_fails_is_asked_again_within_the_grace():
    world = await one(Script(course=NEVER, faults={"cancel": [TRANSIENT, TRANSIENT]}), timeout=600)
    assert world.disk.end("a").word == "killed"
    assert len(world.vendor.times("cancel")) == 3


async def test_a_cancel_that_breaks_still_looks():
    script = Script(course=[("running", 0), ("failed", 605)], faults={"cancel": [KeyError()]})
    world = await one(script, timeout=600)
    end = world.disk.end("a")
    assert (end.outcome, end.word) == (Outcome.TIMED_OUT, "failed")


async def test_what_cannot_be_canceled_times_out_with_a_warning_and_is_not_retried():
    world = await one(Script(course=NEVER), timeout=600, uses=Stuck, retry=Retry(3))
    end = world.disk.end("a")
    assert (end.outcome, len(world.vendor.jobs)) == (Outcome.TIMED_OUT, 1)
    assert "'vendor.stuck' cannot be canceled and may still be running" in end.detail
    assert world.vendor.times("cancel") == []


async def test_a_timeout_that_the_vendor_confirmed_is_retried():
    world = await one(Script(courses=[NEVER, [("done", 5)]]), timeout=600, retry=Retry(2, delay=60))
    assert world.outcome is Outcome.SUCCEEDED
    assert [e.outcome for e in world.disk.of("attempt_failed")] == [Outcome.TIMED_OUT]


async def test_a_definite_failure_is_retried_after_the_delay_with_a_new_key():
    world = await one(Script(courses=[[("failed", 50)], [("done", 50)]]), retry=Retry(3, delay=300))
    assert world.outcome is Outcome.SUCCEEDED
    (failed,) = world.disk.of("attempt_failed")
    assert (failed.attempt, failed.outcome, failed.word) == (1, Outcome.FAILED, "failed")
    assert (failed.retry_at - failed.at).total_seconds() == 300
    first, second = world.vendor.times("trigger")
    assert second - first >= 350
    assert world.disk.end("a").attempt == 2


async def test_retries_end_with_the_last_failure():
    world = await one(Script(course=[("failed", 0)]), retry=Retry(3))
    end = world.disk.end("a")
    assert (end.outcome, end.attempt, len(world.vendor.jobs)) == (Outcome.FAILED, 3, 3)
    assert end.detail == "the vendor says failed"


@pytest.mark.parametrize(
    ("retry", "delays"),
    [
        (Retry(4, delay=60), [60, 60, 60]),
        (Retry(4, delay=60, backoff="exponential"), [60, 120, 240]),
        (Retry(4, delay=60, backoff="exponential", max_delay=100), [60, 100, 100]),
    ],
)
async def test_the_delay_between_attempts(retry, delays):
    world = await one(Script(course=[("failed", 0)]), retry=retry)
    assert [(e.retry_at - e.at).total_seconds() for e in world.disk.of("attempt_failed")] == delays


async def test_jitter_only_shortens_and_is_the_same_for_the_same_run():
    async def delays():
        world = await one(Script(course=[("failed", 0)]), retry=Retry(9, delay=60, jitter=True))
        return [(e.retry_at - e.at).total_seconds() for e in world.disk.of("attempt_failed")]

    first = await delays()
    assert all(30 <= seconds <= 60 for seconds in first)
    assert len(set(first)) > 1
    assert first == await delays()


async def test_a_job_canceled_at_the_vendor_is_not_retried():
    world = await one(Script(course=[("killed", 5)]), retry=Retry(5))
    assert world.disk.end("a").outcome is Outcome.CANCELED
    assert len(world.vendor.jobs) == 1


async def test_skipped_by_the_vendor_is_a_failure_unless_accepted():
    refused = await one(Script(course=[("passed over", 0)]))
    assert (refused.outcome, refused.disk.end("a").outcome) == (Outcome.FAILED, Outcome.SKIPPED)
    accepted = await one(Script(course=[("passed over", 0)]), accept=frozenset({"skipped"}), retry=Retry(3))
    assert accepted.outcome is Outcome.SUCCEEDED
    assert (accepted.disk.end("a").accepted, len(accepted.vendor.jobs)) == (True, 1)


async def test_the_vendors_own_word_can_be_accepted():
    world = await one(Script(course=[("passed over", 0)]), accept=frozenset({"passed over"}))
    assert world.outcome is Outcome.SUCCEEDED


async def test_allow_failure_comes_after_the_retries():
    world = await one(Script(course=[("failed", 0)]), allow_failure=True, retry=Retry(2))
    end = world.disk.end("a")
    assert (end.outcome, end.accepted, len(world.vendor.jobs)) == (Outcome.FAILED, True, 2)
    assert world.outcome is Outcome.SUCCEEDED


async def test_unknown_is_never_accepted():
    script = Script(faults={"trigger": ["lost"]}, recover="cannot")
    world = await one(script, allow_failure=True, accept=frozenset({"unknown"}))
    assert world.outcome is Outcome.UNKNOWN
