"""One attempt of one step, from its preparation to its end, and what follows from that end."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from pipeforge.adapter import Outcome
from pipeforge.engine import sharing
from pipeforge.engine.events import AttemptFailed, StepFinished, StepReopened
from pipeforge.engine.life import Ending, Life, Over
from pipeforge.engine.starting import start
from pipeforge.engine.watching import watch
from pipeforge.planning import Retry

# An attempt that ended so, with nothing left running, is what `retry` is for. A job canceled at the vendor
# is not: a person wanted it to stop. An unknown one never: it may still be running.
_RETRIED = frozenset({Outcome.FAILED, Outcome.SKIPPED, Outcome.TIMED_OUT})

# What `accept` and `allow_failure` can take as success.
_ACCEPTABLE = frozenset({Outcome.FAILED, Outcome.CANCELED, Outcome.SKIPPED, Outcome.TIMED_OUT})

_NEXT_LOST = "the end of the journal was damaged: whether another attempt followed is lost"

# chosen: no wait between attempts grows beyond a day.
_LONGEST = 86_400.0


async def live(life: Life) -> AttemptFailed | StepFinished | StepReopened | None:
    """Lives the attempt (or goes on with it) to its end, and writes that down. None: left to be resumed."""
    try:
        ending = await watch(life, await start(life))
    except Over as over:
        ending = over.ending
    if ending is None:
        if life.state is None or not life.state.in_flight:
            await sharing.leave(life)
        return None
    event = conclude(life, ending)
    if ending.observed:
        # Safe to lose: the handle is on disk, and the vendor will say the same again.
        life.around.ledger.note(event)
    else:
        await life.around.ledger.append(event)
    await sharing.leave(life)
    return event


def conclude(life: Life, ending: Ending) -> AttemptFailed | StepFinished | StepReopened:
    """Another attempt after a definite failure if `retry` allows, the step's end otherwise."""
    step, now, state = life.step, life.around.clock.now(), life.state
    accepted = ending.outcome in _ACCEPTABLE and not step.accept.isdisjoint((ending.outcome, ending.word))
    if state is not None and state.stale and ending.settled and not life.gone:
        return StepReopened(
            at=now,
            step=life.id,
            attempt=life.number,
            reason="over",
            outcome=ending.outcome,
            word=ending.word,
            detail=ending.detail,
        )
    if not accepted and _again(life, ending):
        if not life.risky:
            return AttemptFailed(
                at=now,
                step=life.id,
                attempt=life.number,
                outcome=ending.outcome,
                word=ending.word,
                detail=ending.detail,
                retry_at=now + timedelta(seconds=delay(step.retry, life.tries, life.around.rng)),
            )
        detail = f"attempt {life.number} {ending.outcome}; {_NEXT_LOST}"
        ending = replace(ending, outcome=Outcome.UNKNOWN, detail=detail, link=life.link())
    return StepFinished(
        at=now,
        step=life.id,
        attempt=life.number,
        outcome=ending.outcome,
        word=ending.word,
        detail=ending.detail,
        hint=ending.hint,
        outputs=dict(ending.outputs),
        accepted=accepted or (step.allow_failure and ending.outcome in _ACCEPTABLE),
        link=ending.link,
        left=not ending.settled and ending.outcome is not Outcome.UNKNOWN,
    )


def _again(life: Life, ending: Ending) -> bool:
    if ending.outcome not in _RETRIED or not ending.settled or ending.final or life.gone:
        return False
    return life.tries < life.step.retry.max_attempts


def delay(retry: Retry, attempt: int, rng: Random) -> float:
    """Seconds from the end of `attempt` (1, 2, …) to the next."""
    grown = retry.delay
    if retry.backoff == "exponential":
        grown *= 2.0 ** min(attempt - 1, 60)
    grown = min(grown, _LONGEST if retry.max_delay is None else retry.max_delay)
    return grown * (0.5 + 0.5 * rng.random()) if retry.jitter else grown
