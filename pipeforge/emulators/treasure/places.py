"""The pool's places: who waits for one gets it in the order of asking, at the moment one falls free."""

from collections.abc import Callable, Sequence
from math import inf

from pipeforge.emulators.treasure.records import Attempt


def give_places(
    unfinished: Sequence[Attempt], places: int, ended: Callable[[Attempt], float], now: float
) -> None:
    """Set `begun` of every attempt that waits and gets a place by `now`; oldest first, none overtakes."""
    earliest = 0.0
    for attempt in unfinished:
        if attempt["begun"] is not None or attempt["killed"] is not None:
            continue
        taken = [(each["begun"], ended(each)) for each in unfinished if each["begun"] is not None]
        earliest = _free_at(taken, places, max(attempt["created"], earliest))
        if earliest > now:
            return
        attempt["begun"] = earliest


def _free_at(taken: Sequence[tuple[float | None, float]], places: int, earliest: float) -> float:
    """The first moment from `earliest` on at which fewer than `places` attempts hold one."""
    moments = [earliest, *sorted(over for _, over in taken if over > earliest)]
    for moment in moments:
        held = sum(begun is not None and begun <= moment < over for begun, over in taken)
        if held < places:
            return moment
    return inf
