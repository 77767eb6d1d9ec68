"""What a pipeline can ask of Workato's recipes: those of the workspace, and the public ones."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipeforge.adapter import Guarantee, Kind, Role, Traits
from pipeforge.adapters.workato import accepting, naming
from pipeforge.adapters.workato.kinds import CALLED, RecipeParams, WorkatoConnection
from pipeforge.language.saying import say

CONFIG = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)
ASKED_AGAIN = "asked again"
ALL_PAGES = say("leave it out: all pages are read")

Limit = Annotated[int, Field(ge=1)]
Names = Annotated[list[Annotated[str, Field(min_length=1, pattern=r"^[^,]+$")]], Field(min_length=1)]


class ListRecipesParams(BaseModel):
    """Which recipes; without anything, all of the workspace."""

    model_config = CONFIG

    folder_id: Annotated[int, Field(ge=1)] | None = None
    """Only those in this folder (not in folders below it)."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """Only those of exactly this name; names need not differ. Workato has no such filter: all are read."""
    running: bool | None = None
    """`true`: only those that run. `false`: only those that are stopped."""
    adapter_names_any: Names | None = Field(default=None, examples=[["salesforce", "jira"]])
    """Only those that use at least one of these connectors."""
    adapter_names_all: Names | None = Field(default=None, examples=[["salesforce", "jira"]])
    """Only those that use all of these connectors."""
    stop_cause: (
        Literal["trigger_errors_limit", "action_quota_limit", "trial_expired", "txn_quota_limit"] | None
    ) = None
    """Only those that Workato stopped for this reason.

    `trigger_errors_limit`: too many trigger errors in a row. `action_quota_limit`: the plan's tasks are used
    up. `trial_expired`: the trial is over. `txn_quota_limit`: the plan's jobs are used up.
    """
    stopped_after: Annotated[str | None, BeforeValidator(accepting.moment, json_schema_input_type=str)] = (
        Field(default=None, examples=["2026-01-31T00:00:00+09:00"])
    )
    """Leaves out those that were stopped after this instant."""
    limit: Limit | None = None
    """At most so many, those with the greatest ids; all when left out."""


class RecipeRow(BaseModel):
    """One recipe."""

    id: int
    """The recipe's id, the number in its address."""
    name: str
    """Its name; others may have the same."""
    description: str
    """What its author wrote of it."""
    folder_id: int | None
    """The folder that it is in."""
    running: bool
    """Whether it runs."""
    version_no: int | None
    """Rises with every update that was saved."""
    trigger_application: str | None
    """The connector that it begins with; `clock` is the scheduler."""
    applications: list[str]
    """The connectors that it uses."""
    job_succeeded_count: int | None
    """Jobs that succeeded so far."""
    job_failed_count: int | None
    """Jobs that failed so far."""
    last_run_at: str | None
    """When a job last began, ISO 8601."""
    stopped_at: str | None
    """When it was last stopped, ISO 8601; a start does not clear it."""
    stop_cause: str | None
    """Why Workato stopped it; null where a person did."""
    link: str
    """Its page at Workato."""


class ListRecipesOutputs(BaseModel):
    """The recipes, the greatest id first."""

    recipes: list[RecipeRow]
    """One row a recipe; its lines are in the answer of `workato.get_recipe`."""
    count: int
    """How many there are in the list."""


class GetRecipeParams(RecipeParams):
    """Which recipe."""


class ConfigLine(BaseModel):
    """Which connection a recipe uses for one connector."""

    provider: str
    """The connector."""
    name: str
    """What the recipe's lines call it."""
    account_id: int | None
    """The connection's id; null where none is chosen."""


class GetRecipeOutputs(RecipeRow):
    """The recipe. Its webhook's address is left out: whoever knows it can start jobs."""

    created_at: str | None
    """ISO 8601."""
    updated_at: str | None
    """ISO 8601."""
    author_name: str | None
    """Who made it."""
    version_author_name: str | None
    """Who saved its newest version."""
    config: list[ConfigLine]
    """Its connections."""
    code: str
    """Its lines, as JSON in a text; empty where that is longer than 500,000 characters."""
    code_length: int
    """How many characters its lines have."""


class SearchRecipesParams(BaseModel):
    """Which of the recipes that the Workato community shares."""

    model_config = CONFIG

    applications: Names = Field(examples=[["salesforce", "service_now"]])
    """Connectors that they use."""
    term: Annotated[str, Field(min_length=1)] | None = None
    """A text to look for."""
    boost_owned: bool = False
    """Whether the workspace's own come first."""
    limit: Limit | None = None
    """At most so many; all when left out."""


class PublicRecipeRow(BaseModel):
    """One public recipe."""

    id: int
    """Its id."""
    name: str
    """Its name."""
    description: str
    """What its author wrote of it."""
    trigger_application: str | None
    """The connector that it begins with."""
    applications: list[str]
    """The connectors that it uses."""
    copy_count: int | None
    """How often it was copied."""


class SearchRecipesOutputs(BaseModel):
    """The public recipes in Workato's own order."""

    recipes: list[PublicRecipeRow]
    """One row a recipe; empty where none matches."""
    count: int
    """How many there are in the list."""


LIST_RECIPES = Kind(
    name="workato.list_recipes",
    params=ListRecipesParams,
    outputs=ListRecipesOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    doc="Lists the workspace's recipes, the greatest id first. Every page is read.",
    recovery=ASKED_AGAIN,
    traits=Traits(
        names=naming.FOLDER,
        lacks={"page": ALL_PAGES, "per_page": ALL_PAGES, "since_id": ALL_PAGES},
        called={"active": "running"},
    ),
    role=Role.READS,
)

GET_RECIPE = Kind(
    name="workato.get_recipe",
    params=GetRecipeParams,
    outputs=GetRecipeOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    doc="Reads one recipe: how it stands, its connections and its lines.",
    recovery=ASKED_AGAIN,
    traits=Traits(names=naming.RECIPE, called=CALLED),
    role=Role.READS,
)

SEARCH_RECIPES = Kind(
    name="workato.search_recipes",
    params=SearchRecipesParams,
    outputs=SearchRecipesOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    doc=(
        "Searches the recipes that the Workato community shares, by connectors and a text. Every page is "
        "read. Workato's newest documents no longer name the operation: a workspace may answer that it is "
        "not there."
    ),
    recovery=ASKED_AGAIN,
    traits=Traits(lacks={"page": ALL_PAGES, "per_page": ALL_PAGES}),
    role=Role.READS,
)
