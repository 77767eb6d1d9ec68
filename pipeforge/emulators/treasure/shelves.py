"""What is kept of pushes, schedules and secrets: plain data."""

from typing import TypedDict


class Revision(TypedDict):
    """One push as it is kept."""

    revision: str
    created: float
    md5: str | None
    """Of the archive, in base64; None for what the world lists and nobody pushed."""
    archive: str | None
    """The archive in base64."""


class Schedule(TypedDict):
    """A schedule as it is kept: one for each workflow's name that has one. Times in UNIX seconds."""

    id: int
    project: int
    workflow: str
    next_time: int
    next_run: int
    last: int | None
    """The session time of its last start."""
    disabled: float | None
    created: float
    updated: float
