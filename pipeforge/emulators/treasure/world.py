"""Treasure Workflow's part of a world file: which projects and workflows exist, and how attempts go."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, field_validator, model_validator

from pipeforge.emulators.core import Json
from pipeforge.emulators.course import Section, pick
from pipeforge.emulators.treasure.zones import time_zone

T = TypeVar("T")


def _texts(value: Any) -> Any:
    """Names that are all digits were read as numbers."""
    if not isinstance(value, Mapping):
        return value
    return {str(key) if type(key) is int else key: inner for key, inner in value.items()}


ByName = Annotated[dict[str, T | None] | None, BeforeValidator(_texts)]
"""Things by their names."""

FAILURE = "the task failed as its script says"


class TaskScript(Section):
    """One task of a workflow; with `tasks` of its own it is a group and lasts as long as they do."""

    name: str = Field(min_length=1)
    """With or without the leading `+`."""
    seconds: float = Field(default=0.5, ge=0)
    """`.inf` never ends: it runs until the attempt is killed."""
    outcome: Literal["success", "error"] = "success"
    message: str = FAILURE
    """The error's message if the outcome is `error`."""
    log: list[str] = Field(default_factory=list)
    """Lines, written one after the other over the task's seconds."""
    config: dict[str, Json] = Field(default_factory=dict)
    parallel: bool = False
    """Whether its tasks run side by side instead of one after the other."""
    tasks: "list[TaskScript]" = Field(default_factory=list)


class TreasureCourse(Section):
    """How one attempt goes. Without `tasks` it has the single task `+main` of `seconds` and `outcome`."""

    waits: float = Field(default=0.0, ge=0)
    """Seconds before the first task may run."""
    waits_as: Literal["queued", "blocked"] = "queued"
    seconds: float = Field(default=1.0, ge=0)
    """`.inf` never ends (the server kills it after a day)."""
    outcome: Literal["success", "error", "killed"] = "success"
    """`killed`: the server kills it after `seconds`. With `tasks`, an error comes from one of them."""
    message: str = FAILURE
    log: list[str] = Field(default_factory=list)
    tasks: list[TaskScript] = Field(default_factory=list)
    parallel: bool = False
    kill_seconds: float = Field(default=0.2, ge=0)
    """Seconds from a kill until running tasks are gone; a task that ends within them ends by itself."""
    kill_lost: bool = False
    """Whether a kill always comes too late: the flag is set, the attempt goes on to its own end."""

    @model_validator(mode="after")
    def _one_place_for_the_end(self) -> "TreasureCourse":
        if self.tasks and self.outcome == "error":
            raise ValueError('the outcome "error" belongs to one of the tasks; write it there')
        return self


class Workflow(Section):
    """One workflow."""

    timezone: str = "UTC"
    """An IANA name; session times are shown in it."""
    config: dict[str, Json] = Field(default_factory=dict)
    """What its file says; with `schedule`, it is started by itself: `{schedule: {"daily>": "07:00:00"}}`."""
    course: TreasureCourse | list[TreasureCourse] | None = None
    """One for all attempts, or one for each attempt in turn (the last goes on)."""
    past: list[float] = Field(default_factory=list)
    """How many seconds before the emulators began its sessions were started; the greatest first."""

    @field_validator("timezone")
    @classmethod
    def _known(cls, timezone: str) -> str:
        try:
            time_zone(timezone)
        except ValueError:
            raise ValueError(f'there is no time zone "{timezone}"; write one as in Asia/Tokyo') from None
        return timezone


class Project(Section):
    """One project in its latest revision; without a list of workflows, every workflow exists."""

    revision: str = "1"
    secrets: list[str] = Field(default_factory=list)
    """The keys of the secrets that it keeps."""
    workflows: ByName[Workflow] = None


class TreasureWorld(Section):
    """What there is at Treasure; without a list of projects, every project exists."""

    shape: Literal["hosted", "oss"] = "hosted"
    """`hosted`: the vendor's service. `oss`: a digdag server of one's own, with fewer fields and words."""
    credentials: list[str] | None = None
    """Keys that are accepted after `TD1 `; absent, any."""
    course: TreasureCourse = Field(default_factory=TreasureCourse)
    """For workflows that have none of their own."""
    attempt_limit: int | None = Field(default=None, ge=1)
    """Unfinished attempts of the account; 200 hosted, 100 oss by default."""
    waiting_limit: int = Field(default=100, ge=0)
    """Attempts that may wait for a place, with `allowQueueing`."""
    projects: ByName[Project] = None
    archive_limit: int | None = Field(default=None, ge=1)
    """Bytes that an archive may have; 10 MB hosted, 2 MiB oss by default."""
    storage: Literal["server", "signed", "always_signed"] = "server"
    """Who hands out archives. `server`: the server itself. `signed`: a storage at a signed address,
    unless the server is asked to. `always_signed`: the storage, whatever was asked."""

    @property
    def archive_size(self) -> int:
        """Bytes that an archive may have."""
        return self.archive_limit or (10_000_000 if self.hosted else 2 * 1024 * 1024)

    @property
    def hosted(self) -> bool:
        return self.shape == "hosted"

    @property
    def places(self) -> int:
        """Attempts that may be unfinished (oss) or hold a place in the pool (hosted) at once."""
        return self.attempt_limit or (200 if self.hosted else 100)

    def may_exist(self, project: str, workflow: str | None = None) -> bool:
        """Whether there is such a project, or such a workflow in it."""
        if self.projects is None:
            return True
        if project not in self.projects:
            return False
        listed = self.projects[project]
        return workflow is None or listed is None or listed.workflows is None or workflow in listed.workflows

    def workflow(self, project: str, workflow: str) -> Workflow:
        """What the world says of a workflow."""
        listed = (self.projects or {}).get(project)
        workflows = listed.workflows if listed else None
        return (workflows or {}).get(workflow) or Workflow()

    def nth_course(self, project: str, workflow: str, nth: int) -> TreasureCourse:
        """How the nth attempt (1 is the first) of a workflow goes."""
        return pick(self.workflow(project, workflow).course, self.course, nth)
