"""The kind `pipeline`: a step that runs another pipeline of the project as a run of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pipeforge.adapter import Guarantee, Kind
from pipeforge.language.subpipeline import NAME


class SubPipeline(BaseModel):
    """What such a step is given."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    path: str = Field(min_length=1, examples=["load_region.yaml"])
    """The pipeline to run: a path from this file's folder, inside the project. No template."""
    custom_variables: dict[str, Any] = Field(default_factory=dict)
    """Values for its custom variables, by name, as --set gives them; others keep their defaults."""


class Handed(BaseModel):
    """What it gives: what the pipeline that it runs says under `outputs`."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)


class NoConnection(BaseModel):
    """Its own steps name theirs."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


KIND = Kind(
    name=NAME,
    params=SubPipeline,
    outputs=Handed,
    connection=NoConnection,
    guarantee=Guarantee.EXACTLY_ONCE,
    cancellable=True,
    doc="Runs another pipeline of the project for the same context_time, as a run of its own.",
    recovery="its run is found in the journal by its id, which follows from this one's",
    handle="the id of its run",
)


class Kinds(Mapping[str, Kind]):
    """The vendors' kinds, and this one."""

    def __init__(self, vendors: Mapping[str, Kind]) -> None:
        self._vendors = vendors

    def __getitem__(self, name: str) -> Kind:
        return KIND if name == NAME else self._vendors[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._vendors
        yield NAME

    def __len__(self) -> int:
        return len(self._vendors) + 1

    def __contains__(self, name: object) -> bool:
        return name == NAME or name in self._vendors
