"""The doors to a run's connections: a job passes its gate, in order, before it becomes a task."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from pipeforge.adapter import Adapter, Limits
from pipeforge.engine.clock import Clock, SystemClock
from pipeforge.engine.crowd import Job
from pipeforge.engine.events import StepWaiting
from pipeforge.engine.life import Surroundings
from pipeforge.engine.limits import Gate, Shared, Window, claims
from pipeforge.engine.sharing import QUIET, at_once
from pipeforge.engine.state import Phase, StepState
from pipeforge.journal import Claim
from pipeforge.planning import Plan, PlannedStep

_NO_LIMITS = Limits()

# chosen: seconds for a vendor to say how a job ended after we asked it to stop.
_GRACE = 30.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run has to keep to."""

    limits: Mapping[str, Limits] = field(default_factory=dict)
    """By connection name."""
    shared: Shared = field(default_factory=Shared)
    """What other processes use too."""
    place: Claim | None = None
    """The place of the run itself, waited for before anything starts."""
    grace: float = _GRACE
    children: "Callable[[PlannedStep, str, int], Adapter[Any]] | None" = None
    """Makes the adapter of a step that runs a pipeline: for one attempt of it, or of one item."""
    max_time: float | None = None
    """Seconds until the run leaves in order, to be resumed."""
    clock: Clock = field(default_factory=SystemClock)


class Doors:
    """One gate for each connection, with what earlier processes of the run did on it counted in.

    Order and fairness within this process; what other processes do is counted by the journal, see `sharing`.
    """

    def __init__(self, plan: Plan, terms: Terms, around: Surroundings, launch: Callable[[Job], None]) -> None:
        """`launch` is called with each job that is let in."""
        self._terms = terms
        self._around = around
        self._states = around.ledger.state.steps
        self._bells: dict[str, asyncio.TimerHandle] = {}
        self._gates: dict[str, Gate[Job]] = {}
        self._windows: dict[str, Window] = {}
        self._open = True
        running, starts = self._earlier(plan)
        zero = around.time() - around.clock.now().timestamp()
        for connection, count in running.items():
            limits = self._limits(connection)
            self._gates[connection] = Gate(limits.running, launch, count)
            if limits.starts is not None:
                past = sorted(zero + at.timestamp() for at in starts[connection])
                self._windows[connection] = Window(*limits.starts, around.control, past)

    def ask(self, job: Job) -> None:
        """The job is launched, now or when its turn comes."""
        connection = job.step.connection
        gate = self._gates[connection]
        gate.ask(job)
        # Waiting among a thousand jobs where no limit is known is no news.
        limited = self._limits(connection).running is not None
        if self._open and limited and gate.waiting and connection not in self._bells:
            bell = asyncio.get_running_loop().call_later(QUIET, self._tell_waiting, connection)
            self._bells[connection] = bell

    def leave(self, job: Job) -> None:
        """A job that was let in is over."""
        self._gates[job.step.connection].leave()

    def window(self, job: Job) -> Window | None:
        """The starts of the job's connection; None where any number is allowed."""
        return self._windows.get(job.step.connection)

    def claims(self, job: Job, params: BaseModel | None) -> tuple[tuple[Claim, ...], asyncio.Lock | None]:
        """What the job needs of what other processes use too, and its turn among our own starts.

        Without parameters, for a job that has started and is only watched, no turn.
        """
        connection, shared = job.step.connection, self._terms.shared
        wanted = claims(shared, connection, self._limits(connection), job.id)
        alone = job.step.kind.alone
        if alone is None or params is None or shared.desk is None or connection not in shared.resources:
            return wanted, None
        thing = f"{shared.resources[connection]} {alone.parameter} {getattr(params, alone.parameter)}"
        turn = Claim(thing, 1, place=job.id, lingers=alone.seconds)
        return (*wanted, turn), shared.turns.of(thing)

    def close(self) -> None:
        """Nobody is let in any more, and no timer rings."""
        self._open = False
        for gate in self._gates.values():
            gate.close()
        for window in self._windows.values():
            window.close()
        for bell in self._bells.values():
            bell.cancel()

    def _limits(self, connection: str) -> Limits:
        return self._terms.limits.get(connection, _NO_LIMITS)

    def _tell_waiting(self, connection: str) -> None:
        """Each of those that a limit keeps waiting says so, once."""
        del self._bells[connection]
        words = at_once(connection, self._limits(connection).running or 0)
        for job in self._gates[connection].waiting:
            state = self._states.get(job.id)
            if state is None or not state.waiting:
                at, attempt = self._around.clock.now(), attempt_of(state)
                event = StepWaiting(at=at, step=job.id, attempt=attempt, reason="running", detail=words)
                self._around.ledger.note(event)

    def _earlier(self, plan: Plan) -> tuple[dict[str, int], dict[str, list[datetime]]]:
        """By connection: how many jobs of earlier processes may be going on, and when they were started."""
        connections = {step.id: step.connection for step in plan.steps}
        now = self._around.clock.now()
        running = dict.fromkeys(connections.values(), 0)
        starts: dict[str, list[datetime]] = {connection: [] for connection in running}
        for id_, state in self._states.items():
            connection = connections.get(_base(id_))
            if connection is not None and state.in_flight:
                running[connection] += 1
                if state.phase is Phase.INTENDED:
                    starts[connection].append(now)  # nobody knows how lately its request left
        for id_, at in self._around.ledger.state.recent:
            if _base(id_) in connections:
                starts[connections[_base(id_)]].append(at)
        return running, starts


def attempt_of(state: StepState | None) -> int:
    """Which attempt it is: the one under way, or the next; never one that was made already."""
    if state is None:
        return 1
    if state.phase is Phase.WAITING:
        return state.last + 1
    return max(1, state.attempt + (state.phase is Phase.RETRYING))


def _base(id_: str) -> str:
    return id_.partition("[")[0]
