"""Which jobs belong to a poll that has no id: pure, and the same whenever and whoever looks at them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeforge.adapters.workato.awaiting import Baseline, Watch
from pipeforge.adapters.workato.choices import LATE_LOOK
from pipeforge.adapters.workato.wire import Job

_NEVER = datetime.max.replace(tzinfo=UTC)


def is_before(start: Baseline, job: Job) -> bool:
    """Whether a job was there already: noted, or over by then."""
    return job.id in start.ids or (job.completed_at is not None and job.completed_at < start.at)


def of_the_poll(watch: Watch, new: Sequence[Job]) -> list[Job]:
    """Of the new jobs, newest first, those that follow the poll without a gap.

    A recipe goes on by its own schedule, or is started by somebody: what begins after a pause in which the
    poll counted as over is not its doing, however late the look. One that still goes has no end to count
    a pause from.
    """
    mine: list[Job] = []
    quiet_since, patience = watch.triggered_at, watch.no_job_grace
    for job in sorted(reversed(new), key=lambda job: job.begun or _NEVER):
        if job.begun is not None and (job.begun - quiet_since).total_seconds() > patience + LATE_LOOK:
            break
        mine.append(job)
        patience = watch.settle
        going = job.begun is not None and job.outcome() is None
        quiet_since = _NEVER if going else max(quiet_since, job.completed_at or job.begun or quiet_since)
    return mine[::-1]
