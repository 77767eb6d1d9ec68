"""What can be told of a kind before anything runs: how its steps end, what is promised, what it is about."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from pipeforge.language.saying import Said

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict of them."""

_NONE: Mapping[str, Any] = {}


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


class Apart(NamedTuple):
    """A parameter that must not be what a setting of the connection holds."""

    param: str
    setting: str
    pattern: str
    """A regular expression whose first group is the value in the setting."""


class Named(NamedTuple):
    """A thing that steps of a kind name at the vendor, and that can be asked about without effects."""

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
    unless: tuple[str, ...] = ()
    """Parameters with which something else is meant."""
    lines: tuple[str, ...] = ()
    """Keys of each line of a list, its one parameter, that name a thing a line."""
    new: bool = False
    """The step makes it where it is not there."""
    brought_by: frozenset[str] = frozenset()
    """Kinds whose step on it, earlier in the pipeline, may make it, start it or stop it."""
    repeated: str = ""
    """The parameter that must repeat its name there."""
    must_run: bool | None = None
    """Whether it must be running, or must not; None where both will do."""
    ensured: str = ""
    """The parameter with which the step itself makes it run."""
    unfit: Mapping[str, tuple[Said, Said]] = _NONE
    """By what triggers it, in the vendor's word: why that does not go with this kind, and the mend."""


class Traits(NamedTuple):
    """What a vendor makes of a kind, as far as it can be told of before anything runs."""

    thing: Said | None = None
    """What one step should be busy with at a time, such as a workflow; None where there is no such thing."""
    exclusive: tuple[str, ...] = ()
    """The parameters that name the thing; none where the connection itself is it."""
    gives: frozenset[str] = frozenset({"failed"})
    """Of the outcomes that `accept` can name, those that its jobs can have."""
    instants: Mapping[str, str | None] = _NONE
    """Parameters that are instants, with the zone that a text without an offset is taken in; None where such
    a text is refused."""
    same_job: Callable[[Mapping[str, Json]], tuple[Json, ...] | None] | None = None
    """From the parameters as written, what two starts must agree in to be one job; None where each start is a
    job of its own."""
    passes: Mapping[str, float] = _NONE
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
    named_in: Mapping[str, str] = _NONE
    """Parameters that are keys of a mapping in the connection's settings, each with that setting."""
    files: tuple[str, ...] = ()
    """Parameters whose value may stand in a JSON file beside the pipeline, written `{file: PATH}`."""
    names: tuple[Named, ...] = ()
    """The things that can be looked up: of those whose parameters are all given, each that says most."""
    called: Mapping[str, str] = _NONE
    """What authors may call a parameter, as the vendor or its clients do, and its name here."""
    lacks: Mapping[str, Said] = _NONE
    """What authors may look for and is not there, each with what to do instead."""
