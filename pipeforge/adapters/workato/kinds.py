"""What a pipeline can ask of Workato: its connection, its kinds, their parameters and outputs."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeforge.adapter import Guarantee, Kind, Limits, Pace, Role, Traits
from pipeforge.adapters.settings import BaseUrl, ConnectionSettings, Credential
from pipeforge.adapters.workato import accepting, naming
from pipeforge.adapters.workato.choices import NO_JOB_GRACE, REQUESTS, SETTLE
from pipeforge.language.model import Duration
from pipeforge.language.saying import Said, say

DATA_CENTERS: dict[str, str] = {
    "us": "https://www.workato.com/api",
    "eu": "https://app.eu.workato.com/api",
    "jp": "https://app.jp.workato.com/api",
    "sg": "https://app.sg.workato.com/api",
    "au": "https://app.au.workato.com/api",
    "il": "https://app.il.workato.com/api",
    "cn": "https://app.workatoapp.cn/api",
    "trial": "https://app.trial.workato.com/api",
}
"""By data center, the base URL that the documents name. A token of one is refused by all others."""


class ManagedUser(BaseModel):
    """A customer workspace of an embedding partner, by one of its two ids."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    id: Annotated[int, Field(ge=1)] | None = None
    """The customer account's id at Workato."""
    external_id: Annotated[str, Field(min_length=1)] | None = None
    """The partner's own id for the customer, without the `E` that the API puts before it."""

    _one = model_validator(mode="after")(accepting.one_user)


class WorkatoConnection(ConnectionSettings):
    """A Workato workspace: the token's own, or a customer's when `managed_user` names one."""

    PRESET: ClassVar[Limits] = Limits(requests=REQUESTS)
    OUTDATED: ClassVar[Mapping[tuple[str, str], Said]] = {
        ("auth", "legacy"): say("Workato has refused it since October 2025")
    }

    vendor: Literal["workato"]
    """Always `workato`."""
    data_center: Literal["us", "eu", "jp", "sg", "au", "il", "cn", "trial"] | None = Field(
        default=None, examples=["jp"]
    )
    """Where the workspace lives. Give this or `base_url`."""
    base_url: BaseUrl | None = None
    """The address of the API including `/api`. Give this or `data_center`."""
    api_token: Credential
    """The token of an API client."""
    managed_user: ManagedUser | None = None
    """The customer workspace to act on (Embedded API). Left out: the token's own (Developer API)."""
    auth: Literal["bearer", "legacy"] = "bearer"
    """`legacy` sends the two old headers, which the vendor has refused since October 2025."""
    user_email: Annotated[str, Field(min_length=3)] | None = None
    """The account's e-mail address; only for `auth: legacy`."""

    _reachable = model_validator(mode="after")(accepting.reachable)

    def address(self) -> str:
        """The base URL: the data center's, or the one given."""
        return self.base_url or DATA_CENTERS[self.data_center or ""]

    def account(self) -> tuple[str, str]:
        """The token, for whichever managed user it speaks."""
        return self.address().rstrip("/"), self.api_token.get_secret_value()


class RecipeParams(BaseModel):
    """What every operation on one recipe must be told."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    recipe_id: Annotated[int, Field(ge=1, examples=[1389])]
    """The recipe's id, the number in its address."""


class RunRecipeParams(RecipeParams):
    """Which recipe, and when its jobs count as over."""

    settle: Duration = SETTLE
    """How long no further job may appear after the last one ended."""
    no_job_grace: Duration = NO_JOB_GRACE
    """How long to wait for a first job."""
    on_no_job: Literal["succeed", "fail"] = "succeed"
    """What a poll without any job means. Nothing new at the source and a failing trigger look the same.

    `succeed`: there was nothing new. `fail`: there should have been.
    """
    await_by: Literal["jobs", "counters"] = "jobs"
    """`counters` where the token may not read jobs: weaker, because jobs are seen only once they are over."""


