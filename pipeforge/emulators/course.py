"""How a job goes: its word at every moment, from its stages, its outcome and the time since it began."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel

CourseT = TypeVar("CourseT", bound=BaseModel)


def word_at(stages: Mapping[str, float] | Iterable[tuple[str, float]], outcome: str, elapsed: float) -> str:
    """The stage (word -> seconds, in order) that holds `elapsed` seconds after the start, or the outcome."""
    pairs = stages.items() if isinstance(stages, Mapping) else stages
    for word, seconds in pairs:
        if elapsed < seconds:
            return word
        elapsed -= seconds
    return outcome


def began_after(stages: Mapping[str, float], word: str) -> float:
    """Seconds from the start until the stage `word` begins; until the outcome if there is no such stage."""
    before = 0.0
    for name, seconds in stages.items():
        if name == word:
            break
        before += seconds
    return before


def lasts(stages: Mapping[str, float]) -> float:
    """Seconds from the start to the outcome."""
    return sum(stages.values())


def pick(courses: CourseT | Sequence[CourseT] | None, default: CourseT, nth: int) -> CourseT:
    """The course of the `nth` job (1 is the first) of one definition; the last of a list goes on for ever."""
    if courses is None:
        return default
    if isinstance(courses, BaseModel):
        return courses
    return courses[min(nth, len(courses)) - 1] if courses else default
