"""What a pipeline can change at Workato: recipes made, updated, deployed, deleted, their triggers reset."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pipeforge.adapter import Alone, Guarantee, Kind, Role, Traits
from pipeforge.adapters.workato import accepting, naming
from pipeforge.adapters.workato.authored import Code, Config
from pipeforge.adapters.workato.choices import NAME_LENGTH, SERVER_WORKS
from pipeforge.adapters.workato.kinds import CALLED, RecipeParams, WorkatoConnection
from pipeforge.language.saying import say

_CONFIG = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)
_FILES = ("code", "config")

Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH, examples=["Send mail"])]
Folder = Annotated[int, Field(ge=1, examples=[17254])]


class CreateRecipeParams(BaseModel):
    """What the new recipe is."""

    model_config = _CONFIG

    name: Name
    """Its name. Workato lets others have the same."""
    code: Code
    """Its lines: the trigger's line with those below it in `block`, as Workato exports them.

    Written here, as a mapping or as JSON in a text, or `{file: recipes/send_mail.json}`. A file that Workato
    exported (`*.recipe.json`) may be named as it is.
    """
    config: Config = Field(default_factory=list)
    """Its connections, one line a connector: `{provider, name, account_id}`; written here or `{file: PATH}`.

    `keyword` and `name` are filled in where they are left out.
    """
    folder_id: Folder | None = None
    """The folder it is put in; the workspace's own when left out."""


class CreateRecipeOutputs(BaseModel):
    """The new recipe."""

    recipe_id: int
    """Its id. It is stopped."""


class UpdateRecipeParams(RecipeParams):
    """Which recipe, and what of it is replaced; what is left out stays."""

    name: Name | None = None
    """Its new name."""
    code: Code | None = None
    """Its new lines, all of them: written here or `{file: PATH}`, as for `workato.create_recipe`."""
    config: Config | None = None
    """Its new connections, all of them: written here or `{file: PATH}`."""
    folder_id: Folder | None = None
    """The folder it is moved to."""

    _something = model_validator(mode="after")(accepting.something)


class UpdateRecipeOutputs(BaseModel):
    """The recipe after the update."""

    recipe_id: int
    """Its id."""
    changed: bool
    """Whether it was updated; `false` where all was so already."""
    version_no: int | None
    """Its version now."""


class DeployRecipeParams(BaseModel):
    """Which recipe there has to be, by folder and name, and what it is."""

    model_config = _CONFIG

    folder_id: Folder
    """The folder that the recipe is in, or is created in."""
    name: Name
    """The recipe's exact name; only one in the folder may have it."""
    code: Code
    """Its lines: written here or `{file: PATH}`, as for `workato.create_recipe`."""
    config: Config | None = None
    """Its connections: written here or `{file: PATH}`. Left out: those of a recipe that is there stay."""
    ensure_running: bool = False
    """Whether it runs afterwards. `false`: it runs if it ran before."""


class DeployRecipeOutputs(BaseModel):
    """The recipe as it is now."""

    recipe_id: int
    """Its id."""
    created: bool
    """Whether it was not there before."""
    changed: bool
    """Whether its lines or connections were written; `false` where all was so already."""
    version_no: int | None
    """Its version now."""
    previous_version_no: int | None
    """Its version before; null of a new one."""
    was_running: bool
    """Whether it ran before."""
    running: bool
    """Whether it runs now."""


class DeleteRecipeParams(RecipeParams):
    """Which recipe goes."""

    confirm: Annotated[str, Field(min_length=1, examples=["Send mail"])]
    """The recipe's name once more. It is compared with the one at Workato before anything is deleted."""


class DeleteRecipeOutputs(BaseModel):
    """What is gone."""

    recipe_id: int
    """The id that it had."""
    name: str
    """The name that it had."""


class ResetTriggerParams(RecipeParams):
    """Which recipe begins anew."""

    acknowledge_reprocess: Annotated[bool, AfterValidator(accepting.acknowledged), Field(examples=[True])]
    """Must be `true`: every record of the source is processed once more."""


