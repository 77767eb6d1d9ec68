"""Recipes, jobs and connections whole, as Workato tells them: what is only told on may be missing or odd."""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from pipeforge.adapter import Json
from pipeforge.adapters.workato.wire import Answer, Count, Job, Recipe, Told


def _or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _mappings(value: Any) -> list[dict[str, Json]]:
    """Also of a list that is JSON in a text, as it is written."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _rows(value: Any, *names: str) -> Any:
    """The rows of a list, under one of these names or bare. Raises ValueError where there are none."""
    if isinstance(value, list):
        return {"items": value}
    found = next((value[name] for name in names if isinstance(value, dict) and name in value), None)
    if not isinstance(found, list):
        raise ValueError("no list in the answer")
    return {"items": found}


Word = Annotated[str | None, BeforeValidator(_or_none)]
Texts = Annotated[list[str], BeforeValidator(_texts)]
Mappings = Annotated[list[dict[str, Json]], BeforeValidator(_mappings)]


class FullRecipe(Recipe):
    """A recipe with all that is told of it."""

    description: Told = ""
    folder_id: Count = None
    applications: Texts = Field(default_factory=list)
    created_at: Word = None
    updated_at: Word = None
    author_name: Word = None
    version_author_name: Word = None
    config: Mappings = Field(default_factory=list)
    code: Told = ""

    def lines(self) -> Json:
        """Its code, read; None where that is no JSON."""
        try:
            return json.loads(self.code)
        except ValueError:
            return None


class RecipePage(Answer):
    """One page of recipes, the greatest id first."""

    items: list[FullRecipe]

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        """Each family has its own wrapper."""
        return _rows(value, "result", "items")


class PublicRecipe(Answer):
    """A recipe that the community shares."""

    id: int
    name: Told = ""
    description: Told = ""
    trigger_application: Word = None
    applications: Texts = Field(default_factory=list)
    copy_count: Count = None


class PublicPage(Answer):
    """One page of them."""

    items: list[PublicRecipe]

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        return _rows(value, "items", "result")


class FullJob(Job):
    """A job with all that is told of it."""

    is_test: bool = False
    is_repeat: bool = False
    calling_job_id: Word = None
    root_job_id: Word = None
    lines: Mappings = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        """Bare, or under `result`. inferred for Embedded."""
        inner = value.get("result", value) if isinstance(value, dict) else value
        return inner[0] if isinstance(inner, list) and len(inner) == 1 else inner


class Connection(Answer):
    """A connection of the workspace."""

    id: int
    name: Told = ""
    provider: Word = None
    application: Word = None
    authorization_status: Word = None

    @property
    def connector(self) -> str | None:
        """Each family has its own key for it."""
        return self.provider or self.application


class ConnectionPage(Answer):
    """All connections of the workspace."""

    items: list[Connection]

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        return _rows(value, "result", "items")


class Folder(Answer):
    """A folder of the workspace."""

    id: int
    name: Told = ""
    parent_id: Count = None


class FolderPage(Answer):
    """One page of the folders directly below another."""

    items: list[Folder]

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        return _rows(value, "result", "items")
