"""What holds of an earlier state for a plan that changed, also of steps that were removed and came back."""

from datetime import UTC, datetime

import pytest
from scripted_vendor import plan, started, step

from pipeforge.adapter import Outcome
from pipeforge.engine.carrying import carry, reopenings, stuck
from pipeforge.engine.events import RunResumed, StepFinished, StepIntended, StepOutline, StepTriggered
from pipeforge.engine.state import replay

T = datetime(2024, 1, 1, tzinfo=UTC)
DONE = StepFinished(at=T, step="b", attempt=1, outcome=Outcome.SUCCEEDED)
UNKNOWN = StepFinished(at=T, step="b", attempt=1, outcome=Outcome.UNKNOWN)
UNDER_WAY = StepTriggered(at=T, step="b", attempt=1, handle={"id": 1})


def outline(id_: str) -> StepOutline:
    return StepOutline(id=id_, uses="vendor.run", fingerprint=f"{id_} 1", place="here")


def removed(*events):
    """A run of `a` and `b` that went on when the pipeline had only `a` any more."""
    begun = StepIntended(at=T, step="b", attempt=1, key="k", fingerprint="b 1")
    resumed = RunResumed(at=T, holder="h", digest="d2", steps=(outline("a"),))
    first = started().model_copy(update={"steps": (outline("a"), outline("b"))})
    return replay([first, begun, *events, resumed])


def now(version: int, place: str = "here"):
    return plan(
        step("a", fingerprint="a 1", place="here"), step("b", fingerprint=f"b {version}", place=place)
    )


def fates(past, of):
    return {line.id: line.fate for line in carry(past, of)}


def test_what_a_step_came_to_holds_when_it_comes_back_as_it_was():
    assert fates(removed(DONE), now(1))["b"] == "kept"


def test_another_step_under_the_name_of_a_removed_one_takes_nothing_over_from_it():
    past, of = removed(DONE), now(2)
    lines = carry(past, of)
    assert (lines[1].fate, lines[1].why) == ("again", "changed")
    assert [event.step for event in reopenings(past, lines, T)] == ["b"]


def test_a_job_of_a_step_that_comes_back_as_it_was_is_gone_on_with():
    assert fates(removed(UNDER_WAY), now(1))["b"] == "goes_on"
    assert stuck(removed(UNDER_WAY), now(1)) is None


def test_a_job_is_not_shown_to_a_stranger_that_has_the_name_of_its_step():
    """Another kind or another account, asked for a job's number, might know one of its own."""
    assert stuck(removed(UNDER_WAY), now(2, "elsewhere")) == ("b", "moved")


@pytest.mark.parametrize("back", [False, True])
def test_an_unknown_step_is_settled_before_it_is_removed(back):
    of = now(2) if back else plan(step("a", fingerprint="a 1", place="here"))
    assert stuck(removed(UNKNOWN), of) == ("b", "unknown")
