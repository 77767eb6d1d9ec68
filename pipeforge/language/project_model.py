"""The project file as a model: what the pipelines of one folder share."""

from typing import Any

from pydantic import Field

from pipeforge.language.model import NO_DEFAULTS, Defaults, _Model


class Environment(_Model):
    """What differs in one environment."""

    connections: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Settings laid over the connections of the same name."""


class LintSettings(_Model):
    """What `pipeforge lint` leaves out."""

    ignore: list[str] = Field(default_factory=list)
    """Codes of rules not to apply; `PF4` stands for all that begin so."""
    per_path: dict[str, list[str]] = Field(default_factory=dict)
    """The same for the files that a glob matches, from the project file's folder."""


class Project(_Model):
    """A project file."""

    connections: dict[str, Any] = Field(default_factory=dict)
    """Vendor accounts that all pipelines share, by name."""
    environments: dict[str, Environment] = Field(default_factory=dict)
    """What --env chooses from."""
    defaults: Defaults = NO_DEFAULTS
    """What a step has when neither it nor its pipeline says otherwise."""
    env: list[str] = Field(default_factory=list)
    """Environment variables that templates may read as env.NAME."""
    lint: LintSettings = LintSettings.model_construct()
    """What `pipeforge lint` leaves out."""
    journal: str | None = None
    """Where runs are kept: a path from the project file; default .pipeforge/journal.db."""
