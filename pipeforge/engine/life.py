"""What one attempt of one step stands on, and how it can end."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from random import Random
from typing import Any, TypeVar

from pydantic import BaseModel

from pipeforge.adapter import Adapter, Guarantee, Json, Outcome
from pipeforge.alarms import Alarms
from pipeforge.engine.clock import Clock
from pipeforge.engine.control import Control
from pipeforge.engine.events import StepWarned
from pipeforge.engine.ledger import Ledger
from pipeforge.engine.limits import Desk, Window
from pipeforge.engine.state import StepState, doubted
from pipeforge.errors import AdapterError
from pipeforge.journal import Claim
from pipeforge.planning import PlannedStep

T = TypeVar("T")

# chosen: a vendor whose errors never repeat word for word must not fill the journal.
_MOST_WARNINGS = 20

# A second trigger of these under the same key does no harm, whatever became of the first.
_REPEATABLE = frozenset({Guarantee.EXACTLY_ONCE, Guarantee.IDEMPOTENT})


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended."""

    outcome: Outcome
    word: str = ""
    detail: str = ""
    hint: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    settled: bool = True
    """Nothing of it can still be going: only then may another attempt follow."""
    final: bool = False
    """Another attempt would not help: the vendor refused."""
    link: str = ""
    """Where in the vendor's screen to look, of what cannot be known."""
    observed: bool = False
    """The vendor's own word: asking again gives it again."""


class Over(Exception):
    """Leaves an attempt that never came to a handle; without an ending it is left to be resumed."""

    def __init__(self, ending: Ending | None) -> None:
        super().__init__()
        self.ending = ending


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all attempts of a run share."""

    ledger: Ledger
    control: Control
    clock: Clock
    rng: Random
    time: Callable[[], float]
    """The event loop's, in seconds; deadlines go by it."""
    grace: float
    """Seconds given to a vendor to say how a job ended once we have asked it to stop."""
    alarms: Alarms = field(default_factory=Alarms)
    """Of all waits and time limits."""
    desk: Desk | None = None
    """Where places that other processes want too are claimed; None where nobody else is counted."""


@dataclass(slots=True)
class Life:
    """One attempt of one step (or item): its arguments, and the small things it does everywhere."""

    step: PlannedStep
    id: str
    number: int
    params: BaseModel | None
    """None of a job that is known and only watched: what it was started with cannot be told any more."""
    adapter: Adapter[Any]
    window: Window | None
    around: Surroundings
    claims: tuple[Claim, ...] = ()
    """The places that it needs of what other processes use too."""
    turn: asyncio.Lock | None = None
    """Among this process's own starts of the same thing; None where they need not follow each other."""
    in_turn: bool = False
    """Whether it has that turn."""
    give_up: float = 0.0
    """When trying to start it ends, in the loop's time. Nothing has started, so a restart may restart it."""
    gone: bool = False
    """The step has no place for it any more: its end is awaited, and nothing is started."""
    insisted: bool = False
    """`on_ambiguous: retry` has spoken: what is not known keeps it from triggering no longer."""

    @property
    def key(self) -> str:
        """Stable for this attempt of this step of this run. Of `[A-Za-z0-9_-]`, which every vendor takes."""
        state = self.state
        if state is not None and state.key and state.attempt == self.number:
            return state.key
        step = self.id.replace("[", "--").rstrip("]")
        return f"pf-{_in_key(self.around.ledger.state.run)}-{step}-{self.number}"

    @property
    def state(self) -> StepState | None:
        """What is known of the step; None before its first event."""
        return self.around.ledger.state.steps.get(self.id)

    @property
    def tries(self) -> int:
        """Which attempt this is since the step was last opened: what `retry` counts."""
        state = self.state
        return self.number - (state.before if state is not None else 0)

    @property
    def risky(self) -> bool:
        """Whether a trigger could be the second one: events were lost, and the vendor does not tell keys."""
        if self.insisted or self.step.kind.guarantee in _REPEATABLE:
            return False
        return doubted(self.around.ledger.state, self.id)

    def link(self) -> str:
        """Where in the vendor's screen to look. An adapter that cannot say must not cost the outcome."""
        try:
            return self.adapter.link(self.params)
        except Exception:
            return ""

    @property
    def stopping(self) -> bool:
        return self.around.control.reason is not None

    @property
    def canceled(self) -> bool:
        """Whether the run is to end for good: then what is in doubt is asked for still."""
        return self.around.control.reason == "canceled"

    async def unless_stopped(self, call: Awaitable[T]) -> tuple[T] | None:
        """What may be cut short by a stop without harm; None when it was."""

        async def boxed() -> tuple[T]:
            return (await call,)

        return await self.around.control.rest(boxed())

    def deadline(self) -> float:
        """When the timeout ends it, in the loop's time. Counted from the intent, so a restart keeps it.

        But a run that the step runs stands still while no process goes on with it: that time is not counted.
        """
        if self.step.runs:
            return self.give_up
        state = self.state
        assert state is not None and state.intended_at is not None
        passed = (self.around.clock.now() - state.intended_at).total_seconds()
        return self.around.time() + self.step.timeout - passed

    def warn(self, message: str) -> None:
        """Says something once per step."""
        said = self.state.warnings if self.state is not None else ()
        if message not in said and len(said) < _MOST_WARNINGS:
            event = StepWarned(at=self.around.clock.now(), step=self.id, attempt=self.number, message=message)
            self.around.ledger.note(event)

    async def nap(self, seconds: float) -> None:
        """Sleeps; an interrupt ends it early."""
        await self.around.control.rest(self.around.alarms.sleep(seconds))

    async def within(self, until: float, call: Awaitable[T]) -> T:
        """A call to an adapter, cut off at `until` (the loop's time) with TimeoutError: nothing may hang."""
        with self.around.alarms.until(until):
            return await call


def _in_key(run: str) -> str:
    """A run's id in keys; that of a run within another is long, and has signs that not every vendor takes."""
    first, dot, _ = run.partition(".")
    return f"{first}-{hashlib.sha256(run.encode()).hexdigest()[:12]}" if dot else run


def describe(error: BaseException, asked: str) -> str:
    """One line for a person. Of an unexpected exception only type and place: its text might hold a secret."""
    if isinstance(error, AdapterError):
        return error.message
    if isinstance(error, TimeoutError):
        return f"no answer in time to {asked}"
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = (
        "" if frame is None else f" at {PurePath(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
    )
    return f"unexpected {type(error).__name__}{place} in {asked}"
