"""An attempt's way from its handle to its end: look, look again, stop the job when time or user says so."""

from typing import Literal

from pipeforge.adapter import Handle, Observation, Outcome, Pace, Role
from pipeforge.engine.events import StepCanceling, StepObserved
from pipeforge.engine.life import Ending, Life, describe
from pipeforge.engine.polling import Poll, backoff
from pipeforge.errors import Transient

# chosen: a job that was asked to stop is looked at more often, so that the grace period is not slept away.
_STOPPING = Pace(first=1.0, longest=5.0)

# chosen: times the grace period for a run to end whose jobs have one each, and that notes their ends.
_RUNS = 2

# A look that told us nothing: it has no word.
_NOTHING = Observation(outcome=None, word="")


async def watch(life: Life, handle: Handle) -> Ending | None:
    """Looks until the vendor, the timeout or the user ends it; None when it was left to be resumed."""
    poll = Poll(life.step.pace, life.around.rng)
    deadline = life.deadline()
    last = _last_look(life, deadline)
    while True:
        seen = await _look(life, handle, last)
        if seen.outcome is not None:
            return _ended(life, seen, seen.outcome)
        if life.stopping:
            return await _interrupted(life, handle)
        left = deadline - life.around.time()
        if left <= 0 and not seen.word:
            left = last - life.around.time()
        if left <= 0:
            return await _timed_out(life, handle)
        await life.nap(min(left, poll.wait(seen.look_again)))
        if life.stopping:
            return await _interrupted(life, handle)


def _last_look(life: Life, deadline: float) -> float:
    """However late a resume comes, and however busy the vendor is then: the job may have ended long ago.

    A question that was asked in time left nothing behind to look for.
    """
    now = life.around.time()
    if life.step.kind.role is Role.READS and now < deadline:
        return deadline
    return max(deadline, now) + life.around.grace


def _ended(life: Life, seen: Observation, outcome: Outcome) -> Ending:
    """The vendor's word is final. Of a job that we asked to stop it says that it stopped, we know why."""
    reason = life.state.canceling if life.state is not None else None
    detail, canceled = seen.detail, outcome not in (Outcome.SUCCEEDED, Outcome.UNKNOWN)
    if canceled and reason == "timeout":
        outcome = Outcome.TIMED_OUT
        detail = f"{_late(life)}; canceled" + (f": {detail}" if detail else "")
    elif canceled and reason is not None:
        outcome, detail = Outcome.CANCELED, detail or "canceled by the user"
    return Ending(
        outcome,
        word=seen.word,
        detail=detail,
        outputs=seen.outputs,
        settled=outcome is not Outcome.UNKNOWN and not seen.left,
        observed=True,
    )


def _late(life: Life) -> str:
    return f"not over after {life.step.timeout:g}s"


async def _look(life: Life, handle: Handle, until: float) -> Observation:
    """One look. One that fails, however it fails, says nothing about the job."""
    try:
        seen = await life.around.control.rest(life.within(until, life.adapter.observe(handle)))
    except Exception as error:
        life.warn(f"a look at the job failed, looking again: {describe(error, 'the look')}")
        wish = error.retry_after if isinstance(error, Transient) else None
        return Observation(outcome=None, word="", look_again=wish)
    if seen is None:
        return _NOTHING
    if seen.warning:
        life.warn(seen.warning)
    state = life.state
    if seen.outcome is None and seen.word and (state is None or state.word != seen.word):
        life.around.ledger.note(
            StepObserved(
                at=life.around.clock.now(),
                step=life.id,
                attempt=life.number,
                word=seen.word,
                detail=seen.detail,
            )
        )
    return seen


async def _timed_out(life: Life, handle: Handle) -> Ending | None:
    """Stops the job where that is possible. If it succeeded after all, then it succeeded."""
    word = life.state.word if life.state is not None else ""
    if life.step.kind.role is Role.READS:
        return Ending(Outcome.TIMED_OUT, word=word, detail=f"{_late(life)}; no answer came")
    if not life.step.kind.cancellable:
        why = f"a job of {life.step.kind.name!r} cannot be canceled and may still be running"
        return Ending(Outcome.TIMED_OUT, word=word, detail=f"{_late(life)}; {why}", settled=False)
    ending = await _stop(life, handle, "timeout")
    if ending is not None:
        return ending
    if life.stopping:
        return await _interrupted(life, handle) if life.canceled else None
    why = f"asked to cancel, no word within {life.around.grace:g}s: the job may still be running"
    return Ending(Outcome.TIMED_OUT, word=word, detail=f"{_late(life)}; {why}", settled=False)


async def _interrupted(life: Life, handle: Handle) -> Ending | None:
    """What `on_interrupt` says; a time budget used up always leaves, a canceled run never goes on."""
    if life.canceled:
        return await _canceled(life, handle)
    if life.around.control.reason == "max_time" or life.step.on_interrupt == "leave":
        return None
    if not life.step.kind.cancellable:
        life.warn(f"a job of {life.step.kind.name!r} cannot be canceled; it is left running")
        return None
    return await _stop(life, handle, "interrupted")


async def _canceled(life: Life, handle: Handle) -> Ending | None:
    """The run ends for good, so this step does too, whatever can be done about its job.

    But of a step that runs a pipeline the job is a run that can be ended as well: until it is, this is not.
    """
    wish = life.around.control.wish
    if life.step.runs:
        return await _stop(life, handle, "canceled")
    if wish is not None and wish.leave:
        why = "its job was left alone and may still be running"
    elif not life.step.kind.cancellable:
        why = f"a job of {life.step.kind.name!r} cannot be canceled and may still be running"
    else:
        ending = await _stop(life, handle, "canceled")
        if ending is not None:
            return ending
        why = f"asked to cancel, no word within {life.around.grace:g}s: the job may still be running"
    word = life.state.word if life.state is not None else ""
    return Ending(Outcome.CANCELED, word=word, detail=f"the run was canceled; {why}", settled=False)


async def _stop(
    life: Life, handle: Handle, reason: Literal["timeout", "interrupted", "canceled"]
) -> Ending | None:
    """Asks the vendor to cancel and waits for its last word; None when there is none within the grace."""
    around, state = life.around, life.state
    if state is None or state.canceling is None:
        event = StepCanceling(at=around.clock.now(), step=life.id, attempt=life.number, reason=reason)
        await around.ledger.append(event)
    # A run that is to end gives its own jobs that grace, and is left by itself after twice of it.
    until = around.time() + (_RUNS if life.step.runs else 1) * around.grace
    await _cancel(life, handle, until)
    pace = life.step.pace
    hurried = Pace(min(pace.first, _STOPPING.first), min(pace.longest, _STOPPING.longest), pace.factor)
    poll = Poll(hurried, life.around.rng)
    while True:
        seen = await _look(life, handle, until)
        if seen.outcome is not None:
            return _ended(life, seen, seen.outcome)
        left = until - life.around.time()
        if left <= 0:
            return None
        await life.nap(min(left, poll.wait(seen.look_again)))


async def _cancel(life: Life, handle: Handle, until: float) -> None:
    """Asks until the vendor has heard it; looking goes on whether it did or not."""
    tries = 0
    while True:
        try:
            return await life.within(until, life.adapter.cancel(handle))
        except Transient as error:
            tries += 1
            life.warn(f"cannot ask to cancel, trying again: {error.message}")
            left = until - life.around.time()
            if left <= 0:
                return None
            await life.nap(min(left, backoff(tries, life.around.rng, error.retry_after)))
        except Exception as error:
            life.warn(f"the job could not be canceled: {describe(error, 'the cancellation')}")
            return None
