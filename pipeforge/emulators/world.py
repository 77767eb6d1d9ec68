"""The world file: what exists at each vendor, how its jobs go, and which calls go wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from pipeforge.emulators.core import Json, Package
from pipeforge.emulators.faults import Fault
from pipeforge.emulators.vendors import PACKAGES


@dataclass(frozen=True, slots=True)
class World:
    """A world that was read and found good."""

    sections: Mapping[str, BaseModel]
    """By vendor: its package's section."""
    faults: tuple[Fault, ...]
    afresh: bool = False
    """Whether what was started before is forgotten when it is opened for something new."""
    packages: Mapping[str, Package] = field(default_factory=lambda: PACKAGES)
    """The vendors that there are."""

    @classmethod
    def read(
        cls, data: Mapping[str, Json] | None = None, packages: Mapping[str, Package] = PACKAGES
    ) -> "World":
        """A world from a parsed file; nothing at all is the world where everything exists and succeeds.

        `packages`: the vendors, where there are others than ours. Raises ValueError with one line for each
        thing that is wrong, each with its route in the file.
        """
        if not data:
            bare = {name: package.section.model_construct() for name, package in packages.items()}
            return cls(bare, (), packages=packages)
        try:
            file = file_model(packages).model_validate(data)
        except ValidationError as error:
            raise ValueError(explain(error, "world")) from None
        sections = {name: getattr(file, name) for name in packages}
        return cls(sections, tuple(getattr(file, "faults")), getattr(file, "afresh"), packages)  # noqa: B009


def file_model(packages: Mapping[str, Package]) -> type[BaseModel]:
    """The whole file as one model: a section for each vendor, and the faults."""
    return _file_model(tuple(packages.values()))


@cache
def _file_model(packages: Iterable[Package]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        each.name: (each.section, Field(default_factory=each.section)) for each in packages
    }
    fields["faults"] = (list[Fault], Field(default_factory=list))
    fields["afresh"] = (bool, False)
    return create_model(
        "WorldFile", __config__=ConfigDict(frozen=True, extra="forbid", strict=True), **fields
    )


def explain(error: ValidationError, start: str) -> str:
    """A validation error in lines of `route: what is wrong (found "value")`."""
    return "\n".join(_line(each, start) for each in error.errors())


def _line(each: ErrorDetails, start: str) -> str:
    route = ".".join(str(key) for key in (start, *each["loc"]) if key != "[key]")
    if each["type"] == "extra_forbidden":
        return f"{route}: nothing of this name is known here"
    said = each["msg"].removeprefix("Value error, ")
    value = each["input"]
    shown = type(value).__name__ if isinstance(value, (dict, list)) else f'"{value}"'
    return f"{route}: {said[:1].lower()}{said[1:]} (found {shown})"
