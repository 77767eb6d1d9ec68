"""From what was seen of a recipe's jobs to an observation: pure, for both kinds that await jobs."""

from pipeforge.adapter import Json, Observation, Outcome
from pipeforge.adapters.workato.awaiting import Phase, Sight, Watch
from pipeforge.adapters.workato.wire import Recipe
from pipeforge.language.durations import text as duration_text

_AGAIN = 0.5
"""Seconds added to a wait, because the vendor's `Date` has whole ones."""


def still(watch: Watch, sight: Sight, phase: Phase, left: float) -> Observation:
    """Not over yet."""
    word = {Phase.NONE_YET: "no_job_yet", Phase.SETTLING: "settling"}.get(phase, "pending")
    detail = f"{sight.over} of {sight.jobs} jobs over" if sight.jobs else ""
    wait = left + _AGAIN if phase is Phase.SETTLING else None
    return Observation(
        None, word, detail, outputs=outputs(watch, sight), look_again=wait, warning=sight.warning
    )


def done(watch: Watch, sight: Sight, warning: str = "") -> Observation:
    """All jobs are over: one bad job makes the step fail."""
    bad = sight.failed + sight.canceled
    detail = _told(sight)
    if sight.blind and not bad:
        return Observation(
            Outcome.UNKNOWN,
            "unknown",
            f"{detail}; the others could not be seen: look at the jobs of recipe {watch.recipe_id}",
            outputs=outputs(watch, sight),
            warning=sight.warning,
        )
    return Observation(
        Outcome.FAILED if bad else Outcome.SUCCEEDED,
        "failed" if sight.failed else "canceled" if bad else "succeeded",
        detail,
        outputs=outputs(watch, sight),
        warning="; ".join(filter(None, (sight.warning, warning))),
    )


def no_events(watch: Watch, sight: Sight, recipe: Recipe, *, stopped_is_fine: bool) -> Observation:
    """No job came. A recipe that stopped by itself failed; otherwise the author has said what it means."""
    found = outputs(watch, sight)
    cause = recipe.stop_cause if recipe.stop_cause != watch.baseline.stop_cause else None
    if cause or not (recipe.running or stopped_is_fine):
        why = f"its stop cause is '{cause}'" if cause else "it is not running"
        detail = f"no job appeared from recipe {watch.recipe_id}: {why}"
        return Observation(Outcome.FAILED, cause or "stopped", detail, outputs=found)
    detail = f"no job appeared within {duration_text(watch.no_job_grace)}"
    told = f"{detail}: there was nothing new at the source, or the trigger failed (Workato shows both alike)"
    if watch.on_no_job == "fail":
        return Observation(Outcome.FAILED, "no_events", told, outputs=found)
    return Observation(Outcome.SUCCEEDED, "no_events", detail, outputs=found, warning=told)


def paused(watch: Watch, sight: Sight) -> Observation:
    """The recipe was stopped before its jobs had all begun; one that failed by then makes the step fail."""
    detail = f"recipe {watch.recipe_id} was stopped"
    detail += f" with {_jobs(sight.waiting)} waiting" if sight.waiting else " before any job appeared"
    outcome = Outcome.CANCELED
    if sight.failed:
        outcome, detail = Outcome.FAILED, f"{detail}; {_told(sight)}"
    return Observation(outcome, "stopped", detail, outputs=outputs(watch, sight), warning=sight.warning)


def outputs(watch: Watch, sight: Sight) -> dict[str, Json]:
    """The outputs of both kinds."""
    return {
        "recipe_id": watch.recipe_id,
        "job_ids": list(sight.ids),
        "jobs": sight.jobs,
        "succeeded": sight.succeeded,
        "failed": sight.failed,
        "canceled": sight.canceled,
    }


def _told(sight: Sight) -> str:
    counts = {"succeeded": sight.succeeded, "failed": sight.failed, "canceled": sight.canceled}
    parts = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    error = f"; {sight.error}" if sight.failed + sight.canceled else ""
    return f"{_jobs(sight.jobs)} since the poll: {parts}{error}"


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"
