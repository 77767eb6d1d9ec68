"""An attempt's way to its handle: prepare, intend, trigger, and recover what is in doubt."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC

from pipeforge.adapter import Evidence, Guarantee, Handle, Outcome
from pipeforge.engine import sharing
from pipeforge.engine.events import StepDeferred, StepIntended, StepTriggered
from pipeforge.engine.life import Ending, Life, Over, describe
from pipeforge.engine.polling import backoff
from pipeforge.errors import AdapterError, InDoubt, Rejected, Transient
from pipeforge.freshness import intending

_BUG = "this is a defect of the adapter, nothing was started: please report it to its authors"

_NO_HANDLE = (
    "look at the vendor whether the job runs and settle it by hand; report the adapter to its authors"
)

_LOST = "the end of the journal was damaged, and what it told of this step is lost"
_GONE = "nothing was started of it, and it is not wanted any more"
_LOST_HINT = "look whether the vendor has run a job of this since the run began"

# chosen: `on_ambiguous: retry` triggers at least once more, and no more often than `retry` allows.
_AMBIGUOUS_ATTEMPTS = 2


class _Ambiguous(Exception):
    """It cannot be known whether the trigger started a job."""

    def __init__(self, detail: str, hint: str) -> None:
        super().__init__()
        self.detail = detail
        self.hint = hint


class _NotStarted(Exception):
    """This try certainly started nothing. `evidence` is what the next one goes by, None to look anew."""

    def __init__(
        self, detail: str, retry_after: float | None, evidence: Evidence | None, hint: str = ""
    ) -> None:
        super().__init__()
        self.detail = detail
        self.retry_after = retry_after
        self.evidence = evidence
        self.hint = hint


async def start(life: Life) -> Handle:
    """The handle of the attempt's job, journaled. Raises Over when there is none."""
    while True:
        try:
            return await _start(life)
        except _Ambiguous as doubt:
            _decide(life, doubt)
            await sharing.leave(life)


async def _start(life: Life) -> Handle:
    state = life.state
    tries, evidence = 0, None
    life.give_up = life.around.time() + life.step.timeout
    if state is not None and state.attempt == life.number and state.in_flight:
        await sharing.keep(life)
        if state.handle is not None:
            return state.handle
        if life.risky and life.step.kind.guarantee is not Guarantee.RECONCILABLE:
            raise _Ambiguous(_LOST, _LOST_HINT)  # to ask could be to trigger
        try:
            doubt = InDoubt("pipeforge ended before the vendor's answer")
            # Not its deadline, which may be long past: that we cannot ask today is no reason never to know.
            return await _recover(life, state.evidence, doubt, life.give_up)
        except _NotStarted as again:
            evidence = again.evidence
            await sharing.leave(life)
            if life.gone:
                raise Over(Ending(Outcome.CANCELED, detail=_GONE)) from None
    if life.risky:
        raise _Ambiguous(_LOST, _LOST_HINT)
    while True:
        if life.stopping:
            raise Over(None)
        try:
            return await _try(life, evidence)
        except _NotStarted as again:
            tries, evidence = tries + 1, again.evidence
            await sharing.leave(life)
            await _wait(life, again, tries)


async def _try(life: Life, evidence: Evidence | None) -> Handle:
    """One try: what recovery will need, the intent on disk, the trigger, the handle on disk."""
    doubt: Exception
    asked = life.around.time()
    async with _turn(life) as place:
        if not (place and await sharing.enter(life)):
            raise Over(None)
        life.give_up += life.around.time() - asked  # waiting for a turn is not the step's doing
        if evidence is None:
            evidence = await _prepare(life)
        with intending():
            await _intend(life, evidence)
            try:
                answer = await life.within(
                    life.deadline(), life.adapter.trigger(life.params, life.key, evidence)
                )
                handle = _sound(answer)
            except Transient as error:
                await _defer(life, error.message)
                # The evidence may have been what was wrong with it (a one-shot token grown old): look anew.
                raise _NotStarted(error.message, error.retry_after, None, error.hint) from None
            except Rejected as error:
                ending = Ending(Outcome.FAILED, detail=error.message, hint=error.hint, final=True)
                raise Over(ending) from None
            except Exception as error:  # InDoubt, a hang, a bug: whatever it was, the request may have left
                doubt = error
            else:
                return await _triggered(life, handle, adopted=False)
    until = max(life.deadline(), life.around.time() + life.around.grace)
    return await _recover(life, evidence, doubt, until)


@asynccontextmanager
async def _turn(life: Life) -> AsyncIterator[bool]:
    """A place among this process's own starts; see `Window.turn`."""
    if life.window is None:
        yield True
        return
    words = sharing.in_time(life.step.connection, *life.window.limit)
    slow = sharing.say_later(life, "starts", words)
    try:
        async with life.window.turn() as place:
            slow.cancel()
            yield place
    finally:
        slow.cancel()


async def _prepare(life: Life) -> Evidence:
    try:
        prepared = await life.unless_stopped(life.within(life.give_up, life.adapter.prepare(life.params)))
    except Rejected as error:
        raise Over(Ending(Outcome.FAILED, detail=error.message, hint=error.hint, final=True)) from None
    except (AdapterError, TimeoutError) as error:
        detail = describe(error, "the preparation")
        life.warn(detail)
        hint = getattr(error, "hint", "")
        raise _NotStarted(detail, getattr(error, "retry_after", None), None, hint) from None
    except Exception as error:
        detail = describe(error, "the preparation")
        raise Over(Ending(Outcome.FAILED, detail=detail, hint=_BUG, final=True)) from None
    if prepared is None or life.stopping:
        raise Over(None)  # nothing was started
    return prepared[0]


