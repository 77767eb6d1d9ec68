"""Which of a vendor's newer jobs a lost start can have made, where the list does not say who started them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pipeforge.adapters.spans import LOST, REACHED
from pipeforge.errors import InDoubt

WITHIN = timedelta(seconds=LOST)
"""chosen: later than this after the preparation no job of ours can come any more."""

_REACHED = timedelta(seconds=REACHED)
"""chosen: a job made later than this is taken for somebody else's, and never for the one of a lost start.

Without it the job of the next night's run, or of the next full hour, would be taken for a start that never
arrived.
"""
_MINUTE = timedelta(seconds=60)  # chosen: vendors may cut their times to whole minutes
_SERVERS = timedelta(seconds=5)  # chosen: a vendor's servers may differ so much among each other
_FIRST_LOOK = 5.0  # chosen: seconds to the second look for a lost job; doubled after each


class Newer(NamedTuple):
    """A job that was not there before the start. `when`: its making, or its beginning; None if not told."""

    number: int
    when: datetime | None


class Claims(NamedTuple):
    """The newer jobs, by what they can be."""

    ours: list[int]
    others: list[int]
    """Made at another time than ours, or it cannot be told when."""


def sort_out(jobs: Sequence[Newer], at: datetime, now: datetime) -> Claims:
    """`at`: when the start was prepared; `now`: when the list was read; both by the vendor's clock."""
    claims = Claims([], [])
    for job in sorted(jobs, key=lambda job: job.number):
        seen = now if job.when is None else job.when
        cut = _SERVERS if seen.second or seen.microsecond else _MINUTE
        (claims.ours if at - cut <= seen <= at + _REACHED else claims.others).append(job.number)
    return claims


async def search(
    look: Callable[[], Awaitable[tuple[Sequence[Newer], datetime]]], at: datetime, window: float
) -> Claims:
    """Looks until there is a job that can be ours, for `window` seconds or while one can still come.

    Found is what two looks show alike: somebody else's may be listed sooner than ours.
    """
    loop = asyncio.get_running_loop()
    until, wait = loop.time() + window, _FIRST_LOOK
    before: list[int] = []
    while True:
        jobs, now = await look()
        claims = sort_out(jobs, at, now)
        left = until - loop.time()
        if (claims.ours and claims.ours == before) or left <= 0 or now > at + WITHIN:
            return claims
        before = claims.ours
        await asyncio.sleep(min(wait, left))
        wait *= 2


def settle(claims: Claims, said: str, by: str, look: str) -> int:
    """The one job that can be ours. Raises InDoubt, beginning with `said`; `by` says what is listed."""
    if len(claims.ours) == 1:
        return claims.ours[0]
    if claims.ours:
        raise InDoubt(f"{said}; its list shows several new jobs {by}: {_listed(claims.ours)}", look)
    shown = f"no new job {by}"
    if claims.others:
        shown += f" of that time, only others: {_listed(claims.others)}"
    hint = f"{look}; `on_ambiguous: retry` starts it again in this case"
    raise InDoubt(f"{said}; its list shows {shown}", hint)


def taken(what: str, by: str) -> str:
    """What is said of a job found by exclusion, each time that it is looked at: it may be somebody else's."""
    return (
        f"the answer to its start was lost: {what} is taken for it, as the one new job {by} since; "
        "if somebody else started that one, stop here"
    )


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"
