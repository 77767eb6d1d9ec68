"""What is remembered of a recipe before it polls, what is seen afterwards, and whether that is all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeforge.adapter import Evidence, Handle, Json, Outcome
from pipeforge.adapters.handles import whole
from pipeforge.adapters.pointing import named
from pipeforge.adapters.workato.choices import IDS_SHOWN, SCHEDULER
from pipeforge.adapters.workato.kinds import RunRecipeParams
from pipeforge.adapters.workato.wire import Job, Recipe


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Baseline(_Kept):
    """The recipe before it polled; journaled as evidence and again in the handle."""

    at: datetime
    """The server's time."""
    running: bool
    scheduled: bool
    ids: tuple[str, ...]
    """The newest jobs, newest first. Those that waited while it was stopped are not among them: what starts
    it next brings them about."""
    job_count: int | None
    succeeded: int | None
    failed: int | None
    last_run_at: datetime | None
    stopped_at: datetime | None
    stop_cause: str | None
    version_no: int | None


class Watch(_Kept):
    """Everything that decides when the jobs are over, so that any process decides the same."""

    recipe_id: int
    baseline: Baseline
    triggered_at: datetime
    """The server's time when it polled: the request was taken, or the recipe became active."""
    activated: bool = True
    """False: the start was accepted, but the recipe was not seen running yet."""
    settle: float
    no_job_grace: float
    on_no_job: Literal["succeed", "fail"]
    await_by: Literal["jobs", "counters"]
    named: str = ""
    """A job that a person said is among them."""

    def stopped_since(self, recipe: Recipe) -> bool:
        """Whether the recipe was stopped after it polled: if it runs again, then by somebody else's start."""
        at = recipe.stopped_at
        return at is not None and at != self.baseline.stopped_at and at >= self.triggered_at

    def handle(self) -> Handle:
        """As JSON."""
        kept: dict[str, Json] = self.model_dump(mode="json")
        return kept


def watch_from(given: Json, params: RunRecipeParams, evidence: Evidence) -> "Watch":
    """The watch that a person asks for who found one of its jobs. Raises ValueError."""
    if isinstance(given, Mapping) and "baseline" in given:
        watch = Watch.model_validate(whole("workato.run_recipe", given))
        if watch.recipe_id != params.recipe_id:
            raise ValueError(f"the step is about recipe {params.recipe_id}")
        return watch
    if not evidence:
        raise ValueError("the jobs from before the start are not in the journal")
    start = Baseline.model_validate(evidence)
    named_job = "" if params.await_by == "counters" else named(given, "job_id")
    return watch_of(params, start, start.at).model_copy(update={"named": named_job})


@dataclass(frozen=True, slots=True)
class Sight:
    """The jobs newer than the baseline, counted."""

    at: datetime
    succeeded: int = 0
    failed: int = 0
    canceled: int = 0
    going: int = 0
    waiting: int = 0
    """Not begun yet: they stay so while the recipe is stopped."""
    last: datetime | None = None
    """The last sign of life of any of them."""
    ids: tuple[str, ...] = ()
    error: str = ""
    """Of the first one that failed."""
    blind: bool = False
    """There were jobs that could neither be looked at nor counted."""
    warning: str = ""

    @property
    def over(self) -> int:
        return self.succeeded + self.failed + self.canceled

    @property
    def jobs(self) -> int:
        return self.over + self.going + self.waiting


class Phase(Enum):
    """How far the jobs of one poll are."""

    NONE_YET = "none yet"
    GOING = "going"
    SETTLING = "settling"
    DONE = "done"
    NO_EVENTS = "no events"


def baseline(recipe: Recipe, jobs: Sequence[Job], job_count: int | None, at: datetime) -> Baseline:
    """What to remember. `jobs` are the newest ones, none where only the counters are watched."""
    return Baseline(
        at=at,
        running=recipe.running,
        scheduled=recipe.trigger_application == SCHEDULER,
        ids=tuple(job.id for job in jobs if recipe.running or job.begun),
        job_count=job_count,
        succeeded=recipe.job_succeeded_count,
        failed=recipe.job_failed_count,
        last_run_at=recipe.last_run_at,
        stopped_at=recipe.stopped_at,
        stop_cause=recipe.stop_cause,
        version_no=recipe.version_no,
    )


