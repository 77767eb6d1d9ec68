"""krewData's part of a world file."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from pipeforge.emulators.course import Course, Section

WAITING = ("Queuing",)


class KrewdataCourse(Course):
    """How a task goes: its flows run one after another while it is `Running`."""

    STAGES: ClassVar[Mapping[str, float]] = {"Queuing": 0.3, "Running": 0.7}
    outcome: Literal["Success", "Failure"] = "Success"
    error_code: str = "33"
    error_message: str = (
        "The data editing flow settings are incorrect. Correct the error in the data editing flow."
    )
    failing_flow: int = Field(default=1, ge=0)
    """Which flow fails (1 is the first); 0: none ever ran, all are `Cancel`."""


class PastTask(KrewdataCourse):
    """A task that was there before; with long stages it still goes on."""

    ago: float = Field(default=3600.0, ge=0)
    """Seconds since it was made."""


class Unit(Section):
    """An execution unit. What is left out is not checked."""

    name: str | None = None
    """How the records call it; its id is a secret and is never shown."""
    krewdata_app_url: str | None = None
    serial_number: str | None = None
    app_id: str | None = None
    """The calling app."""
    method: Literal["api", "webhook"] = "api"
    enabled: bool = True
    concurrency: Literal["allowed", "refused", "fails_late"] = "allowed"
    """While another task runs: nothing, 409 to `run`, or a task that ends with error 134."""
    flows: list[str] = Field(default_factory=lambda: ["Flow1"], min_length=1)
    course: KrewdataCourse | list[KrewdataCourse] | None = None
    past_tasks: list[PastTask] = Field(default_factory=list)
    """Oldest first; they do not count among the tasks that `course` lists."""


class KrewdataWorld(Section):
    """What there is at krewData; without a list of units, every unit exists."""

    credentials: list[str] | None = None
    """Serial numbers (not Base64) that have a licence; absent, all have."""
    course: KrewdataCourse = Field(default_factory=KrewdataCourse)
    units: dict[str, Unit] | None = None
    unit: Unit = Field(default_factory=Unit)
    """How every unit is where `units` names none."""
    http_status: Literal["mirror", "always_200"] = "mirror"
    conflict_body: Literal["sibling", "embedded", "broken"] = "sibling"
    """Where the 409 has its task id: beside the description, in its text, or in text that is no JSON."""
    status_token: Literal["any", "own"] = "any"  # noqa: S105
    """Whether any token of the unit may ask for a task's status, or only the one that ran it."""
    token_order: Literal["used_first", "old_first"] = "used_first"  # noqa: S105
    """What is said of a token that was used and has grown old since."""
    flow_keys: Literal["quoted", "bare"] = "quoted"
    """Whether the keys in `flowInfo` stand in quotes, or without as the reference prints them."""
    starts_per_minute: int = Field(default=5, ge=1)
