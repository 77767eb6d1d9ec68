"""A test file: what is given to a pipeline, and what must come of it."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from pipeforge.errors import UsageError
from pipeforge.language.model import Duration, _Model
from pipeforge.language.surroundings import boundary, within

ENDINGS = (".test.yaml", ".test.yml")
"""How the names of test files end."""

Word = Literal["succeeded", "failed", "canceled", "skipped", "timed_out", "blocked", "unknown"]
"""The outcomes, as they are written."""


class Situation(_Model):
    """What a pipeline is run with. What a test leaves out is as the file's own `given` says."""

    context_time: str | None = None
    """The instant the run is for, and at which it begins; default 2026-01-01T00:00 in the pipeline's zone."""
    environment: str | None = None
    """An environment of pipeforge.yaml, as --env chooses it."""
    custom_variables: dict[str, Any] = Field(default_factory=dict)
    """Values by name, as --set gives them."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables that templates read; those of the machine are not seen."""
    world: str | dict[str, Any] | None = None
    """What exists at the vendors and how their jobs go: a file beside this one, or written out.

    Default: `world.yaml` beside the pipeline, where there is one.
    """
    faults: list[dict[str, Any]] = Field(default_factory=list)
    """What goes wrong, as in a world; beside those of the world itself."""
    max_time: Duration | None = None
    """The time after which the run leaves in order, as --max-time gives it."""


class Request(_Model):
    """One request that a vendor received."""

    request: Annotated[str, Field(pattern=r"^[A-Z]+ /\S*$", examples=["POST /api/jobs"])]
    """Its method and path. A `*` in the path stands for one part of it."""
    query: dict[str, Any] | None = None
    """What its address asks, all of it; not looked at when left out."""
    body: Any = None
    """What it carries, all of it: JSON, or the pairs of a form as a mapping; not looked at when left out."""


class Expectation(_Model):
    """What must come of it. What is not named may be anything."""

    exit_code: int | None = None
    """What `pipeforge run` would exit with."""
    outcome: Word | None = None
    """The run's."""
    outcomes: dict[str, Word] = Field(default_factory=dict)
    """By step; an item of a foreach as `step[0]`."""
    not_started: list[str] = Field(default_factory=list)
    """Steps that triggered nothing."""
    order: list[str] = Field(default_factory=list)
    """Steps that are triggered one after the other, in this order."""
    attempts: dict[str, int] = Field(default_factory=dict)
    """By step: how often it was tried."""
    details: dict[str, str] = Field(default_factory=dict)
    """By step: a text that is part of what is told of its end."""
    outputs: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By step: outputs, and the values that they have."""
    jobs: dict[str, int] = Field(default_factory=dict)
    """By vendor: how many jobs were started there."""
    requests: dict[str, list[Request]] = Field(default_factory=dict)
    """By vendor: of each request that is listed all that were made, in their order, and no more."""
    lasts: Duration | None = None
    """The longest that the run may take, in the emulators' time."""


class Trial(_Model):
    """One test: a run, and what must come of it."""

    given: Situation = Situation()
    """What the run is given."""
    expect: Expectation
    """What must come of it."""


class Trials(_Model):
    """A test file. It stands beside its pipeline and is called like it: `nightly.test.yaml`."""

    pipeline: str | None = None
    """The pipeline's file, from this one; default the one that this file is named after."""
    given: Situation = Situation()
    """What all the tests below are given."""
    tests: Annotated[dict[str, Trial], Field(min_length=1)]
    """By what they show, in words."""


def is_test(path: Path) -> bool:
    """Whether a file is one of tests, by its name."""
    return path.name.endswith(ENDINGS)


def pipeline_of(path: Path, file: Trials) -> Path:
    """The pipeline that a test file is about."""
    if file.pipeline is not None:
        return path.parent / file.pipeline
    ending = next(ending for ending in ENDINGS if path.name.endswith(ending))
    return path.with_name(path.name.removesuffix(ending) + ending.removeprefix(".test"))


def within_reach(named: Path, folder: Path) -> Path:
    """A file that a test in `folder` names. Raises UsageError for one outside of its checkout or project.

    Whoever runs a stranger's tests must not show what else is on the machine.
    """
    around = boundary(os.path.realpath(folder))
    if around and not within(os.path.realpath(named), around):
        raise UsageError(f"'{named}' lies outside the project", "a test names what is in its own project")
    return named


def given(file: Trials, test: Trial) -> Situation:
    """What a test is given: its own, over what all of its file are."""
    own, shared = test.given, file.given
    merged = {name: getattr(own, name) for name in own.model_fields_set}
    for name in ("custom_variables", "env"):
        merged[name] = {**getattr(shared, name), **getattr(own, name)}
    return shared.model_copy(update=merged)
