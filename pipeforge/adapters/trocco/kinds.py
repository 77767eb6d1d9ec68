"""What a pipeline can ask of trocco: its connection, the parameters and outputs of its kinds."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from pipeforge.adapter import Alone, Guarantee, Kind, Limits, Pace, Traits
from pipeforge.adapters.settings import BaseUrl, ConnectionSettings, Credential
from pipeforge.adapters.spans import LOST
from pipeforge.adapters.texts import AuthoredText
from pipeforge.adapters.trocco import accepting, naming
from pipeforge.language.model import Duration
from pipeforge.language.saying import say


class TroccoConnection(ConnectionSettings):
    """A trocco account, reached with one API key."""

    # 3,500 calls in 10 minutes for the whole account (trial and free: 100); release note 2025-02
    PRESET: ClassVar[Limits] = Limits(requests=(3500, 600.0))
    STRICT: ClassVar[frozenset[str]] = frozenset({"requests"})

    vendor: Literal["trocco"]
    """Says that this is a trocco account."""
    api_key: Credential
    """The API key from API KEY Settings; it needs the right to run and to view what the pipeline runs."""
    base_url: BaseUrl = "https://trocco.io"
    """Where the account lives, with or without `/api` at its end."""
    recovery_window: Duration = 60.0
    """How long a job whose start was not confirmed is looked for (chosen: 60s)."""
    retry_grace: Duration = 10.0
    """How long a failed workflow is given to announce trocco's own retry (chosen: 10s)."""

    def account(self) -> tuple[str, str]:
        """The API key: trocco does not tell which account it belongs to."""
        return self.base_url.rstrip("/").removesuffix("/api"), self.api_key.get_secret_value()


CONFIG = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

VariableName = Annotated[str, AfterValidator(accepting.variable_name)]
ContextTime = Annotated[datetime | str | None, BeforeValidator(accepting.japanese)]


class RunJobParams(BaseModel):
    """Parameters of trocco.run_job."""

    model_config = CONFIG

    job_definition_id: int = Field(ge=1, le=2**63 - 1, examples=[1201])
    """The number of the transfer setting, as its address in trocco shows it."""
    context_time: ContextTime = Field(default=None, examples=["${{ context_time }}"])
    """The instant that custom variables of the kind "time and date (when queuing)" are computed from.

    Without an offset it is meant in Japan time, as trocco's own documents do.
    """
    custom_variables: dict[VariableName, AuthoredText] = Field(default_factory=dict)
    """Values by name, dollar signs included (`$region$`); they replace the transfer setting's defaults."""


class RunWorkflowParams(BaseModel):
    """Parameters of trocco.run_workflow."""

    model_config = CONFIG

    pipeline_definition_id: int = Field(ge=1, le=2**63 - 1, examples=[310])
    """The number of the workflow definition, as its address in trocco shows it."""
    context_time: ContextTime = Field(default=None, examples=["${{ context_time }}"])
    """The instant that custom variables of the kind "time and date (when queuing)" are computed from."""


class _JobOutputs(BaseModel):
    model_config = CONFIG

    id: int
    """The job's number."""
    status: str
    """trocco's word for how it ended."""
    link: str
    """The job's page in trocco, with its log."""
    created_at: str | None = None
    """When it was queued, as trocco writes it."""
    started_at: str | None = None
    """When it started."""
    finished_at: str | None = None
    """When it ended."""


class RunJobOutputs(_JobOutputs):
    """Outputs of trocco.run_job."""

    job_definition_id: int | None = None
    """The transfer setting's number."""
    job_definition_name: str | None = None
    """The transfer setting's name."""


class RunWorkflowOutputs(_JobOutputs):
    """Outputs of trocco.run_workflow."""

    pipeline_definition_id: int | None = None
    """The workflow definition's number."""
    name: str | None = None
    """The workflow's name."""
    context_time: str | None = None
    """The instant its variables were computed from, as trocco writes it."""


_PACE = Pace(first=5.0, longest=30.0)
_GIVES = frozenset({"failed", "canceled", "skipped"})
INSTANTS = {"context_time": "Asia/Tokyo"}
CALLED = {"contextTime": "context_time", "session_time": "context_time", "execution_date": "context_time"}
NO_ZONE = say("leave it out: context_time carries its own offset")

RUN_JOB = Kind(
    name="trocco.run_job",
    params=RunJobParams,
    outputs=RunJobOutputs,
    connection=TroccoConnection,
    guarantee=Guarantee.RECONCILABLE,
    cancellable=False,
    doc="Runs a transfer job and waits for its end. trocco answers `skipped` when another job of the same "
    "definition was running: that is no success unless the step says `accept: [skipped]`.",
    recovery="the definition's job list is searched for a job newer than the newest one before the start",
    handle="the job's number, or the address of its page",
    pace=_PACE,
    alone=Alone("job_definition_id", LOST),
    traits=Traits(
        names=naming.TRANSFER_RUN,
        gives=_GIVES,
        instants=INSTANTS,
        called={"definition_id": "job_definition_id", "id": "job_definition_id", **CALLED},
        lacks={"time_zone": NO_ZONE, "timezone": NO_ZONE},
    ),
)

RUN_WORKFLOW = Kind(
    name="trocco.run_workflow",
    params=RunWorkflowParams,
    outputs=RunWorkflowOutputs,
    connection=TroccoConnection,
    guarantee=Guarantee.JOURNALED,
    cancellable=False,
    doc="Runs a workflow (pipeline job) and waits for its end, trocco's own retries included.",
    recovery="none: trocco has no list of workflow jobs, so a lost answer ends as unknown",
    handle="the workflow job's number, or the address of its page",
    pace=_PACE,
    traits=Traits(
        names=naming.WORKFLOW,
        gives=_GIVES,
        instants=INSTANTS,
        repeats=say("trocco, or somebody in its screen, may still take the failed run up again"),
        called={"definition_id": "pipeline_definition_id", "id": "pipeline_definition_id", **CALLED},
        lacks={
            "time_zone": NO_ZONE,
            "timezone": NO_ZONE,
            "custom_variables": say(
                "a workflow takes none: set them in its tasks, or run its job by trocco.run_job"
            ),
        },
    ),
)
