"""What a pipeline can ask of Treasure Workflow: its connection, its kinds, their parameters and outputs."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from pipeforge.adapter import Guarantee, Json, Kind, Limits, Pace, Traits
from pipeforge.adapters.settings import BaseUrl, ConnectionSettings, Credential
from pipeforge.adapters.treasure import accepting
from pipeforge.adapters.treasure.fields import Id, Instant, JsonObject, Name
from pipeforge.adapters.treasure.naming import WORKFLOW_RUN, same_attempt
from pipeforge.language.saying import say

REGIONS: dict[str, str] = {
    "aws": "https://api-workflow.treasuredata.com",
    "us": "https://api-workflow.treasuredata.com",
    "aws-tokyo": "https://api-workflow.treasuredata.co.jp",
    "jp": "https://api-workflow.treasuredata.co.jp",
    "eu01": "https://api-workflow.eu01.treasuredata.com",
    "ap02": "https://api-workflow.ap02.treasuredata.com",
    "ap03": "https://api-workflow.ap03.treasuredata.com",
}
"""By region, the host that its documents name. `us` and `jp` are the names its Python client uses."""

_LEAST_SECRET_PART = 8


SecretValue = Annotated[SecretStr, AfterValidator(accepting.secret_value)]
"""A text that a project is to keep secret; line breaks may be part of it."""


class TreasureConnection(ConnectionSettings):
    """A Treasure Data account, reached by region or by address."""

    PRESET: ClassVar[Limits] = Limits()  # no request limit is documented; attempts beyond the limit queue

    vendor: Literal["treasure"]
    """Always `treasure`."""
    region: Literal["aws", "us", "aws-tokyo", "jp", "eu01", "ap02", "ap03"] | None = Field(
        default=None, examples=["aws-tokyo"]
    )
    """Where the account lives. Give this or `base_url`."""
    base_url: BaseUrl | None = None
    """The address of the workflow API, without `/api`. Give this or `region`."""
    api_key: Credential | None = None
    """The TD API key (account number, slash, 40 hexadecimal digits). Only `api: oss` may do without."""
    api: Literal["hosted", "oss"] = "hosted"
    """`hosted`: the vendor's service. `oss`: an open-source digdag server."""

    secret_values: dict[str, SecretValue] = Field(
        default_factory=dict, examples=[{"mysql_password": "${{ secrets.MYSQL_PASSWORD }}"}]
    )
    """What `treasure.put_secret` may put into projects, each under a name that its `value_of` gives."""

    _reachable = model_validator(mode="after")(accepting.reachable)

    def address(self) -> str:
        """The base URL: the region's host, or the one given."""
        return self.base_url or REGIONS[self.region or ""]

    def account(self) -> tuple[str, str]:
        """The API key; a server of one's own may want none."""
        return self.address().rstrip("/"), self.api_key.get_secret_value() if self.api_key else ""

    def secrets(self) -> tuple[str, ...]:
        """The key, its secret part alone, and the values for projects."""
        key = self.api_key.get_secret_value() if self.api_key else ""
        part = key.rpartition("/")[2]
        keys = tuple(text for text in (key, part) if len(text) >= _LEAST_SECRET_PART) or (
            (key,) if key else ()
        )
        return (*keys, *(value.get_secret_value() for value in self.secret_values.values()))


class ResumeFailed(BaseModel):
    """Runs again what did not succeed in an earlier attempt of the same session."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    mode: Literal["failed"]
    """Tasks that succeeded are skipped."""
    attempt_id: Id
    """The attempt to go on from."""


class ResumeFrom(BaseModel):
    """Runs an earlier attempt of the same session again from one task on."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    mode: Literal["from"]
    """Tasks before `from` are skipped."""
    attempt_id: Id
    """The attempt to go on from."""
    from_: Annotated[str, Field(alias="from", min_length=1)]
    """The end of one task's full name, such as `+load`."""


class RunWorkflowParams(BaseModel):
    """Which workflow to run, for which session, with what."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    project: Annotated[Name, Field(examples=["sales"])]
    """The project's name."""
    workflow: Annotated[Name, Field(examples=["build_mart"])]
    """The workflow's name in that project."""
    session_time: Annotated[Instant, Field(examples=["${{ context_time }}"])]
    """The instant the session stands for, with an offset, in whole seconds. Usually `${{ context_time }}`."""
    params: JsonObject = Field(default_factory=dict)
    """Session parameters. They do not override names that the workflow sets in its `_export`."""
    session: Literal["own", "shared"] = "own"
    """`own`: an attempt of our own within the session. `shared`: one run for each session time, whoever
    starts it: an attempt that is already there (the scheduler's, somebody's) is joined, and never killed."""
    retry_attempt_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")] | None = None
    """The attempt's name, on which the vendor tells repeats apart. The default is made from run, step and
    attempt; a name of your own makes every run of this step for one session time the same attempt."""
    resume: Annotated[ResumeFailed | ResumeFrom, Field(discriminator="mode")] | None = None
    """Go on from an earlier attempt of the session instead of starting from the beginning."""
    allow_queueing: bool = True
    """Whether to wait in the vendor's queue when the account runs as many attempts as it may."""

    _named = model_validator(mode="after")(accepting.own_or_shared)


class RunWorkflowOutputs(BaseModel):
    """The attempt as it ended."""

    id: str
    """The attempt's id."""
    session_id: str
    """The session's id."""
    session_uuid: str
    """The session's UUID."""
    session_time: str
    """The session's time, in the workflow's time zone."""
    status: str
    """The vendor's word: success, error or killed."""
    index: int
    """Which attempt of the session it was; 1 is the first."""
    created_at: str
    """When it was created, UTC."""
    finished_at: str
    """When it ended, UTC."""
    params: dict[str, Json]
    """The session parameters it ran with."""


RUN_WORKFLOW = Kind(
    name="treasure.run_workflow",
    params=RunWorkflowParams,
    outputs=RunWorkflowOutputs,
    connection=TreasureConnection,
    guarantee=Guarantee.EXACTLY_ONCE,
    cancellable=True,
    doc=(
        "Starts a workflow for a session time and waits until its attempt ends. The attempt carries a name "
        "made from run, step and attempt, and the vendor accepts each name once in a session. On failure the "
        "failing tasks, their messages and the end of their log are shown."
    ),
    recovery="the session is searched for the attempt that bears our name; a second one cannot be made",
    handle="the attempt's id",
    pace=Pace(first=5.0, longest=30.0, factor=1.5),
    traits=Traits(
        names=WORKFLOW_RUN,
        gives=frozenset({"failed", "canceled"}),
        instants={"session_time": None},
        same_job=same_attempt,
        called={
            "projectName": "project",
            "project_name": "project",
            "workflowName": "workflow",
            "workflow_name": "workflow",
            "context_time": "session_time",
            "retryAttemptName": "retry_attempt_name",
            "attempt_name": "retry_attempt_name",
            "parameters": "params",
        },
        lacks={
            key: say("give project and workflow by their names: ids change with every push")
            for key in ("workflow_id", "workflowId", "project_id", "projectId")
        },
        longest=7 * 86_400.0,
    ),
)
