"""One answer as it was seen, and what a vendor's part of a world is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeforge.adapter import Json


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
    body: Json = field(repr=False)
    content: bytes = field(repr=False)
    unit: str = ""

    @property
    def well(self) -> bool:
        """Whether it was answered with yes."""
        return 200 <= self.status < 300

    @property
    def said(self) -> Mapping[str, Json]:
        """The body, empty where it is no mapping."""
        return self.body if isinstance(self.body, dict) else {}

    def repeats(self, before: "Exchange") -> bool:
        """Whether it is a look that saw what the one before saw."""
        looks = self.method == "GET" or self.path == "/status"
        return looks and (self.status, self.content) == (before.status, before.content)


@dataclass(frozen=True, slots=True)
class Part:
    """A vendor's section of the world, and the answers that it does not tell of."""

    section: dict[str, Json]
    rest: Sequence[Exchange]


def items(body: Json) -> list[dict[str, Json]]:
    """The mappings of a list; nothing of what is none."""
    return [each for each in body if isinstance(each, dict)] if isinstance(body, list) else []


def given(**fields: Json) -> dict[str, Json]:
    """Those that are there."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}
