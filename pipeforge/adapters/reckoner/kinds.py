"""What a pipeline can ask of Reckoner: its connection, the parameters and outputs of its kind."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pipeforge.adapter import Alone, Guarantee, Kind, Limits, Pace, Traits
from pipeforge.adapters.reckoner.naming import WORKFLOW_RUN
from pipeforge.adapters.settings import BaseUrl, ConnectionSettings, Credential
from pipeforge.adapters.spans import LOST
from pipeforge.adapters.texts import AuthoredText
from pipeforge.language.model import Duration
from pipeforge.language.refusing import refused
from pipeforge.language.saying import say

Operation = Literal[
    "runWorkflow",
    "getWorkflowJob",
    "listWorkflowJobs",
    "cancelWorkflowJobs",
    "getWorkflow",
    "listWorkflows",
    "exportWorkflow",
    "listIntegrations",
    "deleteIntegration",
    "authTokenRefresh",
]
PathTemplate = Annotated[str, Field(pattern=r"^(GET|POST|PUT|DELETE) /\S*$")]

_PLACES: dict[str, frozenset[str]] = {
    "runWorkflow": frozenset({"workflow_id"}),
    "getWorkflowJob": frozenset({"workflow_id", "job_id"}),
    "listWorkflowJobs": frozenset({"workflow_id"}),
    "cancelWorkflowJobs": frozenset({"workflow_id", "job_id"}),
    "getWorkflow": frozenset({"workflow_id"}),
    "listWorkflows": frozenset({"project_id"}),
    "exportWorkflow": frozenset({"workflow_id"}),
    "listIntegrations": frozenset({"project_id"}),
    "deleteIntegration": frozenset({"service", "integration_id"}),
    "authTokenRefresh": frozenset(),
}
"""What each operation's path must say."""


def _places(paths: dict[str, str]) -> dict[str, str]:
    for operation, path in paths.items():
        given, wanted = re.findall(r"\{([^{}]*)\}", path), _PLACES[operation]
        left = re.sub(r"\{[^{}]*\}", "", path)
        if set(given) != wanted or "{" in left or "}" in left:
            places = " ".join(f"{{{name}}}" for name in sorted(wanted)) or say("none")
            raise refused(
                "path",
                say("the path of '{operation}' has the wrong places in braces", operation=operation),
                say("it must hold: {places}", places=places),
                route=(operation,),
            )
    return paths


class ReckonerConnection(ConnectionSettings):
    """A Reckoner account, reached with an access token of its external API."""

    PRESET: ClassVar[Limits] = Limits()  # a rate limit exists, but the vendor states no number

    vendor: Literal["reckoner"]
    """Says that this is a Reckoner account."""
    access_token: Credential
    """The access token (`pat_…`)."""
    refresh_token: Credential | None = None
    """The refresh token (`prt_…`); with it an expired access token is renewed during a run."""
    base_url: BaseUrl = "https://cdp-server.reckoner-api.com/api/external/v1"
    """Where the API lives."""
    recovery_window: Duration = 120.0
    """How long a job whose start was not confirmed is looked for (chosen: 2m)."""
    auth_header: Annotated[str, Field(pattern=r"^[A-Za-z-]+$")] = "Authorization"
    """The header that carries `Bearer` and the token."""
    paths: Annotated[dict[Operation, PathTemplate], AfterValidator(_places)] = Field(default_factory=dict)
    """Other paths for single operations, such as `runWorkflow: POST /workflows/{workflow_id}/run`."""

    def account(self) -> tuple[str, str]:
        """The access token that the settings hold, whatever it was renewed to."""
        return self.base_url.rstrip("/"), self.access_token.get_secret_value()


CONFIG = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class RunWorkflowParams(BaseModel):
    """Parameters of reckoner.run_workflow."""

    model_config = CONFIG

    workflow_id: int = Field(ge=1, examples=[42])
    """The workflow's number (not the project's)."""
    parameters: dict[Annotated[str, Field(min_length=1)], AuthoredText] = Field(default_factory=dict)
    """Values by name that replace the workflow's parameter variables for this run; they travel as text."""


class JobError(BaseModel):
    """What went wrong in one task of the workflow."""

    model_config = CONFIG

    task_name: str | None = None
    """The task's name as shown in Reckoner."""
    category: str | None = None
    """source, transform, analytics or sink."""
    subcategory: str | None = None
    """The service or operation, such as mysql."""
    message: str | None = None
    """Reckoner's words."""


class RunWorkflowOutputs(BaseModel):
    """Outputs of reckoner.run_workflow."""

    model_config = CONFIG

    id: int
    """The job's number."""
    workflow_id: int
    """The workflow's number."""
    status: str
    """Reckoner's word for how it ended."""
    started_at: str | None = None
    """When it started, as Reckoner writes it."""
    ended_at: str | None = None
    """When it ended."""
    errors: list[JobError] = Field(default_factory=list)
    """What went wrong, when it failed."""


RUN_WORKFLOW = Kind(
    name="reckoner.run_workflow",
    params=RunWorkflowParams,
    outputs=RunWorkflowOutputs,
    connection=ReckonerConnection,
    guarantee=Guarantee.RECONCILABLE,
    cancellable=True,
    doc="Runs a workflow, with parameters for this run, and waits for its end. Every run counts against the "
    "plan's monthly quota. A canceled run keeps what it has written.",
    recovery="the workflow's job list is searched for a job by the API that was not there before the start",
    handle="the job's number in the workflow's job history",
    pace=Pace(first=10.0, longest=60.0),
    alone=Alone("workflow_id", LOST),
    traits=Traits(
        names=WORKFLOW_RUN,
        thing=say("workflow"),
        exclusive=("workflow_id",),
        gives=frozenset({"failed", "canceled"}),
        called={
            "id": "workflow_id",
            "workflow": "workflow_id",
            "params": "parameters",
            "variables": "parameters",
        },
    ),
)
