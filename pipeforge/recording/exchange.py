"""One answer as it was seen, and what a vendor's part of a world is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeforge.adapter import Json
from pipeforge.adapters.verdicts import Happened

WEATHER = frozenset(Happened) - {Happened.ANSWERED, Happened.REFUSED, Happened.MOVED}
"""What may be otherwise at the next request: no part of what there is."""

_NOT_TAKEN = frozenset({Happened.UNSENT, Happened.THROTTLED})
"""The weather in which a request was certainly not worked on."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer."""

    at: float
    """UNIX seconds."""
    method: str
    path: str
    sent: Mapping[str, Json] = field(repr=False)
    """What stood in the query, the form and at the top of the JSON body."""
    status: int
    """0 where no answer came."""
    body: Json = field(repr=False)
    content: bytes = field(repr=False)
    unit: str = ""
    happened: Happened = Happened.ANSWERED
    wait: int | None = None
    """Seconds that a refusal for now asks to wait."""
    times: int = 1
    """How often it came so in a row."""

    @property
    def well(self) -> bool:
        """Whether it was answered with yes."""
        return 200 <= self.status < 300 and self.happened is not Happened.GARBLED

    @property
    def said(self) -> Mapping[str, Json]:
        """The body, empty where it is no mapping."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def looks(self) -> bool:
        """Whether it only asks, so that it may be asked at any time and any number of times."""
        return self.method == "GET" or self.path == "/status"

    @property
    def lost(self) -> bool:
        """Whether something was asked for and nobody was told what became of it."""
        return not self.looks and self.happened in WEATHER - _NOT_TAKEN

    def is_like(self, other: "Exchange") -> bool:
        """Whether it was answered just the same."""
        here, there = ((one.status, one.happened, one.wait, one.content) for one in (self, other))
        return here == there


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trial asks what was asked here: jobs have numbers of their own there."""

    path: str
    """Below the connection's base URL, with `{id}` in the place of a job's number."""
    job: Mapping[str, Json]
    """Which job is meant, as a fault tells it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A vendor's section of the world, and the answers that it does not tell of."""

    section: dict[str, Json]
    rest: Sequence[Exchange]
    done: frozenset[int] = frozenset()
    """Of the answers that were lost, the ids of those whose work was seen to be done."""
    places: Mapping[int, Place] = field(default_factory=dict)
    """By id of an answer about a job that was started here."""


def items(body: Json) -> list[dict[str, Json]]:
    """The mappings of a list; nothing of what is none."""
    return [each for each in body if isinstance(each, dict)] if isinstance(body, list) else []


def given(**fields: Json) -> dict[str, Json]:
    """Those that are there."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}
