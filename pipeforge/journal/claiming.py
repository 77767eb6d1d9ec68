"""Decides whether a place that processes share is free: a pure question to the claims that stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeforge.journal import Claim, Wait

State = Literal["waiting", "held", "over"]
"""In line for a place · holding one · given back or left behind, and still counting for a while."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim as it stands in the store: of a live run, or a start that still counts."""

    number: int
    """The order in which claims were first made."""
    resource: str
    run: str
    place: str
    window: float | None
    """As in `Claim`."""
    lingers: float
    """As in `Claim`."""
    state: State
    age: float
    """Seconds since the state began."""
    since: datetime
    """When it was made, for a person."""
    holder: str
    """The process, for a person; empty when it is gone."""

    def is_of(self, claim: Claim, run: str) -> bool:
        """Whether this is what `claim` of `run` asked for."""
        same = (self.run, self.place, self.resource) == (run, claim.place, claim.resource)
        if self.window is not None:
            return same and self.state != "over" and claim.window is not None
        return same and claim.window is None

    def takes_room(self, claim: Claim) -> bool:
        """Whether it counts against the claim's limit."""
        if self.resource != claim.resource or (self.window is None) != (claim.window is None):
            return False
        return self.state != "over" or self.age < (self.lingers if claim.window is None else claim.window)


def obstacle(standing: Sequence[Standing], claims: Sequence[Claim], run: str) -> Wait | None:
    """What keeps `run` from having all of `claims` now; None when nothing does.

    First come, first served: whoever asked earlier and waits counts as if it held its place already.
    """
    for claim in claims:
        mine = next((one for one in standing if one.is_of(claim, run)), None)
        if mine is not None and mine.state == "held":
            continue
        before = [one for one in standing if one.takes_room(claim) and one is not mine]
        if mine is not None:
            before = [one for one in before if one.state != "waiting" or one.number < mine.number]
        if len(before) >= claim.limit:
            return _wait(claim, before)
    return None


def _wait(claim: Claim, before: Sequence[Standing]) -> Wait:
    """Names the oldest that holds a place; tells how long it is no use to ask again."""
    first = min(before, key=lambda one: (one.state == "waiting", one.number))
    return Wait(
        claim=claim,
        seconds=_useless(claim, before),
        run=first.run,
        place=first.place,
        since=first.since,
        holder=first.holder,
    )


def _useless(claim: Claim, before: Sequence[Standing]) -> float:
    """Seconds in which certainly no place becomes free; 0 when that is for others to say."""
    if claim.window is None:
        return 0.0
    # A start that is not answered yet counts for its whole window from now on.
    left = sorted(claim.window - one.age if one.state == "over" else claim.window for one in before)
    return left[len(before) - claim.limit]
