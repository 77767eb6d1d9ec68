"""Timeouts that are missing or absurd, and waits that never have an effect."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Place, Problem, Route
from pipeforge.language.durations import text
from pipeforge.language.kinds import Guarantee
from pipeforge.language.saying import Said, say
from pipeforge.lint.policies import Policy, attempts, everywhere, policy, seconds
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import StepView, Subject

_DAY = 86_400.0
_LONGEST = 7 * _DAY
"""chosen: no step is left waiting for longer than a week on purpose."""


def absurd(subject: Subject) -> Iterator[Problem]:
    for given, steps in everywhere(subject, "timeout"):
        timeout = seconds(given.value)
        if timeout is None:
            continue
        for step in steps:
            assert step.kind is not None
            traits, longest = step.kind.traits, step.kind.traits.longest or _LONGEST
            if not traits.passes and traits.shortest <= timeout <= min(longest, _LONGEST):
                continue
            found = _short(subject, step, timeout) or _long(step, timeout)
            if found is not None:
                message, hint = found
                where = ((Place((*step.route, "uses")), say("it holds for this step")),)
                also = where if not given.own and given.path is None else ()
                yield Problem(given.route, message, hint, see_also=also, path=given.path)
                break


def _short(subject: Subject, step: StepView, timeout: float) -> tuple[Said, Said] | None:
    assert step.kind is not None
    params = subject.params.get(step.id)
    for name, usual in step.kind.traits.passes.items():
        given = params.get(name) if isinstance(params, Mapping) else None
        passes = usual if given is None else seconds(given)
        if passes is not None and timeout <= passes:
            message = say(
                "'{step}' times out before its {name} of {time} is over",
                step=step.id,
                name=name,
                time=text(passes),
            )
            return message, say(
                "give a timeout above {time}, or a shorter {name}", time=text(passes), name=name
            )
    least = step.kind.traits.shortest
    if timeout < least:
        kind = step.kind.name
        message = say("'{step}' times out sooner than a {kind} is usually over", step=step.id, kind=kind)
        return message, say("give at least {time}", time=text(least))
    return None


def _long(step: StepView, timeout: float) -> tuple[Said, Said] | None:
    assert step.kind is not None
    longest = step.kind.traits.longest
    if longest is not None and timeout > longest:
        message = say("the vendor ends every job of '{step}' after {time}", step=step.id, time=text(longest))
        return message, say("give at most {time}", time=text(longest))
    if timeout > _LONGEST:
        message = say("'{step}' may be waited for longer than a week", step=step.id)
        return message, say("give the time after which something is certainly wrong")
    return None


def missing(subject: Subject) -> Iterator[Problem]:
    """Only where other steps have one, or where the step is tried again: that is how one forgets it."""
    timed = any("timeout" in step.data for step in subject.steps.values())
    bare = [step for step in subject.steps.values() if _untimed(subject, step)]
    told = [step for step in bare if timed or attempts(subject, step)]
    if told:
        message = say("'{step}' has no timeout: a job that hangs is waited for a day", step=told[0].id)
        hint = say("add timeout: to the step, or under defaults: for all steps")
        also = tuple((Place(step.route, on_key=True), say("nor has this one")) for step in told[1:])
        yield Problem(told[0].route, message, hint, on_key=True, see_also=also)


def _untimed(subject: Subject, step: StepView) -> bool:
    """Whether a step that starts a job has no timeout, of its own or by default."""
    if step.kind is None or step.kind.guarantee is Guarantee.IDEMPOTENT:
        return False
    return policy(subject, step, "timeout") is None


def idle(subject: Subject) -> Iterator[Problem]:
    for given, _ in everywhere(subject, "retry"):
        if isinstance(given.value, Mapping):
            yield from _retry(given.value, given)
    for given, steps in everywhere(subject, "poll"):
        if isinstance(given.value, Mapping):
            yield from _poll(subject, given.value, given, steps)


def _retry(retry: Mapping[str, Any], given: Policy) -> Iterator[Problem]:
    delay, longest = seconds(retry.get("delay")), seconds(retry.get("max_delay"))
    if delay is not None and longest is not None and longest < delay:
        message = say("max_delay is shorter than delay, so delay is never waited")
        yield _at(
            given, "max_delay", message, say("give at least the delay, '{delay}'", delay=retry["delay"])
        )
    if "delay" not in retry and retry.get("backoff") == "exponential":
        message = say("there is no delay to grow: the next attempt follows at once")
        yield _at(given, "backoff", message, say("add delay: how long to wait before the second attempt"))


def _poll(
    subject: Subject, poll: Mapping[str, Any], given: Policy, steps: list[StepView]
) -> Iterator[Problem]:
    interval, longest = seconds(poll.get("interval")), seconds(poll.get("max_interval"))
    if interval is None:
        return
    if longest is not None and longest < interval:
        message = say("max_interval is shorter than interval, so it has no effect")
        hint = say("give at least the interval, '{interval}'", interval=poll["interval"])
        yield _at(given, "max_interval", message, hint)
    for step in steps:
        timeout = policy(subject, step, "timeout")
        most = seconds(timeout.value) if timeout else None
        if most is not None and most < interval:
            message = say("'{step}' times out before it is looked at again", step=step.id)
            hint = say("give an interval below the timeout of {time}", time=text(most))
            yield _at(given, "interval", message, hint)
            break


def _at(given: Policy, key: str, message: Said, hint: Said) -> Problem:
    route: Route = (*given.route, key)
    return Problem(route, message, hint, path=given.path)


RULES = (
    Rule("PF506", "absurd-timeout", "warning", say("a timeout is too short or too long to be meant"), absurd),
    Rule("PF507", "no-timeout", "info", say("a step has no timeout while others have one"), missing),
    Rule("PF508", "idle-wait", "warning", say("a wait can never have an effect"), idle),
)
