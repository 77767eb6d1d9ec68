"""The contract a vendor keeps: what a kind is, what an adapter does, what it may answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel

from pipeforge.language.saying import Said

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict of them."""

Handle = Mapping[str, Json]
"""What finds a started job again. Small, JSON, journaled the moment it exists, without a secret in clear."""

Evidence = Mapping[str, Json]
"""What was looked up before a trigger, to settle a lost answer by. JSON, no secret in clear."""


class Outcome(StrEnum):
    """How a step ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    SKIPPED = "skipped"
    TIMED_OUT = "timed_out"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Guarantee(StrEnum):
    """What we can promise about a trigger whose answer is lost."""

    EXACTLY_ONCE = "exactly_once"
    AT_MOST_ONCE = "at_most_once"
    RECONCILABLE = "reconcilable"
    JOURNALED = "journaled"
    IDEMPOTENT = "idempotent"


class Role(StrEnum):
    """What a kind is for."""

    RUNS = "runs"
    """It starts a job and awaits it."""
    CHANGES = "changes"
    """It changes something at the vendor, in one request or a few."""
    READS = "reads"
    """It only asks."""


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
class Apart:
    """A parameter that must not be what a setting of the connection holds."""

    param: str
    setting: str
    pattern: str
    """A regular expression whose first group is the value in the setting."""


@dataclass(frozen=True, slots=True)
class Named:
    """What the steps of a kind name at the vendor, and what can be asked about without effects."""

    what: str
    """As the lock calls it, such as `job_definition`."""
    noun: Said
    """As people call it."""
    params: tuple[str, ...]
    """The parameters that name it; none where the connection itself is it."""
    given: str = ""
    """The parameter that holds values by names that the thing must know; empty where there is none."""
    costs: bool = False
    """Asking uses up something, so that it is only done when somebody says so."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a vendor makes of a kind, as far as it can be told of before anything runs."""

    thing: Said | None = None
    """What one step should be busy with at a time, such as a workflow; None where there is no such thing."""
    exclusive: tuple[str, ...] = ()
    """The parameters that name the thing; none where the connection itself is it."""
    gives: frozenset[str] = frozenset({"failed"})
    """Of the outcomes that `accept` can name, those that its jobs can have."""
    instants: Mapping[str, str | None] = field(default_factory=dict)
    """Parameters that are instants, with the zone that a text without an offset is taken in; None where such
    a text is refused."""
    same_job: Callable[[Mapping[str, Json]], tuple[Json, ...] | None] | None = None
    """From the parameters as written, what two starts must agree in to be one job; None where each start is a
    job of its own."""
    passes: Mapping[str, float] = field(default_factory=dict)
    """Parameters that are durations which go by before a job can be over, with their defaults in seconds."""
    shortest: float = 0.0
    """Seconds. A timeout below it ends before a job usually could."""
    longest: float | None = None
    """Seconds after which the vendor itself ends every job."""
    retry_hides: tuple[str, str] | None = None
    """A parameter and that value of it (its default) with which another attempt succeeds without having
    done what failed."""
    repeats: Said | None = None
    """What another attempt after a failure does over again, where that cannot be taken back."""
    apart: Apart | None = None
    paths: tuple[str, ...] = ()
    """The parameters that are paths beside the pipeline: its adapter is also given the pipeline's folder."""
    named_in: Mapping[str, str] = field(default_factory=dict)
    """Parameters that are keys of a mapping in the connection's settings, each with that setting."""
    files: tuple[str, ...] = ()
    """Parameters whose value may stand in a JSON file beside the pipeline, written `{file: PATH}`."""
    names: Named | None = None
    called: Mapping[str, str] = field(default_factory=dict)
    """What authors may call a parameter, as the vendor or its clients do, and its name here."""
    lacks: Mapping[str, Said] = field(default_factory=dict)
    """What authors may look for and is not there, each with what to do instead."""


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
    params: type[BaseModel]
    outputs: type[BaseModel]
    connection: type[BaseModel]
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


P_contra = TypeVar("P_contra", bound=BaseModel, contravariant=True)


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
