"""Events for the journal's tests."""

from datetime import UTC, datetime

from pipeforge.adapter import Outcome
from pipeforge.engine.events import RunFinished, RunStarted, StepFinished, StepIntended, StepOutline

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def started(run="r1", *, pipeline="nightly", context_time=NOON, again=0, at=NOON):
    return RunStarted(
        at=at,
        run=run,
        pipeline=pipeline,
        path="nightly.yaml",
        digest="d",
        context_time=context_time,
        again=again,
        custom_variables={"region": "日本"},
        steps=(StepOutline(id="load", uses="trocco.run_job"),),
    )


def intended(number):
    return StepIntended(at=NOON, step=f"s{number}", attempt=1, key=f"r1:s{number}:1", evidence={"n": number})


def finished(number, detail=""):
    outputs = {"rows": number, "names": ["東京", None, 1.5]}
    return StepFinished(
        at=NOON, step=f"s{number}", attempt=1, outcome=Outcome.SUCCEEDED, detail=detail, outputs=outputs
    )


def over(outcome=Outcome.SUCCEEDED):
    return RunFinished(at=NOON, outcome=outcome)


def keys(events):
    """The numbers of the intended and finished steps, in order."""
    return [int(event.step[1:]) for event in events if event.type in ("step_intended", "step_finished")]