class ResetTriggerOutputs(BaseModel):
    """What was reset."""

    recipe_id: int
    """The recipe's id."""
    running: bool
    """Whether it ran by then. One that is stopped begins anew when it is started."""


CREATE_RECIPE = Kind(
    name="workato.create_recipe",
    params=CreateRecipeParams,
    outputs=CreateRecipeOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.RECONCILABLE,
    cancellable=False,
    doc=(
        "Creates a recipe, which is stopped at first. It makes another one each time: "
        "`workato.deploy_recipe` keeps one up to date."
    ),
    recovery="a recipe of this name with a greater id than any before proves it",
    alone=Alone("name", SERVER_WORKS),
    traits=Traits(names=naming.CREATED, files=_FILES, called={"folder": "folder_id"}),
    role=Role.CHANGES,
)

UPDATE_RECIPE = Kind(
    name="workato.update_recipe",
    params=UpdateRecipeParams,
    outputs=UpdateRecipeOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    doc=(
        "Replaces a stopped recipe's name, lines, connections or folder, and looks whether it took effect. "
        "Nothing is sent where all is so already. Workato refuses it for a recipe that runs: "
        "`workato.deploy_recipe` stops and starts one."
    ),
    recovery="the recipe is compared with what was asked for",
    traits=Traits(
        names=naming.UPDATED,
        called={**CALLED, "folder": "folder_id"},
        thing=say("recipe"),
        exclusive=("recipe_id",),
        files=_FILES,
    ),
    role=Role.CHANGES,
)

DEPLOY_RECIPE = Kind(
    name="workato.deploy_recipe",
    params=DeployRecipeParams,
    outputs=DeployRecipeOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.RECONCILABLE,
    cancellable=False,
    doc=(
        "Makes a recipe what the pipeline says: creates it, or, where its lines or connections differ, "
        "stops it, writes them, looks whether there is a new version, and starts it again if it ran. "
        "Nothing is sent where all is so already. Jobs that are running end by the old lines. Where Workato "
        "refuses the new lines the recipe is started again as it was; where it refuses to start them the "
        "step fails and says that the recipe is stopped."
    ),
    recovery="the recipe is found by folder and name and compared; what is left to do is done",
    alone=Alone("name", SERVER_WORKS),
    traits=Traits(
        names=naming.DEPLOYED,
        called={"folder": "folder_id"},
        thing=say("recipe"),
        exclusive=("folder_id", "name"),
        files=_FILES,
    ),
    role=Role.CHANGES,
)

DELETE_RECIPE = Kind(
    name="workato.delete_recipe",
    params=DeleteRecipeParams,
    outputs=DeleteRecipeOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    doc=(
        "Deletes a stopped recipe with its job history, which cannot be undone. Its name must be repeated "
        "under `confirm`. Workato refuses it for a recipe that runs."
    ),
    recovery="a recipe that is not there any more proves it",
    traits=Traits(
        names=naming.DELETED,
        called={**CALLED, "name": "confirm"},
        thing=say("recipe"),
        exclusive=("recipe_id",),
    ),
    role=Role.CHANGES,
)

RESET_TRIGGER = Kind(
    name="workato.reset_trigger",
    params=ResetTriggerParams,
    outputs=ResetTriggerOutputs,
    connection=WorkatoConnection,
    guarantee=Guarantee.JOURNALED,
    cancellable=False,
    doc=(
        "Puts a polling or scheduled trigger back to its beginning, so that the recipe processes every "
        "record of its source once more; jobs that are under way go first. It is asked for once: if the "
        "answer is lost, nothing at Workato shows whether it was done."
    ),
    recovery="nothing at Workato shows a reset: look at the recipe's jobs and its activity log",
    traits=Traits(names=naming.RESET, called=CALLED, thing=say("recipe"), exclusive=("recipe_id",)),
    role=Role.CHANGES,
)
