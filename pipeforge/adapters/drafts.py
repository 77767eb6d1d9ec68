"""A pipeline that is drawn up from what there is at a vendor, before it is written as YAML."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeforge.adapter import Json

_UNFIT = re.compile(r"[^\w-]+")

_LONGEST = 180
"""Bytes: sixty Japanese letters. chosen: no file system takes more than 255, endings and all."""


@dataclass(frozen=True, slots=True)
class StepDraft:
    """One step."""

    id: str
    uses: str
    given: Mapping[str, Any]
    """What stands under `with`."""
    needs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know of it, written above it."""
    later: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By parameter that holds values by name: those that may be given, written as comments."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A pipeline, and files beside it."""

    name: str
    description: str
    steps: tuple[StepDraft, ...]
    timezone: str = "UTC"
    notes: tuple[str, ...] = ()
    """At its head."""
    files: Mapping[str, Json] = field(default_factory=dict)
    """By path beside the pipeline: JSON that steps name."""
    records: Mapping[str, Any] = field(default_factory=dict)
    """kintone records, by name."""


def slug(text: str | None, otherwise: str) -> str:
    """A text as the id of a step, or as the name of a file."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text or "").lower())
    fit = _UNFIT.sub("_", plain).strip("_-")[:60].encode()[:_LONGEST].decode(errors="ignore")
    return (f"_{fit}" if fit[:1].isdecimal() else fit) or otherwise


class Ids:
    """Gives each step an id of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, text: str | None, otherwise: str) -> str:
        """The first that is free of `name`, `name_2`, `name_3` …"""
        base = slug(text, otherwise)
        number, found = 1, base
        while found in self._taken:
            number += 1
            found = f"{base}_{number}"
        self._taken.add(found)
        return found
