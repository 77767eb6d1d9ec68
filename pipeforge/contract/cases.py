"""How a kind is tried, and what the contract's classes have in common."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from pipeforge.adapter import Adapter, Json, Kind
from pipeforge.commands.jumping import JumpingLoop
from pipeforge.contract import checking
from pipeforge.contract.emulated import Emulated, emulated

KEY = "pf-r1-load-1"
"""The key of the attempts that are made."""

_SHORT = 3
"""Characters; a secret that is no longer may occur in any text."""


@dataclass(frozen=True)
class Case:
    """How a kind that starts something is asked, which routes start and show it, and what makes it fail."""

    params: Mapping[str, Json]
    settings: Mapping[str, Json]
    """Of the connection, beside `vendor` and `base_url`."""
    start: str
    """`METHOD /path` of the emulator's route that starts it."""
    look: str
    """The route that shows how it stands."""
    failing: Mapping[str, Json] = field(default_factory=dict)
    """The vendor's part of a world in which its job fails; none where nothing of the vendor's can fail."""
    world: Mapping[str, Json] = field(default_factory=dict)
    """The vendor's part of a world in which its job succeeds, within seconds."""
    endless: Mapping[str, Json] = field(default_factory=dict)
    """The same of one in which its job never ends; none where nothing of the vendor's lasts."""
    prepares: str | None = None
    """A route that `prepare` reads, if it reads any."""
    counted: bool = True
    """Whether a start makes a job that the emulator tells of with `Reply.started`."""


@dataclass(frozen=True)
class Asked:
    """How a kind that asks or changes is tried: parameters, connection, the request that faults strike."""

    params: Mapping[str, Json]
    settings: Mapping[str, Json]
    route: str
    """`METHOD /path` of the emulator's route: of a change the request that changes, of a read the first."""
    world: Mapping[str, Json] = field(default_factory=dict)
    gives: Mapping[str, Json] = field(default_factory=dict)
    """Outputs that must be just so."""


Fits = Callable[[Any, Kind], bool]


def of(fits: Fits) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Marks a test of the contract: it is made for the cases that fit."""

    def mark(test: Callable[..., Any]) -> Callable[..., Any]:
        setattr(test, "fits", fits)  # noqa: B010 (a function has no such attribute for mypy)
        return test

    return mark


class Contract:
    """A class of tests over `cases`: each test is made for every case, or for those that it fits."""

    pytestmark: ClassVar[Any] = pytest.mark.anyio
    cases: ClassVar[Mapping[str, Any]] = {}
    """By kind."""

    @pytest.fixture
    def anyio_backend(self) -> tuple[str, dict[str, Any]]:
        """A loop that jumps over waiting."""
        return "asyncio", {"loop_factory": JumpingLoop}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A test for each kind."""
        fits: Fits = getattr(metafunc.function, "fits", lambda case, kind: True)
        if "name" in metafunc.fixturenames:
            chosen = [name for name, case in self.cases.items() if fits(case, checking.kind(name))]
            metafunc.parametrize("name", chosen)

    @asynccontextmanager
    async def opened(
        self, name: str, world: Mapping[str, Json] | None = None
    ) -> AsyncIterator[tuple[Emulated, Adapter[Any], Any]]:
        """The vendor, an adapter of the kind, and the case's parameters."""
        case = self.cases[name]
        kind = checking.kind(name)
        params = checking.params(kind, case.params)
        async with emulated(kind.vendor, case.world if world is None else world, **case.settings) as there:
            yield there, there.adapter(name), params


def clean(there: Emulated, value: Json) -> Json:
    """The value: JSON, and without a secret in clear."""
    text = value if isinstance(value, str) else json.dumps(value)
    secrets = [secret for secret in there.settings.secrets() if len(secret) > _SHORT]
    assert not [secret for secret in secrets if secret in text], "a secret is told"
    return value if isinstance(value, str) else json.loads(text)
