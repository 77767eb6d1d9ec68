"""All steps of a run: each starts when its last need ends and nobody has said stop."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from random import Random

from pipeforge.adapter import Outcome
from pipeforge.engine import binding, canceling, judging
from pipeforge.engine.control import Cancel, Control
from pipeforge.engine.crowd import Crowd, End, Job, begun_before
from pipeforge.engine.doors import Terms
from pipeforge.engine.events import RunFinished, RunPaused
from pipeforge.engine.ledger import Emit, Ledger
from pipeforge.engine.life import Surroundings
from pipeforge.engine.needs import Countdown, run_outcome
from pipeforge.engine.pool import Adapters, Pool
from pipeforge.engine.queueing import in_line
from pipeforge.engine.state import Phase, RunState, phase
from pipeforge.errors import RunEnded
from pipeforge.planning import Plan, PlannedStep


async def execute(
    plan: Plan,
    past: RunState,
    adapters: Adapters,
    emit: Emit,
    *,
    control: Control | None = None,
    terms: Terms | None = None,
) -> Outcome | None:
    """Runs what `past` has not done yet. Returns the run's outcome; None when paused (`control.reason`).

    An unknown outcome leaves the run open: a person has to decide, and what they decide belongs into it.
    A run that a person canceled is only brought to its end: nothing of it starts.

    `past` is the replay of the run's events so far, RunStarted at least; it is brought forward as the run
    goes. RunResumed is for the caller to write. Raises RunEnded, and JournalError when an event cannot be
    written: then nothing more is triggered, and all jobs are left to themselves.
    """
    if past.outcome is not None:
        raise RunEnded(f"run '{past.run}' has ended ({past.outcome})", "start a new run")
    terms, control = terms or Terms(), control or Control()
    if past.canceling is not None:
        control.cancel(Cancel(past.canceling.by, past.canceling.leave))
    around = Surroundings(
        ledger=Ledger(past, emit),
        control=control,
        clock=terms.clock,
        rng=Random(past.run),  # noqa: S311  paces and jitter, no secrets
        time=asyncio.get_running_loop().time,
        grace=terms.grace,
        desk=terms.shared.desk,
    )
    return await _Scheduler(plan, adapters, around, terms).run()


class _Scheduler:
    """Walks the graph; the pool does the work."""

    def __init__(self, plan: Plan, adapters: Adapters, around: Surroundings, terms: Terms) -> None:
        self._plan = plan
        self._around = around
        self._terms = terms
        self._states = around.ledger.state.steps
        self._earlier = begun_before(self._states)
        self._scope = binding.Scope(plan, around.ledger.state.run)
        over = [step.id for step in plan.steps if phase(self._states, step.id) is Phase.FINISHED]
        for id_ in over:
            self._scope.remember(id_, self._states[id_])
        self._countdown = Countdown(plan, frozenset(over))
        self._open = len(plan.steps) - len(over)
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pool = Pool(plan, adapters, around, terms, self._scope, self)
        self._timer: asyncio.TimerHandle | None = None
        self._begun = False
        """Whether all that was to begin at once has."""

    async def run(self) -> Outcome | None:
        """To the end of all steps, or until somebody says stop."""
        await self._work()
        return await _ended(self._plan, self._around, self._open, self._scope)

    async def _work(self) -> None:
        control = self._around.control
        control.listen(self._stopped)
        if control.reason is not None:
            self._stopped()  # before it began
        if self._terms.max_time is not None:
            self._arm(self._terms.max_time, control.expire)
        try:
            if control.reason is None and await in_line(self._around, self._terms.place):
                self._advance(self._countdown.ready(self._plan))
            self._begun = True
            self._look_after()
            self.check()
            await self._end
        finally:
            control.listen(None)
            if self._timer is not None:
                self._timer.cancel()
            await self._pool.leave()

    def _advance(self, ready: Iterable[PlannedStep]) -> None:
        """Starts what is ready, and what becomes so by steps that need no start (blocked, skipped)."""
        todo = deque(ready)
        while todo:
            step = todo.popleft()
            if not self._begin(step):
                todo.extend(self._countdown.ended(step.id))

    def _begin(self, step: PlannedStep) -> bool:
        """False when that was all: the step is over already."""
        earlier = self._earlier.get(step.id, ())
        if step.foreach is None and not earlier:
            return self._start(step)
        if step.id in self._states and self._states[step.id].in_flight:
            return self._start(step)  # it was no foreach once: its job's end is awaited first
        if step.foreach is None:  # it was one once: as are the ends of its items
            return self._spread(Crowd(step, (), self._states, earlier))
        return self._spread(judging.crowd(step, self._states, self._scope, earlier))

    def _start(self, step: PlannedStep) -> bool:
        """Begins a step as one job, or goes on with it; False when it is over already."""
        if phase(self._states, step.id) is Phase.WAITING:
            end = judging.hindered(step, self._states, self._scope)
            if end is not None:
                return self._close(step, end)
        self._pool.enqueue(Job(step, step.id))
        return True

    def _spread(self, crowd: Crowd) -> bool:
        """Goes on with what was begun, starts the items that may start; False when none is left."""
        stopped = self._around.control.reason is not None
        if not crowd.over:
            for job in (*crowd.begun(), *(() if stopped else crowd.take())):
                self._pool.enqueue(job)
            return True
        for event in judging.given_up(crowd, self._states, self._around.clock.now()):
            self._around.ledger.note(event)
        if crowd.step.foreach is None and not crowd.undecided(self._states):
            return stopped or self._start(crowd.step)
        return self._close(crowd.step, crowd.total(self._states))

    def _close(self, step: PlannedStep, end: End) -> bool:
        """Ends a step that has no job of its own. Noted only: a resume comes to the same."""
        self._around.ledger.note(judging.closed(step, end, self._around.clock.now()))
        self._over(step.id)
        return False

    def _over(self, id_: str) -> None:
        self._open -= 1
        self._scope.remember(id_, self._states[id_])

    def job_ended(self, job: Job) -> None:
        if job.crowd is not None:
            job.crowd.ended(job)
            if self._spread(job.crowd):
                return
        elif job.id != job.step.id:
            return  # an item that was only looked after at a stop: its foreach is not over with it
        else:
            self._over(job.step.id)
        ready = self._countdown.ended(job.step.id)
        if self._around.control.reason is None:
            self._advance(ready)

    def job_reopened(self, job: Job) -> None:
        if self._around.control.reason is None and job.crowd is None:
            self._advance([job.step])
        elif self._around.control.reason is None:
            self._pool.enqueue(job)

    def failed(self, error: BaseException) -> None:
        if not self._end.done():
            self._end.set_exception(error)

    def check(self) -> None:
        done = not self._open or self._around.control.reason is not None
        if done and self._begun and self._pool.empty and not self._end.done():
            self._end.set_result(None)

    def _stopped(self) -> None:
        control = self._around.control
        self._pool.close()
        if control.wish is not None:
            canceling.tell(self._around.ledger, control.wish, self._around.clock.now())
        if control.aborted:
            if not self._end.done():
                self._end.set_result(None)
            return
        if self._begun:
            self._look_after()
        # Those that wait for a vendor's last word keep to the grace period; this is for those that hang.
        self._arm(2 * self._terms.grace if control.patience is None else control.patience, control.abort)
        self.check()

    def _look_after(self) -> None:
        """At a stop: goes on with what is to be canceled, although its turn has not come."""
        jobs = canceling.to_stop(self._plan, self._scope, self._states, self._around.control)
        self._pool.look_after(jobs)

    def _arm(self, seconds: float, ring: Callable[[], None]) -> None:
        """The one timer of the run: first for its time budget, then for its stop."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, ring)


async def _ended(plan: Plan, around: Surroundings, left: int, scope: binding.Scope) -> Outcome | None:
    """Writes the last event there can be; gives the run's outcome, None while it has none."""
    ledger, reason, now = around.ledger, around.control.reason, around.clock.now()
    states = ledger.state.steps
    if reason == "canceled" and (left or any(one.outcome is Outcome.CANCELED for one in states.values())):
        return await canceling.finish(ledger, now, plan)
    if left:
        late = reason == "max_time"
        await ledger.append(RunPaused(at=now, reason="max_time" if late else "interrupted"))
        return None
    outcome = run_outcome(plan, states)
    if outcome is Outcome.UNKNOWN:
        await ledger.append(RunPaused(at=now, reason="undecided"))
    else:
        for closed in canceling.removed(ledger.state, plan, now):
            ledger.note(closed)
        outputs = binding.outputs(plan, scope)
        await ledger.append(RunFinished(at=now, outcome=outcome, outputs=outputs))
    return outcome
