"""One step's life: intent, trigger, handle, looks, end; and every way a trigger can go wrong."""

import itertools

import pytest
from scripted_vendor import REJECTED, TRANSIENT, Gives, Script, Stuck, Vendor, World, step

from pipeforge.adapter import Outcome, Pace
from pipeforge.engine.state import replay
from pipeforge.errors import InDoubt, Transient
from pipeforge.planning import Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]


async def one(script: Script | None = None, **more) -> World:
    world = World(step("a", **more), vendor=Vendor(a=script or Script()))
    world.outcome = await world.run()
    return world


async def test_a_step_runs_and_every_event_is_there_in_order():
    world = await one(Script(course=[("queued", 0), ("running", 5), ("done", 100)], outputs={"rows": 7}))
    assert world.outcome is Outcome.SUCCEEDED
    assert [e.type for e in world.disk.events] == [
        "run_started",
        "step_intended",
        "step_triggered",
        "step_observed",
        "step_observed",
        "step_finished",
        "run_finished",
    ]
    assert [e.word for e in world.disk.of("step_observed")] == ["queued", "running"]
    end = world.disk.end("a")
    assert (end.outcome, end.word, end.outputs) == (Outcome.SUCCEEDED, "done", {"id": 1, "rows": 7})
    assert world.disk.of("step_intended")[0].evidence == {"newest": 0}


async def test_the_intent_is_on_disk_before_the_request_and_the_handle_before_any_look():
    world = await one()
    order = world.vendor.seams.names
    for earlier, later in [
        ("after prepare", "before step_intended"),
        ("after step_intended", "before trigger"),
        ("after trigger", "before step_triggered"),
        ("after step_triggered", "before observe"),
    ]:
        assert order.index(earlier) < order.index(later)


async def test_what_was_folded_live_is_what_a_replay_gives():
    world = await one(Script(course=[("failed", 5)]), retry=Retry(3, delay=10))
    assert replay(world.disk.events) == world.state


async def test_the_key_names_run_step_and_attempt_and_is_journaled():
    world = await one(Script(course=[("failed", 0)]), retry=Retry(2))
    assert world.vendor.keys() == ["pf-r1-a-1", "pf-r1-a-2"]
    assert [e.key for e in world.disk.of("step_intended")] == world.vendor.keys()


@pytest.mark.parametrize("verb", ["prepare", "trigger"])
async def test_what_certainly_did_not_start_is_tried_again(verb):
    world = await one(Script(faults={verb: [TRANSIENT, TRANSIENT]}))
    assert world.outcome is Outcome.SUCCEEDED
    assert len(world.vendor.times(verb)) == 3
    assert world.vendor.keys() == ["pf-r1-a-1"]


async def test_retry_after_is_obeyed():
    world = await one(Script(faults={"trigger": [Transient("slow down", retry_after=500)]}))
    first, second = world.vendor.times("trigger")
    assert second - first >= 500


async def test_a_try_that_did_not_start_is_prepared_anew_and_its_intent_is_void():
    world = await one(Script(faults={"trigger": [TRANSIENT]}))
    assert len(world.vendor.times("prepare")) == 2
    assert [e.type for e in world.disk.events[1:4]] == ["step_intended", "step_deferred", "step_intended"]
    assert world.disk.of("step_deferred")[0].detail == "connection refused"


async def test_trying_ends_with_the_timeout():
    world = await one(Script(faults={"trigger": [TRANSIENT] * 100}), timeout=300)
    end = world.disk.end("a")
    assert (end.outcome, world.vendor.jobs) == (Outcome.TIMED_OUT, [])
    assert end.detail == "could not be started within 300s: connection refused"


@pytest.mark.parametrize("verb", ["prepare", "trigger"])
async def test_a_refusal_is_final_whatever_retry_says(verb):
    world = await one(Script(faults={verb: [REJECTED]}), retry=Retry(5))
    end = world.disk.end("a")
    assert (end.outcome, end.detail, end.hint) == (Outcome.FAILED, "no such definition", "check the id")
    assert world.vendor.jobs == []
    assert world.outcome is Outcome.FAILED


