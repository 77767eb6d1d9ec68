"""Models and kinds as lint sees them, at a fraction of their cost: what they take and give, as plain data.

Ours are written down by `python -m pipeforge.commands.sketching`; a test holds them to the models.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeforge.language.kinds import Guarantee, Role, Traits
from pipeforge.language.saying import Said
from pipeforge.language.surely import UNSURE, Shape
from pipeforge.language.types import ANY, Type
from pipeforge.loading import load

if TYPE_CHECKING:
    from pydantic import BaseModel

    from pipeforge.adapter import Kind

_NOTHING: Mapping[Any, Any] = {}


class Later(str):
    """A function by its place, `module:name`, loaded when it is called."""

    __slots__ = ()

    def __call__(self, *arguments: Any) -> Any:
        return load(self)(*arguments)


class Settings(NamedTuple):
    """What is known of a vendor's connections beside the shape of their settings."""

    secrets: frozenset[str] = frozenset()
    """The settings that are credentials."""
    secret_maps: frozenset[str] = frozenset()
    """The settings that are mappings of credentials, each under a name of the author's."""
    outdated: Mapping[tuple[str, str], Said] = _NOTHING
    """Values of settings that should not be used any more, each with why."""
    one_place: Mapping[str, Any] = _NOTHING
    """The settings in which two connections agree that lead to the same place, each with its default."""
    strict: Mapping[str, tuple[int, float]] = _NOTHING
    """Limits beyond which the vendor refuses or disables: how many in how many seconds."""


class Form(NamedTuple):
    """A model."""

    at: str
    """The model itself: `module:name`."""
    shape: Shape = UNSURE
    gives: Type = ANY
    """Of outputs: what templates see."""
    settings: Settings = Settings()
    held: "type[BaseModel] | None" = None
    """The model where it cannot be found by its name."""

    def __hash__(self) -> int:
        return hash(self.at)

    @property
    def model(self) -> "type[BaseModel]":
        model: type[BaseModel] = self.held or load(self.at)
        return model


class Sketch(NamedTuple):
    """A kind."""

    name: str
    at: str
    """The kind itself: `module:name`."""
    params: Form
    outputs: Form
    guarantee: Guarantee
    cancellable: bool
    traits: Traits
    vendor: str = ""
    """The first part of its name."""
    role: Role = Role.RUNS
    held: "Kind | None" = None
    """The kind where it is there already."""

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def kind(self) -> "Kind":
        kind: Kind = self.held or load(self.at)
        return kind
