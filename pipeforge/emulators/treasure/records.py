"""What is kept of sessions and attempts, and what a start asks for: plain data."""

from dataclasses import dataclass, field
from typing import Literal, TypedDict

from pipeforge.emulators.core import Json

FIRST_SESSION = 300_001
FIRST_ATTEMPT = 4_000_001
FIRST_TASK = 50_000_001


class Session(TypedDict):
    """A session as it is kept: unique per project, workflow name and whole second."""

    id: int
    project: int
    workflow: str
    time: int
    """UNIX seconds."""
    attempts: list[int]
    """Oldest first."""


class Attempt(TypedDict):
    """An attempt as it is kept; how it stands follows from this, its script and the time."""

    id: int
    session: int
    index: int
    """1 for the first of its session."""
    name: str | None
    workflow: int
    run: int
    """The how-manieth attempt of its workflow it is, which chooses its course."""
    params: dict[str, Json]
    created: float
    begun: float | None
    """When it got a place; None while it waits for one."""
    killed: float | None
    """When somebody asked for the kill."""
    first_task: int
    skipped: list[str]
    """Full names of tasks that a resume takes over."""
    by: Literal["api", "hand"]
    after: int | None
    """The attempt whose end it waits for."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Take over what an earlier attempt finished: all that succeeded, or all before one task."""

    attempt: str
    start_from: str | None = None
    """The end of a task's full name; None means everything that did not succeed."""


@dataclass(frozen=True, slots=True)
class Start:
    """A request to start an attempt, read and found well-formed."""

    workflow: str
    """A workflow id."""
    time: int
    """The session time in UNIX seconds, fractions dropped."""
    name: str | None = None
    params: dict[str, Json] = field(default_factory=dict)
    resume: Resume | None = None
    may_wait: bool = False
    by: Literal["api", "hand"] = "api"
    after: int | None = None
    """The attempt whose end it is to wait for."""
