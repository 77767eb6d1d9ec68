"""What a world file says of Reckoner's workflows, projects and integrations as they are defined."""

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field

from pipeforge.emulators.course import Section

Edge = Annotated[list[str], Field(min_length=2, max_length=2)]
"""Two task names, the earlier first."""


class Task(Section):
    """One task of a workflow."""

    name: str
    category: Literal["source", "transform", "analytics", "sink"] = "source"
    subcategory: str = "MySQL"
    property: dict[str, Any] = Field(default_factory=dict)
    integration_name: str | None = None
    """The integration that it uses."""


class Parameter(Section):
    """A parameter variable. The value of a secret one is masked wherever it is shown."""

    name: str
    value: str = ""
    is_secret: bool = False


class Schedule(Section):
    """When Reckoner itself runs the workflow."""

    is_enabled: bool = True
    cron: str = "0 2 * * *"
    timezone: str = "Asia/Tokyo"


class Label(Section):
    """A label of workflows."""

    id: int
    name: str
    description: str = ""


class Notifications(Section):
    """Who is told how a job ended; each with its `status`: ALL, COMPLETED or FAILED."""

    emails: list[dict[str, str]] = Field(default_factory=list)
    webhooks: list[dict[str, str]] = Field(default_factory=list)
    slacks: list[dict[str, str]] = Field(default_factory=list)
    msteams: list[dict[str, str]] = Field(default_factory=list)


class Definition(Section):
    """A workflow as it is defined. Tasks follow each other unless `dependencies` says otherwise."""

    name: str | None = None
    description: str = ""
    type: str = "batch"
    project_id: int = 1
    updated_at: str = "2026-01-15T00:00:00Z"
    tasks: list[Task] = Field(default_factory=lambda: [Task(name="task 1")])
    dependencies: list[Edge] | None = None
    """What follows what, each a pair of task names."""
    parameters: list[str | Parameter] | None = None
    """What a run may override; absent, anything."""
    schedule: Schedule | None = None
    webhooks: list[str] = Field(default_factory=list)
    """Addresses that start it."""
    notifications: Notifications | None = None
    labels: list[Label] = Field(default_factory=list)

    def called(self, number: int) -> str:
        """Its name."""
        return self.name or f"workflow {number}"

    def variables(self) -> list[Parameter]:
        """Its parameters, those that are only named with an empty value."""
        given = self.parameters or []
        return [Parameter(name=each) if isinstance(each, str) else each for each in given]

    def edges(self) -> list[dict[str, str]]:
        """What follows what, as Reckoner writes it."""
        names = [task.name for task in self.tasks]
        pairs = pairwise(names) if self.dependencies is None else self.dependencies
        return [{"from": earlier, "to": later} for earlier, later in pairs]


class Project(Section):
    """A project of the team."""

    name: str
    description: str = ""
    is_default: bool = False
    saves_job_result: bool = True


class Integration(Section):
    """A connection from Reckoner to a service."""

    integration_id: int
    name: str
    project_id: int = 1
    team_id: int = 1
    auth_method: str | None = None
    created_at: str = "2025-06-25T08:58:26Z"
    updated_at: str = "0001-01-01T00:00:00Z"
    refreshed_at: str | None = None
