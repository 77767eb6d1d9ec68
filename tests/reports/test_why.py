"""The story of one step, told from events alone."""

from datetime import UTC, datetime, timedelta

from pipeforge.adapter import Outcome
from pipeforge.engine.events import (
    AttemptFailed,
    RunPaused,
    RunResumed,
    RunStarted,
    StepDeferred,
    StepFinished,
    StepIntended,
    StepOutline,
    StepSettled,
    StepTriggered,
    StepWaiting,
    TailLost,
)
from pipeforge.reports.why import story, why_json, why_text

START = datetime(2026, 1, 31, tzinfo=UTC)
STEPS = (
    StepOutline(id="a", uses="trocco.run_job"),
    StepOutline(id="b", uses="trocco.run_job", needs=("a",)),
    StepOutline(id="c", uses="trocco.run_job", needs=("b",)),
)


def told(step, *events):
    """The sentences about a step; the events happen a second apart."""
    first = RunStarted(
        at=START, run="r1", pipeline="p", path="p.yaml", digest="d", context_time=START, steps=STEPS
    )
    made = [first] + [
        kind(at=START + timedelta(seconds=n), **fields) for n, (kind, fields) in enumerate(events, 1)
    ]
    return story(made, step)


def of(kind, step, attempt=1, **fields):
    return kind, {"step": step, "attempt": attempt, **fields}


def test_each_thing_that_can_happen_has_its_sentence():
    text = why_text(
        told(
            "b",
            of(StepFinished, "a", outcome=Outcome.SUCCEEDED),
            of(StepWaiting, "b", reason="running", detail="2 jobs at once on 'trocco'"),
            of(StepIntended, "b", key="k1"),
            of(StepDeferred, "b", detail="refused"),
            of(StepIntended, "b", key="k1"),
            (RunResumed, {"holder": "host pid 2"}),
            of(StepTriggered, "b", handle={"job_id": 7}, adopted=True),
            of(AttemptFailed, "b", outcome=Outcome.FAILED, word="error", retry_at=START),
            of(StepIntended, "b", 2, key="k2"),
            of(StepFinished, "b", 2, outcome=Outcome.UNKNOWN, detail="lost", link="https://x.example/1"),
            (RunPaused, {"reason": "undecided"}),
            of(StepSettled, "b", 2, verdict="started", by="me@host", handle={"job_id": 8}, checked="running"),
        ),
    )
    sentences = [line[27:] for line in text.splitlines()[1:]]
    expected = [
        "the run began; the step needs 'a'",
        "'a' ended succeeded; all that it needs is over",
        "had to wait: 2 jobs at once on 'trocco'",
        "attempt 1: the intent",
        "certainly not started; refused",
        "attempt 1, tried again: the intent",
        "the run was resumed by host pid 2; its trigger had no answer yet",
        "adopted: its job was found at the vendor: job_id 7",
        "attempt 1 ended failed ('error'); another follows as `retry` says",
        "attempt 2: the intent",
        "ended unknown; lost; look at https://x.example/1",
        "me@host settled it: it did start: job_id 8; the vendor was asked and said 'running'",
        "its job is going on",
    ]
    assert len(sentences) == len(expected)
    for sentence, begins in zip(sentences, expected, strict=True):
        assert sentence.startswith(begins)


def test_a_blocked_step_names_the_first_cause_and_who_opened_it():
    value = why_json(
        told(
            "c",
            of(StepFinished, "a", outcome=Outcome.UNKNOWN, detail="answer lost"),
            of(StepFinished, "b", 0, outcome=Outcome.BLOCKED, detail="needs 'a' (unknown)"),
            of(StepFinished, "c", 0, outcome=Outcome.BLOCKED, detail="needs 'b' (blocked)"),
            of(StepSettled, "a", verdict="succeeded", by="me@host"),
            (TailLost, {"rows": 2}),
        )
    )
    texts = [sentence["text"] for sentence in value["why"]]
    assert "the cause is 'a', which ended unknown at 2026-01-31 00:00:01+00:00 (answer lost)" in texts[2]
    assert texts[3] == "'a' was settled, so it is not blocked any more and is judged again"
    assert texts[4].startswith("2 damaged events were cut off")
    assert (value["outcome"], value["now"]) == (None, "it waits for 'b'")
