"""The jobs that are ready: through their connection's gate, into a task, and again if an attempt failed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pipeforge.adapter import Adapter, Limits, Outcome
from pipeforge.engine import binding
from pipeforge.engine.attempt import live
from pipeforge.engine.clock import Clock, SystemClock
from pipeforge.engine.crowd import Job
from pipeforge.engine.events import AttemptFailed, StepFinished, StepReopened
from pipeforge.engine.life import Life, Surroundings
from pipeforge.engine.limits import Gate, Window
from pipeforge.engine.state import Phase, StepState
from pipeforge.planning import Plan

Adapters = Mapping[tuple[str, str], Adapter[Any]]
"""One adapter for each (kind name, connection name) of the plan."""

# chosen: seconds for a vendor to say how a job ended after we asked it to stop.
_GRACE = 30.0

# chosen: seconds for a task that was told to leave at once.
_LEAVING = 5.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run has to keep to."""

    limits: Mapping[str, Limits] = field(default_factory=dict)
    """By connection name."""
    earlier: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    """By connection name: when other runs triggered on it lately; counted into its limit on starts."""
    grace: float = _GRACE
    max_time: float | None = None
    """Seconds until the run leaves in order, to be resumed."""
    clock: Clock = field(default_factory=SystemClock)


class Owner(Protocol):
    """Who is told what became of the jobs."""

    def job_ended(self, job: Job) -> None:
        """Its step (or item) has an outcome."""

    def job_reopened(self, job: Job) -> None:
        """What was under way from before a change is over: the step (or item) begins anew."""

    def failed(self, error: BaseException) -> None:
        """The journal, or a defect: nothing more may start."""

    def check(self) -> None:
        """A task is gone: there may be none left."""


class Pool:
    """At most as many tasks as the gates let in, however many jobs are ready."""

    def __init__(
        self,
        plan: Plan,
        adapters: Adapters,
        around: Surroundings,
        terms: Terms,
        scope: binding.Scope,
        owner: Owner,
    ) -> None:
        self._adapters = adapters
        self._around = around
        self._states = around.ledger.state.steps
        self._scope = scope
        self._owner = owner
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._gates, self._windows = self._limits(plan, terms)

    @property
    def empty(self) -> bool:
        """Whether no task is going on."""
        return not self._tasks

    def enqueue(self, job: Job) -> None:
        """Starts the job when its turn comes, or goes on with what an earlier process began of it."""
        state = self._states.get(job.id)
        if state is not None and state.in_flight:
            self._launch(job)  # counted at its gate from the beginning
        elif state is not None and state.retry_at is not None:
            self._later(job, state.retry_at)
        else:
            self._gates[job.step.connection].ask(job)

    def close(self) -> None:
        """Starts nothing any more; what is going on goes on."""
        for gate in self._gates.values():
            gate.close()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    async def leave(self) -> None:
        """Ends whatever is still going on here. The vendors' jobs are left to themselves."""
        self.close()
        for window in self._windows.values():
            window.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LEAVING)

    def _later(self, job: Job, at: datetime) -> None:
        def ask() -> None:
            self._timers.discard(timer)
            self._gates[job.step.connection].ask(job)

        wait = (at - self._around.clock.now()).total_seconds()
        timer = asyncio.get_running_loop().call_later(max(0.0, wait), ask)
        self._timers.add(timer)

    def _launch(self, job: Job) -> None:
        self._tasks.add(asyncio.get_running_loop().create_task(self._live(job)))

    async def _live(self, job: Job) -> None:
        try:
            event = await self._attempt(job)
            if isinstance(event, StepFinished):
                self._owner.job_ended(job)
            elif isinstance(event, StepReopened):
                self._owner.job_reopened(job)
            elif event is not None:
                self._later(job, event.retry_at)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # told, not swallowed: the run ends with it
            self.close()
            self._owner.failed(error)
        finally:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.discard(task)
            self._gates[job.step.connection].leave()
            self._owner.check()

    async def _attempt(self, job: Job) -> AttemptFailed | StepFinished | StepReopened | None:
        step, number = job.step, _number(self._states.get(job.id))
        try:
            params = binding.params(step, self._scope.names(number, job.names))
        except binding.Unbound as error:
            event = StepFinished(
                at=self._around.clock.now(),
                step=job.id,
                attempt=number,
                outcome=Outcome.FAILED,
                detail=error.detail,
                hint=error.hint,
                accepted=step.allow_failure,
            )
            self._around.ledger.note(event)
            return event
        adapter = self._adapters[step.kind.name, step.connection]
        window = self._windows.get(step.connection)
        return await live(Life(step, job.id, number, params, adapter, window, self._around))

    def _limits(self, plan: Plan, terms: Terms) -> tuple[dict[str, Gate[Job]], dict[str, Window]]:
        """What each connection allows, with what earlier processes did on it counted in."""
        connections = {step.id: step.connection for step in plan.steps}
        now = terms.clock.now()
        running = dict.fromkeys(connections.values(), 0)
        starts = {connection: list(terms.earlier.get(connection, ())) for connection in running}
        for id_, state in self._states.items():
            connection = connections.get(_base(id_))
            if connection is not None and state.in_flight:
                running[connection] += 1
                if state.phase is Phase.INTENDED:
                    starts[connection].append(now)  # nobody knows how lately its request left
        for id_, at in self._around.ledger.state.recent:
            if _base(id_) in connections:
                starts[connections[_base(id_)]].append(at)
        gates, windows = {}, {}
        zero = self._around.time() - now.timestamp()
        for connection, count in running.items():
            limits = terms.limits.get(connection, Limits())
            gates[connection] = Gate(limits.running, self._launch, count)
            if limits.starts is not None:
                past = sorted(zero + at.timestamp() for at in starts[connection])
                windows[connection] = Window(*limits.starts, self._around.control, past)
        return gates, windows


def _number(state: StepState | None) -> int:
    """Which attempt it is: the one under way, or the next; never one that was made already."""
    if state is None:
        return 1
    if state.phase is Phase.WAITING:
        return state.last + 1
    return max(1, state.attempt + (state.phase is Phase.RETRYING))


def _base(id_: str) -> str:
    return id_.partition("[")[0]
