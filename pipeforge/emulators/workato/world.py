"""Workato's part of a world file: which customers and recipes exist, what polls find, and how jobs go."""

from typing import Literal

from pydantic import Field

from pipeforge.emulators.core import Json
from pipeforge.emulators.course import Section

Found = int | Literal["error"]


class WorkatoCourse(Section):
    """How one job goes once its turn has come."""

    seconds: float = Field(default=0.5, ge=0)
    """`.inf` never ends."""
    outcome: str = "succeeded"
    """The last `status`: `succeeded`, `failed`, `canceled`, or a word that nobody has seen yet."""
    error: str = "the job failed as its script says"
    """Shown unless the outcome is `succeeded`."""
    title: str | None = None


class Start(Section):
    """What one start call answers. Without anything it is accepted."""

    code_errors: list[Json] = Field(default_factory=list)
    """`[[step, [[label, value, message, path or not], ...]], ...]` or the object form; refused with 200."""
    config_errors: list[Json] = Field(default_factory=list)
    status: Literal[400, 422] | None = None
    """Refused with this status and `message` instead."""
    message: str = "the recipe cannot be started"

    @property
    def accepted(self) -> bool:
        return not (self.code_errors or self.config_errors or self.status)


class Poll(Section):
    """What one poll_now call answers."""

    answer: Literal["ok", "back_off", "no_credit", "no_quota", "trial_expired"] = "ok"
    seconds: float = Field(default=30.0, ge=0)
    """How long a back-off lasts; until then every call gets the same answer."""
    status: Literal[200, 429] = 429
    """Of a back-off: the documents show its message both ways."""
    retry_after: bool = True
    """Whether a back-off with 429 says when to come again."""


class Recipe(Section):
    """One recipe. Lists are taken in turn, one entry for each time; the last goes on for ever."""

    name: str | None = None
    description: str = ""
    folder_id: int = 1
    running: bool = True
    """Whether it runs when the emulator opens."""
    stop_cause: str | None = None
    trigger: Literal["polling", "scheduled", "other"] = "polling"
    trigger_application: str | None = "clock"
    action_applications: list[str] = Field(default_factory=lambda: ["email"])
    code: dict[str, Json] | None = None
    """Its lines; absent, a trigger and an action of each application above."""
    config: list[dict[str, Json]] | None = None
    """Its connection lines; absent, one of each application above."""
    version_no: int = Field(default=1, ge=1)
    frozen: bool = False
    """Whether an update is acknowledged and changes nothing, which no document has: a client must look."""
    activation: float = Field(default=0.3, ge=0)
    """Seconds from an accepted start until it runs; `.inf` never gets there."""
    stopping: float = Field(default=0.0, ge=0)
    """Seconds from a stop until it no longer runs."""
    starts: list[Start] = Field(default_factory=list)
    poll_now: list[Poll] = Field(default_factory=list)
    polls: list[Found] = Field(default_factory=lambda: list[Found]((1,)))
    """New events that each poll of the source finds; `error` is a trigger error, which makes no job."""
    poll_seconds: float = Field(default=0.2, ge=0)
    """Seconds from a poll until its jobs are there."""
    poll_every: float | None = Field(default=None, ge=1)
    """Its own schedule while it runs; absent, only starts and poll_now poll."""
    error_limit: int = Field(default=60, ge=1)
    """Trigger errors in a row after which it is stopped."""
    course: WorkatoCourse | list[WorkatoCourse] | None = None
    """One for all jobs, or one for each event of the source in turn (the last goes on)."""
    past_jobs: int = Field(default=0, ge=0)
    """Jobs that had succeeded before the emulator opened."""


class Connection(Section):
    """One connection of the workspace to an application."""

    name: str
    provider: str
    folder_id: int = 1
    status: Literal["success", "failed", "exception"] | None = "success"
    """Of its authorization; a recipe whose connection is not `success` is refused its start."""


class Folder(Section):
    """One folder. Those directly below the root folder are projects."""

    name: str
    parent_id: int | None = None
    """Absent, the root folder."""


class PublicRecipe(Section):
    """A recipe that the community shares."""

    name: str
    applications: list[str]
    description: str = ""
    trigger_application: str | None = None
    owned: bool = False
    """Whether it is the workspace's own."""


class ManagedUser(Section):
    """One customer of the embedded family."""

    id: int
    external_id: str | None = None
    recipes: list[int] | None = None
    """Ids of recipes that are this customer's; absent, all."""


class WorkatoWorld(Section):
    """What there is at Workato; without a list of recipes, every recipe exists and runs."""

    credentials: list[str] | None = None
    """Bearer tokens that are accepted; absent, any."""
    legacy_auth: bool = False
    """Whether the pair x-user-email and x-user-token, with a credential as the token, is still accepted."""
    rate_limit: int | None = Field(default=None, ge=1)
    """Calls in a minute, of all customers together; absent, as many as wanted."""
    course: WorkatoCourse = Field(default_factory=WorkatoCourse)
    """For jobs of recipes that have none of their own."""
    managed_users: list[ManagedUser] | None = None
    """Absent, every customer is there, and all are one."""
    recipes: dict[int, Recipe | None] | None = None
    connections: dict[int, Connection] | None = None
    """Absent, every connection id is good and none is listed."""
    folders: dict[int, Folder] | None = None
    """Absent, there is the root folder, and a recipe may name any other."""
    public_recipes: list[PublicRecipe] = Field(default_factory=lambda: list(PUBLIC))
    """The greatest id first."""
    jobs_forbidden: Literal[401, 403, 404] | None = None
    """What the jobs endpoints answer to a token without the grant."""
    jobs_wrapper: Literal["items", "jobs", "result"] = "items"
    """Where the rows of a job list are: at the top as `items` or `jobs`, or as `items` below `result`."""
    statusless: bool = False
    """Whether jobs come without `status`, as the oldest documents show them."""
    ignores_offsets: bool = False
    """Whether `offset_job_id` is ignored, so that each page is the first one."""
    list_wrapper: Literal["result", "items"] = "result"
    """Of the embedded recipe list."""
    get_wrapper: Literal["list", "object", "bare"] = "list"
    """Of one embedded recipe."""

    def recipe(self, number: int) -> Recipe | None:
        """What the world says of a recipe, None if there is none of that id."""
        if self.recipes is None:
            return Recipe()
        return (self.recipes[number] or Recipe()) if number in self.recipes else None


PUBLIC: tuple[PublicRecipe, ...] = (
    PublicRecipe(
        name="Keep Salesforce cases and ServiceNow incidents in sync",
        applications=["salesforce", "service_now"],
        description="A case that is escalated becomes an incident; its comments go both ways",
        trigger_application="salesforce",
    ),
    PublicRecipe(
        name="Post closed deals to Slack",
        applications=["salesforce", "slack"],
        description="When an opportunity is won, tell the team's channel",
        trigger_application="salesforce",
    ),
    PublicRecipe(
        name="New kintone records to Google Sheets",
        applications=["kintone", "google_sheets"],
        description="Every record that is added to an app becomes a row",
        trigger_application="kintone",
        owned=True,
    ),
)
