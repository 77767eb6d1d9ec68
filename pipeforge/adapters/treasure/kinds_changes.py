"""Kinds that change projects and their secrets.

Source: the group Project of the vendor's OpenAPI description; digdag's source for what it says on conflicts.
"""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from pipeforge.adapters.treasure import accepting
from pipeforge.adapters.treasure.fields import Instant, Name, OfProject, Params
from pipeforge.adapters.treasure.making import Outputs, called, changing

SecretKey = Annotated[str, AfterValidator(accepting.secret_key), Field(examples=["mysql.password"])]
"""Parts with dots between them, of letters, digits, `_` and `-`: what digdag takes for a secret's key."""


class PushProjectParams(Params):
    """What to push, and where to."""

    project: Annotated[str, Field(min_length=1, max_length=255, examples=["sales"])]
    """The project's name; one that is not there yet is made."""
    folder: Annotated[str, Field(min_length=1, examples=["workflows/sales"])]
    """The folder, beside the pipeline, whose workflows (`*.dig`) and other files are pushed."""
    exclude: list[str] = Field(default_factory=list)
    """More of it to leave out: patterns such as `tests/*`, of paths in the folder. Hidden files,
    `__pycache__` and `*.pyc` are never pushed."""
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")] | None = None
    """The revision's name; left out, it is made from the content, so that the same is never pushed twice."""
    schedule_from: Instant | None = None
    """From when on schedules of new workflows count; left out, from the push on."""
    clear_schedules: list[Name] = Field(default_factory=list)
    """Workflows whose last session time is forgotten, so that their schedules begin anew."""
    clear_all_schedules: bool = False
    """Whether that of every workflow is forgotten."""


class PushProjectOutputs(Outputs):
    """The project as it was pushed."""

    id: str
    """The project's id."""
    name: str
    """The project's name."""
    revision: str
    """The name of the revision that holds what the folder holds."""
    pushed: bool
    """False where the latest revision held just that already."""
    files: int
    """How many files it has."""
    size: int
    """Bytes of the archive."""
    archive_md5: str
    """The archive's MD5 digest, in base64."""


class DeleteProjectParams(OfProject):
    """Which project to delete."""

    confirm: Name
    """The project's name once more, letter for letter."""

    _confirmed = model_validator(mode="after")(accepting.confirmed)


class DeleteProjectOutputs(Outputs):
    """What was deleted."""

    id: str
    """The project's id."""
    name: str
    """The project's name."""


class PutSecretParams(OfProject):
    """Which secret to put where."""

    key: SecretKey
    """The key under which workflows find it, such as `mysql.password`."""
    value_of: Annotated[Name, Field(examples=["mysql_password"])]
    """The name of the value among the connection's `secret_values`: a step holds no secret itself."""


class DeleteSecretParams(OfProject):
    """Which secret to delete."""

    key: SecretKey
    """The key under which the project keeps it."""


class SecretOutputs(Outputs):
    """Which secret it was."""

    project_id: str
    """The project's id."""
    key: str
    """The secret's key."""


PUSH_PROJECT = changing(
    "push_project",
    PushProjectParams,
    PushProjectOutputs,
    "Pushes a folder as a new revision of a project. The archive is the same for the same content, whoever "
    "makes it and when; where the latest revision holds it already, nothing is pushed. Hidden files stay "
    "out; files that look like credentials, that hold a secret of the connection or lead out of the folder "
    "are refused, and so is an archive of more than 10 MB.",
    "the project's revisions tell whether it was pushed",
    called(PushProjectParams, {"target_dir": "folder", "path": "folder", "project_path": "folder"})._replace(
        paths=("folder",)
    ),
)
DELETE_PROJECT = changing(
    "delete_project",
    DeleteProjectParams,
    DeleteProjectOutputs,
    "Deletes a project with its workflows and schedules. What it has run stays listed; a project made anew "
    "under the name is another one. `confirm` must repeat the name.",
    "a project that is gone is not deleted again, and one made anew under its name is another",
)
PUT_SECRET = changing(
    "put_secret",
    PutSecretParams,
    SecretOutputs,
    "Puts a value of the connection's `secret_values` into a project, in place of what was there.",
    "it is put again",
    called(PutSecretParams)._replace(named_in={"value_of": "secret_values"}),
)
DELETE_SECRET = changing(
    "delete_secret",
    DeleteSecretParams,
    SecretOutputs,
    "Deletes a secret from a project. One that is not there is no error.",
    "it is deleted again",
)