@pytest.mark.parametrize("fault", ["lost", "lost to a bug", "hangs"])
async def test_a_lost_answer_is_settled_by_adopting_the_job(fault):
    world = await one(Script(faults={"trigger": [fault]}), timeout=600)
    assert world.outcome is Outcome.SUCCEEDED
    assert world.disk.of("step_triggered")[0].adopted
    assert len(world.vendor.jobs) == 1


async def test_a_dropped_request_is_made_again_with_the_same_key_and_evidence():
    world = await one(Script(faults={"trigger": ["dropped"]}))
    first, second = world.disk.of("step_intended")
    assert (first.key, first.evidence) == (second.key, second.evidence)
    assert len(world.vendor.times("prepare")) == 1
    assert world.vendor.keys() == [first.key]


async def test_what_cannot_be_known_ends_unknown_with_the_adapters_hint_and_is_never_retried():
    world = await one(Script(faults={"trigger": ["lost"]}, recover="cannot"), retry=Retry(5))
    end = world.disk.end("a")
    assert (end.outcome, end.hint) == (Outcome.UNKNOWN, "look at its console")
    assert "read timed out" in end.detail and "keeps no list" in end.detail
    assert (world.outcome, len(world.vendor.jobs)) == (Outcome.UNKNOWN, 1)


async def test_on_ambiguous_fail_makes_it_failed_and_does_not_retry():
    world = await one(
        Script(faults={"trigger": ["lost"]}, recover="cannot"), on_ambiguous="fail", retry=Retry(5)
    )
    assert (world.disk.end("a").outcome, len(world.vendor.jobs)) == (Outcome.FAILED, 1)


async def test_on_ambiguous_retry_triggers_again_as_a_new_attempt():
    world = await one(Script(faults={"trigger": ["lost"]}, recover="cannot"), on_ambiguous="retry")
    assert world.outcome is Outcome.SUCCEEDED
    assert world.vendor.keys() == ["pf-r1-a-1", "pf-r1-a-2"]
    assert "attempt 1 may have started a job" in world.disk.of("step_warned")[0].message


async def test_on_ambiguous_retry_does_not_go_on_for_ever():
    world = await one(Script(faults={"trigger": ["lost"] * 9}, recover="cannot"), on_ambiguous="retry")
    assert (world.outcome, len(world.vendor.jobs)) == (Outcome.UNKNOWN, 2)


async def test_on_ambiguous_retry_still_asks_first():
    world = await one(Script(faults={"trigger": ["lost"]}), on_ambiguous="retry")
    assert (world.outcome, len(world.vendor.jobs)) == (Outcome.SUCCEEDED, 1)


async def test_a_recovery_that_fails_is_asked_again():
    world = await one(Script(faults={"trigger": ["lost"], "recover": [TRANSIENT, TRANSIENT]}))
    assert (world.outcome, len(world.vendor.jobs)) == (Outcome.SUCCEEDED, 1)
    assert len(world.vendor.times("recover")) == 3


async def test_a_recovery_that_never_answers_ends_unknown_at_the_timeout():
    world = await one(Script(faults={"trigger": ["lost"], "recover": [TRANSIENT] * 999}), timeout=300)
    assert (world.outcome, len(world.vendor.jobs)) == (Outcome.UNKNOWN, 1)


@pytest.mark.parametrize("fault", [KeyError("s3cret"), InDoubt("?"), REJECTED])
async def test_a_recovery_that_breaks_ends_unknown(fault):
    world = await one(Script(faults={"trigger": ["lost"], "recover": [fault]}))
    assert (world.outcome, len(world.vendor.jobs)) == (Outcome.UNKNOWN, 1)


