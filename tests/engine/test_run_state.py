"""The fold of events: what each kind of event does to the state, and that order is all that matters."""

from datetime import UTC, datetime, timedelta

import pytest
from scripted_vendor import started

from pipeforge.adapter import Outcome
from pipeforge.engine.events import (
    EVENT,
    AttemptFailed,
    RunFinished,
    RunPaused,
    RunResumed,
    StepCanceling,
    StepDeferred,
    StepFinished,
    StepIntended,
    StepObserved,
    StepTriggered,
    StepWarned,
)
from pipeforge.engine.state import Phase, phase, replay

T = datetime(2024, 1, 1, tzinfo=UTC)
INTENDED = StepIntended(at=T, step="a", attempt=1, key="k1", fingerprint="f", evidence={"newest": 4})
TRIGGERED = StepTriggered(at=T, step="a", attempt=1, handle={"id": 5})
OBSERVED = StepObserved(at=T, step="a", attempt=1, word="running", detail="half")
DONE = StepFinished(at=T, step="a", attempt=1, outcome=Outcome.SUCCEEDED, word="done", outputs={"id": 5})


def a(*events):
    return replay([started(), *events]).steps["a"]


def test_the_run_is_known_from_its_first_event():
    state = replay([started()])
    assert (state.run, state.pipeline, state.digest) == ("r1", "nightly", "d1")
    assert (state.outcome, state.paused, state.steps) == (None, None, {})
    assert phase(state.steps, "a") is Phase.WAITING


def test_an_intent_carries_what_recovery_needs():
    step = a(INTENDED)
    assert (step.phase, step.attempt, step.key, step.evidence) == (Phase.INTENDED, 1, "k1", {"newest": 4})
    assert (step.intended_at, step.in_flight) == (T, True)


def test_a_handle_follows_an_intent():
    step = a(INTENDED, TRIGGERED, OBSERVED)
    assert (step.phase, step.handle, step.word, step.detail) == (
        Phase.TRIGGERED,
        {"id": 5},
        "running",
        "half",
    )
    assert step.in_flight


def test_a_deferred_try_is_in_doubt_no_more():
    step = a(INTENDED, StepDeferred(at=T, step="a", attempt=1, detail="refused"))
    assert (step.phase, step.in_flight, step.attempt) == (Phase.DEFERRED, False, 1)


def test_a_second_intent_starts_the_clock_again_and_forgets_the_first_job():
    later = T + timedelta(hours=1)
    failed = AttemptFailed(at=T, step="a", attempt=1, outcome=Outcome.FAILED, word="failed", retry_at=later)
    waiting = a(INTENDED, TRIGGERED, failed)
    assert (waiting.phase, waiting.retry_at, waiting.in_flight) == (Phase.RETRYING, later, False)
    step = a(
        INTENDED, TRIGGERED, failed, INTENDED.model_copy(update={"attempt": 2, "key": "k2", "at": later})
    )
    assert (step.attempt, step.key, step.handle, step.word) == (2, "k2", None, "")
    assert (step.intended_at, step.retry_at) == (later, None)


def test_why_a_job_was_asked_to_stop_belongs_to_its_attempt():
    asked = StepCanceling(at=T, step="a", attempt=1, reason="timeout")
    assert a(INTENDED, TRIGGERED, asked).canceling == "timeout"
    assert a(INTENDED, TRIGGERED, asked, INTENDED.model_copy(update={"attempt": 2})).canceling is None


def test_an_end_keeps_outputs_and_word():
    step = a(INTENDED, TRIGGERED, DONE)
    assert (step.phase, step.outcome, step.word, step.outputs) == (
        Phase.FINISHED,
        Outcome.SUCCEEDED,
        "done",
        {"id": 5},
    )
    assert step.ok


@pytest.mark.parametrize(
    ("outcome", "attempt", "accepted", "ok"),
    [
        (Outcome.SUCCEEDED, 1, False, True),
        (Outcome.FAILED, 1, False, False),
        (Outcome.FAILED, 1, True, True),
        (Outcome.SKIPPED, 0, False, True),
        (Outcome.SKIPPED, 1, False, False),
        (Outcome.BLOCKED, 0, False, False),
        (Outcome.UNKNOWN, 1, False, False),
    ],
)
def test_what_counts_as_success(outcome, attempt, accepted, ok):
    assert a(StepFinished(at=T, step="a", attempt=attempt, outcome=outcome, accepted=accepted)).ok is ok


def test_warnings_are_kept_once():
    warned = StepWarned(at=T, step="a", attempt=1, message="502")
    assert a(warned, warned).warnings == ("502",)


def test_a_paused_run_goes_on_when_resumed_and_ends_for_good():
    paused = [started(), RunPaused(at=T, reason="max_time")]
    assert replay(paused).paused == "max_time"
    resumed = replay([*paused, RunResumed(at=T, holder="me", digest="d2")])
    assert (resumed.paused, resumed.resumed, resumed.digest) == (None, 1, "d2")
    assert replay([*paused, RunFinished(at=T, outcome=Outcome.FAILED)]).outcome is Outcome.FAILED


def test_the_latest_answers_to_triggers_are_remembered_but_not_all():
    warned = StepWarned(at=T, step="a", attempt=1, message="cannot ask")
    assert not replay([started(), INTENDED, warned]).recent
    events = [
        e.model_copy(update={"step": f"s{n}"}) for n in range(1000) for e in (INTENDED, TRIGGERED, DONE)
    ]
    recent = replay([started(), *events]).recent
    assert recent[-1] == ("s999", T)
    assert recent[-2] == ("s998", T)
    assert len(recent) < 1000


def test_every_event_folds_after_a_round_trip_through_json():
    events = [started(), INTENDED, TRIGGERED, OBSERVED, DONE, RunFinished(at=T, outcome=Outcome.SUCCEEDED)]
    again = [EVENT.validate_json(event.model_dump_json()) for event in events]
    assert replay(again) == replay(events)
