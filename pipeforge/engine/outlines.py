"""What a run, or a backfill, is to do: what its first event keeps of the plan."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class StepOutline(BaseModel):
    """What `show` and `runs` need of a step without its pipeline file."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: str
    uses: str
    needs: tuple[str, ...] = ()
    fingerprint: str = ""
    """Of its definition and its rendered inputs: see `PlannedStep.fingerprint`."""
    place: str = ""
    """Of whom it asks: see `PlannedStep.place`."""
    allow_failure: bool = False


class Instant(BaseModel):
    """One instant of a backfill, and what is done for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    at: datetime
    action: Literal["run", "rerun", "skip"] = "run"
    """A new run · a new run of what failed in `earlier` · nothing, because of `earlier`."""
    again: int = 0
    """Of the new run, see `RunStarted.again`."""
    earlier: str = ""
    """The newest run that there was for this instant."""
    why: str = ""
    """What became of `earlier`, in words, and what else a person should know of the instant."""


class Backfill(BaseModel):
    """What a backfill is to do: all of it is decided before anything starts."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    pipeline: str
    start: datetime
    stop: datetime
    """Inclusive."""
    every: str
    timezone: str
    mode: Literal["new", "failed", "again"] = "new"
    """Instants that were run already are left out · what failed is done again · everything is."""
    parallel: int = 1
    fail_fast: bool = False
    instants: tuple[Instant, ...]
    """In the order in which they are begun."""