async def test_a_defect_in_prepare_fails_the_step_without_its_text():
    world = await one(Script(faults={"prepare": [KeyError("s3cret")]}))
    end = world.disk.end("a")
    assert end.outcome is Outcome.FAILED
    assert "unexpected KeyError at scripted_vendor.py" in end.detail
    assert "s3cret" not in "".join(e.model_dump_json() for e in world.disk.events)


FLAPPING = [Transient("502"), ValueError("<html>"), InDoubt("reset"), REJECTED, Transient("502")]


async def test_a_look_never_fails_a_step_and_warns_once_for_each_message():
    world = await one(Script(course=[("done", 3000)], faults={"observe": FLAPPING * 3}))
    assert world.outcome is Outcome.SUCCEEDED
    messages = [e.message for e in world.disk.of("step_warned")]
    assert len(messages) == len(set(messages)) == 4


async def test_warnings_that_never_repeat_do_not_fill_the_journal():
    faults = [Transient(f"request {n} failed") for n in range(500)]
    world = await one(Script(course=[("done", 3000)], faults={"observe": faults}))
    assert world.outcome is Outcome.SUCCEEDED
    assert len(world.disk.of("step_warned")) <= 20


async def test_a_look_that_hangs_does_not_outlive_the_timeout():
    world = await one(Script(faults={"observe": [1e6, 1e6]}), timeout=600, uses=Stuck)
    assert world.disk.end("a").outcome is Outcome.TIMED_OUT


async def test_an_unknown_word_and_words_going_backwards_are_still_running():
    words = ["running", "queued", "冬眠中", "running", "冬眠中"]
    world = await one(Script(faults={"observe": words}))
    assert world.outcome is Outcome.SUCCEEDED
    assert [e.word for e in world.disk.of("step_observed")] == words
    assert [e.message for e in world.disk.of("step_warned")] == ["unknown word '冬眠中'"]


async def test_the_pace_grows_to_the_longest_with_little_jitter():
    world = await one(Script(course=[("done", 1000)]), pace=Pace(first=10, longest=40, factor=2))
    times = world.vendor.times("observe")
    gaps = [b - a for a, b in itertools.pairwise(times)]
    for gap, wanted in zip(gaps, [10, 20, 40, 40, 40], strict=False):
        assert wanted * 0.94 <= gap <= wanted * 1.06


async def test_the_vendors_wish_to_be_left_alone_is_kept():
    world = await one(Script(course=[("done", 1000)], look_again=300))
    times = world.vendor.times("observe")
    assert min(b - a for a, b in itertools.pairwise(times)) >= 300


async def test_a_failed_look_waits_as_long_as_it_was_told():
    world = await one(Script(course=[("done", 1)], faults={"observe": [Transient("429", retry_after=777)]}))
    first, second = world.vendor.times("observe")
    assert second - first >= 777


NO_HANDLES = [7, None, ["s3cret"], {"id": {1}}, {"id": float("nan")}, {"token": b"s3cret"}]


@pytest.mark.parametrize("handle", NO_HANDLES, ids=repr)
async def test_a_handle_that_the_journal_cannot_keep_is_a_doubt_and_its_job_is_looked_for(handle):
    world = await one(Script(faults={"trigger": [Gives(handle)]}))
    assert world.outcome is Outcome.SUCCEEDED
    assert len(world.vendor.jobs) == 1
    assert world.disk.of("step_triggered")[0].adopted


@pytest.mark.parametrize("handle", [each for each in NO_HANDLES if each is not None], ids=repr)
async def test_a_job_that_only_such_a_handle_tells_of_ends_its_step_as_unknown(handle):
    world = await one(Script(faults={"trigger": ["lost"], "recover": [Gives(handle)]}))
    assert world.outcome is Outcome.UNKNOWN
    assert len(world.vendor.jobs) == 1
    end = world.disk.end("a")
    assert "the adapter's handle is no mapping of JSON values" in end.detail
    assert "settle it by hand" in end.hint
    assert "s3cret" not in repr(world.disk.events)