class PollRecipeParams(RunRecipeParams):
    """Which running recipe to poll, and when its jobs count as over."""

    ensure_running: bool = False
    """Whether to start the recipe if it is stopped; it is left running."""


class StartRecipeParams(RecipeParams):
    """Which recipe to start."""


class StopRecipeParams(RecipeParams):
    """Which recipe to stop."""

    drain: bool = True
    """Whether to wait until the jobs that were running are over."""


class JobsOutputs(BaseModel):
    """What was observed since the poll. The recipe's own schedule may have added to it."""

    recipe_id: int
    """The recipe's id."""
    job_ids: list[str]
    """The jobs, newest first; at most 100, and none with `await_by: counters`."""
    jobs: int
    """How many jobs there were."""
    succeeded: int
    """How many succeeded."""
    failed: int
    """How many failed."""
    canceled: int
    """How many were canceled."""


class StateOutputs(BaseModel):
    """The recipe as it is now."""

    recipe_id: int
    """The recipe's id."""
    was_running: bool
    """Whether it was running before."""
    waiting_jobs: int
    """Jobs that wait for the recipe to run again; 0 where that cannot be seen."""


CALLED = {"id": "recipe_id", "recipe": "recipe_id", "flow_id": "recipe_id"}
"""What the vendor and its clients call the recipe's id."""
_JOBS = Traits(
    names=naming.RUN,
    called=CALLED,
    thing=say("recipe"),
    exclusive=("recipe_id",),
    gives=frozenset({"failed", "canceled"}),
    passes={"no_job_grace": NO_JOB_GRACE},
    retry_hides=("on_no_job", "succeed"),  # events are delivered once: those of failed jobs do not come again
)
ON_RECIPE = Traits(names=naming.RECIPE, called=CALLED, thing=say("recipe"), exclusive=("recipe_id",))

POLL_RECIPE = Kind(
    name="workato.poll_recipe",
    params=PollRecipeParams,
    outputs=JobsOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.RECONCILABLE,
    cancellable=False,
    doc=(
        "Polls a running recipe's trigger now and waits until the jobs that appear are over. Fails if any of "
        "them failed or was canceled. The vendor gives no id for a poll: what is awaited are the jobs newer "
        "than those noted before it."
    ),
    recovery="a job newer than those noted before the poll proves it; events are not delivered twice",
    handle="the id of one of the jobs that it brought about (j-…)",
    traits=_JOBS._replace(names=naming.POLLED),
)

RUN_RECIPE = Kind(
    name="workato.run_recipe",
    params=RunRecipeParams,
    outputs=JobsOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.RECONCILABLE,
    cancellable=True,
    doc=(
        "For a recipe that is kept stopped: starts it, awaits the jobs of the poll that starting makes, and "
        "stops it, also after a failure. Fails if any job failed or was canceled."
    ),
    recovery="a recipe that runs, or a job newer than those noted before the start, proves it",
    handle="the id of one of the jobs that it brought about (j-…)",
    traits=_JOBS,
)

START_RECIPE = Kind(
    name="workato.start_recipe",
    params=StartRecipeParams,
    outputs=StateOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    doc="Starts a recipe and waits until it is active. One that is running already is left alone.",
    recovery="the recipe says whether it is running",
    handle="the recipe's id",
    pace=Pace(first=2.0, longest=10.0),
    traits=ON_RECIPE,
    role=Role.CHANGES,
)

STOP_RECIPE = Kind(
    name="workato.stop_recipe",
    params=StopRecipeParams,
    outputs=StateOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    doc=(
        "Stops a recipe and waits until its running jobs are over. Jobs that had not begun wait until the "
        "recipe is started again; their number is told."
    ),
    recovery="the recipe says whether it is running",
    handle="the recipe's id",
    pace=Pace(first=2.0, longest=10.0),
    traits=ON_RECIPE,
    role=Role.CHANGES,
)