def watch_of(params: RunRecipeParams, start: Baseline, at: datetime, *, activated: bool = True) -> Watch:
    """The watch over a poll that was taken `at`."""
    return Watch(
        recipe_id=params.recipe_id,
        baseline=start,
        triggered_at=at,
        activated=activated,
        settle=params.settle,
        no_job_grace=params.no_job_grace,
        on_no_job=params.on_no_job,
        await_by=params.await_by,
    )


def by_jobs(new: Sequence[Job], at: datetime) -> Sight:
    """Counts the new jobs, newest first."""
    outcomes = [(job, job.outcome()) for job in new]
    bad = [job for job, outcome in outcomes if outcome in (Outcome.FAILED, Outcome.CANCELED)]
    signs = [moment for job in new for moment in (job.started_at, job.completed_at) if moment]
    first = bad[-1] if bad else None
    unseen = sorted({str(job.status) for job in new if job.unseen()})
    warnings = [f"the vendor said '{word}' of a job, a status not documented" for word in unseen]
    return Sight(
        at=at,
        succeeded=sum(outcome is Outcome.SUCCEEDED for _, outcome in outcomes),
        failed=sum(outcome is Outcome.FAILED for _, outcome in outcomes),
        canceled=sum(outcome is Outcome.CANCELED for _, outcome in outcomes),
        going=sum(outcome is None and job.started_at is not None for job, outcome in outcomes),
        waiting=sum(outcome is None and job.started_at is None for job, outcome in outcomes),
        last=max(signs, default=None),
        ids=tuple(job.id for job in new[:IDS_SHOWN]),
        error=f"job {first.id}: {first.why() or first.status or 'failed'}" if first else "",
        warning="; ".join(warnings),
    )


def counted(watch: Watch, recipe: Recipe, seen: Sight) -> Sight:
    """What was seen of jobs of which not all could be listed, made up for by the recipe's own counters."""
    succeeded = _since(watch.baseline.succeeded, recipe.job_succeeded_count)
    failed = _since(watch.baseline.failed, recipe.job_failed_count)
    known = succeeded is not None and failed is not None
    missed = max(0, (failed or 0) - seen.failed)
    return replace(
        seen,
        succeeded=max(seen.succeeded, succeeded or 0),
        failed=seen.failed + missed,
        error=seen.error or (f"{missed} failed jobs counted; see the recipe's job history" if missed else ""),
        blind=not known,
        warning="; ".join(filter(None, (seen.warning, _NOT_ALL))),
    )


_NOT_ALL = "there are more new jobs than Workato lists: not all of them were looked at"


def _since(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else max(0, now - before)


def by_counters(watch: Watch, recipe: Recipe, at: datetime) -> Sight:
    """The weak way: jobs are counted only once they are over, and a newer run without a count is going."""
    succeeded = _since(watch.baseline.succeeded or 0, recipe.job_succeeded_count) or 0
    failed = _since(watch.baseline.failed or 0, recipe.job_failed_count) or 0
    newer = recipe.last_run_at is not None and recipe.last_run_at != watch.baseline.last_run_at
    return Sight(
        at=at,
        succeeded=succeeded,
        failed=failed,
        going=1 if newer and not succeeded + failed else 0,
        last=recipe.last_run_at if newer else None,
        error=f"{failed} failed jobs counted; see the recipe's job history" if failed else "",
        warning="awaited by counters: jobs that are still going cannot be seen",
    )


def phase(watch: Watch, sight: Sight) -> tuple[Phase, float]:
    """How far it is, and in how many seconds that can change by itself (0 where it cannot)."""
    since = (sight.at - watch.triggered_at).total_seconds()
    if not sight.jobs:
        left = watch.no_job_grace - since
        return (Phase.NONE_YET, left) if left > 0 else (Phase.NO_EVENTS, 0.0)
    if sight.going or sight.waiting:
        return Phase.GOING, 0.0
    last = max(sight.last or watch.triggered_at, watch.triggered_at)
    left = watch.settle - (sight.at - last).total_seconds()
    return (Phase.SETTLING, left) if left > 0 else (Phase.DONE, 0.0)
