"""The contract a vendor keeps: what a kind is, what an adapter does, what it may answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from pipeforge.language.kinds import Apart as Apart
from pipeforge.language.kinds import Guarantee as Guarantee
from pipeforge.language.kinds import Json as Json
from pipeforge.language.kinds import Named as Named
from pipeforge.language.kinds import Outcome as Outcome
from pipeforge.language.kinds import Role as Role
from pipeforge.language.kinds import Traits as Traits

if TYPE_CHECKING:
    from pydantic import BaseModel

Handle = Mapping[str, Json]
"""What finds a started job again. Small, JSON, journaled the moment it exists, without a secret in clear."""

Evidence = Mapping[str, Json]
"""What was looked up before a trigger, to settle a lost answer by. JSON, no secret in clear."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look at a job, in seconds: the first interval, grown by `factor` up to the longest."""

    first: float = 5.0
    longest: float = 30.0
    factor: float = 1.5


@dataclass(frozen=True, slots=True)
class Limits:
    """What a vendor allows on one connection. None means no limit known.

    `running`: jobs at once. `requests`: (how many, in how many seconds). `starts`: likewise for triggers.
    """

    running: int | None = None
    requests: tuple[int, float] | None = None
    starts: tuple[int, float] | None = None


@dataclass(frozen=True, slots=True)
class Alone:
    """Starts of one thing must follow each other, so that a lost one can be told from those of others."""

    parameter: str
    """What names the thing, such as a workflow's number."""
    seconds: float
    """For so long after a start whose answer was lost its job may appear and be taken for the start's own."""


@dataclass(frozen=True, slots=True)
class Kind:
    """All that the language needs to know of one vendor operation."""

    name: str
    """`vendor.verb_noun`, as `uses` names it."""
    params: "type[BaseModel]"
    outputs: "type[BaseModel]"
    connection: "type[BaseModel]"
    guarantee: Guarantee
    cancellable: bool
    doc: str
    """What it does, in sentences for its reference page."""
    recovery: str = ""
    """One line for `plan`: how a lost answer is settled."""
    handle: str = "id"
    """What a person finds in the vendor's screen and gives to `settle --handle`, as in `the job's number`."""
    pace: Pace = field(default_factory=Pace)
    alone: Alone | None = None
    """None where recovery does not go by exclusion."""
    traits: Traits = field(default_factory=Traits)
    role: Role = Role.RUNS
    vendor: str = field(init=False)
    """The first part of its name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "vendor", self.name.partition(".")[0])


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at a job. `outcome` None means that it is still going."""

    outcome: Outcome | None
    word: str
    """The vendor's own status word."""
    detail: str = ""
    """For a person: the vendor's error text, or where to look."""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    look_again: float | None = None
    """Seconds the vendor (or the adapter) asks us to wait before the next look."""
    warning: str = ""
    """Said once per step: a status word never seen, a permission that is missing."""
    left: bool = False
    """It ended, not well, and something of it may still be going on: nothing may be started anew."""


P_contra = TypeVar("P_contra", bound="BaseModel", contravariant=True)


class Adapter(Protocol[P_contra]):
    """One vendor operation on one connection. Stateless between calls: what matters is in the arguments."""

    kind: ClassVar[Kind]

    async def prepare(self, params: P_contra) -> Evidence:
        """Read what recovery will need, without effects.

        Raises Transient (tried again) or Rejected (fails the step).
        """

    async def trigger(self, params: P_contra, key: str, evidence: Evidence) -> Handle:
        """Start the job. `key` is stable for this attempt of this step of this run.

        Raises Transient (certainly not started), Rejected (refused for good), InDoubt (nobody knows).
        """

    async def observe(self, handle: Handle) -> Observation:
        """Look once. Any AdapterError means that this look failed; the engine looks again."""

    async def cancel(self, handle: Handle) -> None:
        """Ask the vendor to stop the job; idempotent. Not called when the kind is not cancellable."""

    async def recover(self, params: P_contra, key: str, evidence: Evidence) -> Handle | None:
        """Settle a trigger whose answer was lost: the handle, or None if it certainly never started.

        Raises InDoubt if it cannot be known, Transient if the question itself failed. May wait
        (asyncio.sleep).
        """

    def link(self, params: P_contra) -> str:
        """Where in the vendor's screen a person sees the jobs of this; empty where no address is known."""

    def handle_of(self, given: Json, params: P_contra, evidence: Evidence) -> Handle:
        """The handle of a job that a person found: `given` is its id as text, or a mapping.

        Asks nobody. Raises ValueError saying what is wrong with it.
        """
