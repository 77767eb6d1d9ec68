"""Lists of runs, one run, and lines of progress, as a person sees them."""

from datetime import UTC, datetime

import pytest

from pipeforge.adapter import Outcome
from pipeforge.engine.events import StepObserved, StepOutline
from pipeforge.engine.state import RunState, StepState
from pipeforge.journal import RunSummary
from pipeforge.reports.display import amount, padded, shown, width
from pipeforge.reports.progress import line
from pipeforge.reports.run_list import table
from pipeforge.reports.runs import run_text, summary

AT = datetime(2026, 1, 30, 17, 0, tzinfo=UTC)


def run(name, pipeline, **more):
    values = {"run": name, "pipeline": pipeline, "context_time": AT, "again": 0, "started_at": AT}
    return RunSummary(**{**values, "ended_at": AT, "outcome": "succeeded", "held_by": None, **more})


def columns_of(text, word):
    return {width(line[: line.index(word)]) for line in text.splitlines() if word in line}


def test_full_width_names_do_not_push_columns_aside():
    text = table([run("r1", "夜間売上バッチ"), run("r2", "nightly"), run("r3", "x" * 20)])
    assert len(columns_of(text, "succeeded")) == 1


def test_a_context_time_is_shown_with_its_offset():
    """As `run` takes it: without one it would be read in the pipeline's zone."""
    assert "2026-01-31T02:00:00+09:00" in table([run("r1", "p", timezone="Asia/Tokyo")])


def test_only_what_is_run_again_is_called_so():
    """A step, its items and a rerun may each run a pipeline for an instant that has runs already."""
    again = [
        run(name, "p", again=number) for number, name in enumerate(("r", "r.load", "r.each:1", "b.0001"))
    ]
    lines = table([again[0], *again[1:]]).splitlines()[1:]
    assert {line.split()[0]: "(again" in line for line in lines} == {
        "r": False,
        "r.load": False,
        "r.each:1": False,
        "b.0001": True,
    }


def test_counts_agree_with_their_nouns():
    assert [amount(number, "run") for number in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]


def state():
    made = RunState(run="r1", pipeline="港", path="p.yaml", outcome=Outcome.FAILED)
    made.outlines = (
        StepOutline(id="取込", uses="trocco.run_job"),
        StepOutline(id="each", uses="trocco.run_job"),
    )
    ended = {"outcome": Outcome.SUCCEEDED, "triggered_at": AT, "finished_at": AT}
    made.steps = {
        "取込": StepState(outcome=Outcome.SKIPPED, accepted=True, detail="another was running"),
        "each[0]": StepState(**ended),
        "each[10]": StepState(**ended),
        "each": StepState(outcome=Outcome.SUCCEEDED),
    }
    return made


def test_one_run_stands_in_columns():
    rows = [line for line in run_text(state()).splitlines() if line.startswith("  ")][:4]
    assert [row.split()[0] for row in rows] == ["取込", "each", "each[0]", "each[10]"]
    assert len(columns_of("\n".join(rows), "succeeded") | columns_of(rows[0], "skipped")) == 1
    assert len(columns_of("\n".join(rows), "trocco.run_job")) == 1


def test_what_was_accepted_is_told_so():
    assert "取込 skipped (accepted):\n    another was running" in summary(state(), (), "", "")


def test_no_time_at_all_has_no_fraction():
    assert "succeeded in 0s" in run_text(state())


def test_progress_is_aligned_by_columns_of_the_terminal():
    lines = [
        line(StepObserved(at=AT, step=step, attempt=1, word="running"), UTC, 8)
        for step in ("取込", "load_all")
    ]
    assert len(columns_of("\n".join(lines), "running")) == 1


def test_a_full_width_space_of_a_vendor_stays_one():
    told = line(StepObserved(at=AT, step="a", attempt=1, word="x", detail="みかん　愛媛\x1b[2J\n次"), UTC)
    assert told.endswith("x: みかん　愛媛\\x1b[2J / 次")


@pytest.mark.parametrize(
    ("text", "seen"), [("a\u200bb", "a\\u200bb"), ("a\u00a0b", "a\\xa0b"), ("👩\u200d👧", "👩\u200d👧")]
)
def test_what_cannot_be_seen_is_written_out(text, seen):
    assert shown(text) == seen


def test_padding_never_cuts():
    assert padded("取込", 2) == "取込"
    assert padded("取込", 6) == "取込  "