async def _intend(life: Life, evidence: Evidence) -> None:
    await life.around.ledger.append(
        StepIntended(
            at=life.around.clock.now(),
            step=life.id,
            attempt=life.number,
            key=life.key,
            fingerprint=life.step.fingerprint,
            evidence=dict(evidence),
        )
    )


async def _triggered(life: Life, handle: Handle, *, adopted: bool) -> Handle:
    await life.around.ledger.append(
        StepTriggered(
            at=life.around.clock.now(),
            step=life.id,
            attempt=life.number,
            handle=dict(handle),
            adopted=adopted,
        )
    )
    await sharing.answered(life)
    return handle


async def _defer(life: Life, detail: str) -> None:
    """Durable at once: without it a resume would have to doubt what is known now."""
    event = StepDeferred(at=life.around.clock.now(), step=life.id, attempt=life.number, detail=detail)
    await life.around.ledger.append(event)


async def _wait(life: Life, again: _NotStarted, tries: int) -> None:
    """Before the next try; the step's timeout ends it even though nothing ever started."""
    left = life.give_up - life.around.time()
    if left > 0 and not life.stopping:
        await life.nap(min(left, backoff(tries, life.around.rng, again.retry_after)))
    if life.stopping:
        raise Over(None)
    if life.around.time() >= life.give_up:
        detail = f"could not be started within {life.step.timeout:g}s: {again.detail}"
        raise Over(Ending(Outcome.TIMED_OUT, detail=detail, hint=again.hint))


async def _recover(life: Life, evidence: Evidence, doubt: Exception, until: float) -> Handle:
    """Asks the vendor what became of a trigger. Raises _NotStarted, _Ambiguous or Over."""
    tries = 0
    lost = describe(doubt, "the trigger")
    while True:
        if life.stopping and not life.canceled:
            raise Over(None)  # the intent is on disk: a resume asks
        try:
            asked = life.within(until, life.adapter.recover(life.params, life.key, evidence))
            answer = await life.unless_stopped(asked)
        except Transient as error:
            tries += 1
            life.warn(f"cannot ask whether the job started: {error.message}")
            left = until - life.around.time()
            if left <= 0:
                raise _Ambiguous(f"{lost}; then: {error.message}", _look(life, error)) from None
            await life.nap(min(left, backoff(tries, life.around.rng, error.retry_after)))
        except Exception as error:  # InDoubt, or whatever keeps us from knowing
            told = describe(error, "the question whether the job started")
            raise _Ambiguous(lost if told == lost else f"{lost}; {told}", _look(life, error)) from None
        else:
            if answer is None:
                continue
            if answer[0] is not None:
                return await _adopted(life, answer[0], lost)
            await _defer(life, lost)
            raise _NotStarted(lost, None, evidence)


async def _adopted(life: Life, handle: Handle, lost: str) -> Handle:
    """Of a job that recovery found. Raises _Ambiguous where that is no handle."""
    try:
        sound = _sound(handle)
    except InDoubt as error:
        raise _Ambiguous(f"{lost}; {error.message}", _look(life, error)) from None
    return await _triggered(life, sound, adopted=True)


def _sound(handle: Handle) -> Handle:
    """What an adapter calls a handle, if the journal can keep it. Raises InDoubt: its job may well run."""
    try:
        if isinstance(handle, Mapping) and json.dumps(dict(handle), allow_nan=False):
            return handle
    except (TypeError, ValueError):  # what stands in it may be a secret: it is not told
        pass
    raise InDoubt("the adapter's handle is no mapping of JSON values", _NO_HANDLE)


def _look(life: Life, error: Exception) -> str:
    """What a person has to look at, and the mend of what kept us from seeing it."""
    mend = error.hint if isinstance(error, AdapterError) else ""
    if mend and isinstance(error, InDoubt):
        return mend
    look = f"look whether {life.step.kind.vendor} was asked for it{_since(life)}, before it is started again"
    return f"{look}; {mend}" if mend else look


def _since(life: Life) -> str:
    """When it was meant to start, in the pipeline's zone."""
    state, run = life.state, life.around.ledger.state
    if state is None or state.intended_at is None:
        return ""
    where = run.context_time.tzinfo if run.context_time is not None else UTC
    return f" since {state.intended_at.astimezone(where).isoformat(sep=' ', timespec='minutes')}"


def _decide(life: Life, doubt: _Ambiguous) -> None:
    """What `on_ambiguous` says. Returns when another attempt is to be made, raises Over otherwise."""
    step = life.step
    if (
        step.on_ambiguous == "retry"
        and not life.stopping
        and not life.gone
        and life.tries < max(step.retry.max_attempts, _AMBIGUOUS_ATTEMPTS)
    ):
        life.warn(
            f"attempt {life.number} may have started a job ({doubt.detail}); triggering again,"
            " as `on_ambiguous: retry` says"
        )
        life.number += 1
        life.insisted = True
        return
    detail = f"it cannot be known whether the job started: {doubt.detail}"
    outcome = Outcome.FAILED if step.on_ambiguous == "fail" else Outcome.UNKNOWN
    raise Over(Ending(outcome, detail=detail, hint=doubt.hint, settled=False, link=life.link()))
