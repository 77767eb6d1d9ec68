"""What is kept of recipes and jobs: plain data; how they stand follows from it and the time."""

from typing import Literal, TypedDict

from pipeforge.emulators.core import Json

By = Literal["api", "hand"]


class BackOff(TypedDict):
    """A back-off that has been told to a client."""

    until: float
    nth: int
    """The poll_now call whose answer goes on."""


class Recipe(TypedDict):
    """A recipe as it is kept."""

    id: int
    customer: int | None
    """The managed user in whose workspace it was created through the API; None for what was there before."""
    name: str
    description: str
    folder_id: int
    code: str
    """JSON, as it was written."""
    config: list[dict[str, Json]]
    lost: list[str]
    """Connectors whose connection was given by an id that the workspace does not know."""
    version_no: int
    created: float
    updated: float
    runs_since: float | None
    activates_by: By | None
    """Who started it, while it is not running yet."""
    activates_at: float | None
    """None also for an activation that never comes."""
    stops_at: float | None
    stopped: float | None
    """When it was last stopped; a start does not clear it."""
    stop_cause: str | None
    polls_at: float | None
    """The next poll by its own schedule."""
    back_off: BackOff | None
    starts: int
    """Start calls so far."""
    poll_calls: int
    """poll_now calls so far, those within a back-off not counted."""
    polls: int
    """Polls of the source so far, whoever asked for them."""
    errors: int
    """Trigger errors in a row."""
    source: int
    """Events at the source so far."""
    cursor: int
    """Events that were made into jobs; it outlives stops."""
    jobs: list[str]
    """Oldest first."""


class Job(TypedDict):
    """A job as it is kept."""

    id: str
    recipe: int
    event: int
    """The event that it stands for, counted from 1; 0 for a job of the past."""
    due: float
    """When it is there."""
    begins: float | None
    """When its turn comes; None while that is not decided."""
    ends: float | None
    """None also if it never ends."""
    by: By
