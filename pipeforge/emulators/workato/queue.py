"""A recipe's jobs run one after the other: when each begins and ends, given the recipe's stops."""

from collections.abc import Callable, Iterable
from math import inf, isinf

from pipeforge.emulators.workato.records import Job


def schedule(jobs: Iterable[Job], since: float, seconds: Callable[[Job], float]) -> None:
    """Decide the turns of all jobs that had not begun by `since`, the moment from which the recipe runs."""
    free = 0.0
    for job in jobs:
        if job["begins"] is None or job["begins"] > since:
            begins = max(job["due"], free, since)
            ends = begins + seconds(job)
            job["begins"] = None if isinf(begins) else begins
            job["ends"] = None if isinf(ends) else ends
        free = inf if job["ends"] is None else job["ends"]


def pause(jobs: Iterable[Job], at: float) -> None:
    """Take the turn from every job that has not begun by `at`: a stopped recipe keeps them waiting."""
    for job in jobs:
        if job["begins"] is not None and job["begins"] > at:
            job["begins"] = job["ends"] = None


def there(job: Job, now: float) -> bool:
    return job["due"] <= now


def begun(job: Job, now: float) -> bool:
    return job["begins"] is not None and job["begins"] <= now


def over(job: Job, now: float) -> bool:
    return job["ends"] is not None and job["ends"] <= now
