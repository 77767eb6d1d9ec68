"""How a job goes: its word at every moment, from its stages, its outcome and the time since it began."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Section(BaseModel):
    """Base of all that is read from a world file; its validator is built when a file is read, not before."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Course(Section):
    """How one job goes. A vendor's own course names its `STAGES` and adds its outcome and what else it tells.

    `stages` as a mapping changes the length of the vendor's usual stages, in seconds (`.inf` never ends). A
    list of one-key mappings replaces them, so that words may come twice or in any order, or be unheard of.
    """

    STAGES: ClassVar[Mapping[str, float]] = {}
    stages: dict[str, float] | list[dict[str, float]] = Field(default_factory=dict)

    @field_validator("stages")
    @classmethod
    def _known(
        cls, stages: dict[str, float] | list[dict[str, float]]
    ) -> dict[str, float] | list[dict[str, float]]:
        if isinstance(stages, list):
            if any(len(stage) != 1 for stage in stages):
                raise ValueError("a stage in a list is one word with its seconds, as in [{queued: 1}]")
            return stages
        strange = [word for word in stages if word not in cls.STAGES]
        if strange:
            known = ", ".join(cls.STAGES)
            raise ValueError(
                f'unknown stage "{strange[0]}"; there is {known}; a list of stages takes any word'
            )
        return stages

    def pairs(self) -> list[list[str | float]]:
        """(word, seconds) in order, as JSON, to be kept with the job."""
        if isinstance(self.stages, list):
            return [[word, seconds] for stage in self.stages for word, seconds in stage.items()]
        return [[word, seconds] for word, seconds in {**self.STAGES, **self.stages}.items()]


CourseT = TypeVar("CourseT", bound=BaseModel)


def pick(courses: CourseT | Sequence[CourseT] | None, default: CourseT, nth: int) -> CourseT:
    """The course of the `nth` job (1 is the first) of one definition; the last of a list goes on for ever."""
    if isinstance(courses, BaseModel):
        return courses
    return courses[min(nth, len(courses)) - 1] if courses else default


def word_at(stages: Sequence[Sequence[str | float]], outcome: str, elapsed: float) -> str:
    """The stage that holds `elapsed` seconds after the start, or the outcome."""
    for word, seconds in stages:
        if elapsed < float(seconds):
            return str(word)
        elapsed -= float(seconds)
    return outcome


def begins(stages: Sequence[Sequence[str | float]], waiting: Iterable[str]) -> float:
    """Seconds from the start until the first stage that is none of the `waiting` words."""
    idle = set(waiting)
    before = 0.0
    for word, seconds in stages:
        if word not in idle:
            break
        before += float(seconds)
    return before


def lasts(stages: Sequence[Sequence[str | float]]) -> float:
    """Seconds from the start to the outcome."""
    return sum(float(seconds) for _, seconds in stages)
