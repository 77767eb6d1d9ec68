"""The jobs that are ready: through their connection's gate, into a task, and again if an attempt failed."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel

from pipeforge.adapter import Adapter, Outcome
from pipeforge.engine import binding
from pipeforge.engine.attempt import live
from pipeforge.engine.crowd import Job
from pipeforge.engine.doors import Doors, Terms, attempt_of
from pipeforge.engine.events import AttemptFailed, StepFinished, StepReopened
from pipeforge.engine.life import Life, Surroundings
from pipeforge.engine.state import Phase
from pipeforge.planning import Plan

Adapters = Mapping[tuple[str, str], Adapter[Any]]
"""One adapter for each (kind name, connection name) of the plan."""

# chosen: seconds for a task that was told to leave at once.
_LEAVING = 5.0


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
        self._children = terms.children
        self._doors = Doors(plan, terms, around, self._launch)

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
            self._doors.ask(job)

    def look_after(self, jobs: Iterable[Job]) -> None:
        """Goes on with those of them that nobody looks at yet, because their turn had not come."""
        live = {task.get_name() for task in self._tasks}
        for job in jobs:
            if job.id not in live:
                self.enqueue(job)

    def close(self) -> None:
        """Starts nothing any more; what is going on goes on."""
        self._doors.close()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    async def leave(self) -> None:
        """Ends whatever is still going on here. The vendors' jobs are left to themselves."""
        self.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LEAVING)

    def _later(self, job: Job, at: datetime) -> None:
        def ask() -> None:
            self._timers.discard(timer)
            self._doors.ask(job)

        wait = (at - self._around.clock.now()).total_seconds()
        timer = asyncio.get_running_loop().call_later(max(0.0, wait), ask)
        self._timers.add(timer)

    def _launch(self, job: Job) -> None:
        self._tasks.add(asyncio.get_running_loop().create_task(self._live(job), name=job.id))

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
            self._doors.leave(job)
            self._owner.check()

    async def _attempt(self, job: Job) -> AttemptFailed | StepFinished | StepReopened | None:
        step, state = job.step, self._states.get(job.id)
        number = attempt_of(state)
        params: BaseModel | None = None
        try:
            params = binding.params(step, self._scope.names(number, job.names))
        except binding.Unbound as error:
            if state is None or state.phase is not Phase.TRIGGERED:
                return self._unbound(job, number, error)  # a job that is known is watched without them
        if step.runs and self._children is not None:
            adapter = self._children(step, job.id, number)
        else:
            adapter = self._adapters[step.kind.name, step.connection]
        window, (wanted, turn) = self._doors.window(job), self._doors.claims(job, params)
        life = Life(step, job.id, number, params, adapter, window, self._around, wanted, turn, gone=job.gone)
        return await live(life)

    def _unbound(self, job: Job, number: int, error: binding.Unbound) -> StepFinished:
        """The end of a step whose parameters cannot be told: without them no start can be asked about."""
        state = self._states.get(job.id)
        begun = state is not None and state.in_flight
        detail, hint = error.detail, error.hint
        if begun:
            detail = f"it may have started a job, which cannot be asked for any more: {detail}"
            hint = f"look at {job.step.kind.vendor} what became of it, then settle the step"
        event = StepFinished(
            at=self._around.clock.now(),
            step=job.id,
            attempt=number,
            outcome=Outcome.UNKNOWN if begun else Outcome.FAILED,
            detail=detail,
            hint=hint,
            accepted=job.step.allow_failure and not begun,
        )
        self._around.ledger.note(event)
        return event
