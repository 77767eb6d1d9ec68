"""What steps name at their vendors: whether it is there, may be used, runs, and knows what it is given."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pipeforge.language.diagnostics import Problem, Severity
from pipeforge.language.nearest import suggest
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import OPEN
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject
from pipeforge.loading import load

if TYPE_CHECKING:
    from pipeforge.language.lock import Thing
    from pipeforge.lint.named_things import Mention

_THINGS = "pipeforge.lint.named_things"
"""Loaded where there is a lock: most often there is none."""

_SCHEDULER = "clock"
"""Workato's trigger application of recipes that run on a schedule."""

Look = Callable[["Mention", "Thing"], Iterator[Problem]]


def _of(mention: "Mention") -> Said:
    """What it is called in a message."""
    names = "/".join(map(str, mention.names))
    return say("{noun} '{names}'", noun=mention.named.noun, names=names) if names else mention.named.noun


def _unasked(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    if thing.state == "unasked":
        message = say("{thing} could not be looked up", thing=_of(mention))
        yield Problem(mention.route, message, say("{detail}", detail=thing.detail))


def _absent(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    if thing.state == "absent":
        vendor = mention.step.kind.vendor if mention.step.kind else ""
        message = say("{vendor} has no {thing}", vendor=vendor, thing=_of(mention))
        hint = say("look it up in the vendor's screen; what was said: {detail}", detail=thing.detail)
        yield Problem(mention.route, message, hint)


def _barred(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    if thing.state == "barred":
        message = say(
            "connection '{name}' may not look at {thing}", name=mention.connection, thing=_of(mention)
        )
        hint = say("give its credential the right to; what was said: {detail}", detail=thing.detail)
        yield Problem(mention.route, message, hint)


def _stopped(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    params = mention.step.data.get("with")
    ensured = isinstance(params, dict) and params.get("ensure_running")
    if mention.step.uses == "workato.poll_recipe" and thing.running is False and not ensured:
        message = say("{thing} is stopped: it cannot be polled", thing=_of(mention))
        yield Problem(mention.route, message, say("start it, or write `ensure_running: true`"))


def _unknown(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    parameters = thing.parameters
    for name in mention.given if parameters is not None else ():
        if OPEN not in name and name not in (parameters or {}):
            message = say("{thing} knows no '{name}'", thing=_of(mention), name=name)
            route = (*mention.step.route, "with", mention.named.given, name)
            yield Problem(route, message, suggest(name, parameters or {}, say("names")), on_key=True)


def _missing(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    for name, parameter in (thing.parameters or {}).items():
        if parameter.required and name not in mention.given and not _templated(mention):
            message = say("{thing} has no value of its own for '{name}'", thing=_of(mention), name=name)
            hint = say("give one under {key}:", key=mention.named.given)
            yield Problem(mention.route, message, hint)


def _templated(mention: "Mention") -> bool:
    return any(OPEN in name for name in mention.given)


def _twice(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    if thing.schedules:
        listed = ", ".join(thing.schedules)
        message = say("{thing} has a schedule of its own, too: {when}", thing=_of(mention), when=listed)
        yield Problem(mention.route, message, say("switch it off there, or it runs twice"))


def _unfit(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    if mention.step.uses == "workato.poll_recipe" and thing.trigger == _SCHEDULER:
        message = say("{thing} runs on a schedule: polling it may run it once more", thing=_of(mention))
        hint = say("have it start by a trigger that delivers each event once, or leave it to its schedule")
        yield Problem(mention.route, message, hint)


def _open_secret(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    for name in mention.given:
        if thing.parameters and name in thing.parameters and thing.parameters[name].secret:
            message = say("'{name}' of {thing} is a secret there", name=name, thing=_of(mention))
            hint = say("leave its value to the vendor: here it stands in the file and in the journal")
            yield Problem((*mention.step.route, "with", mention.named.given, name), message, hint)


def _rule(code: str, name: str, severity: Severity, summary: Said, look: Look) -> Rule:
    def check(subject: Subject) -> Iterator[Problem]:
        if subject.lock is None:
            return
        for mention, thing in load(f"{_THINGS}:known")(subject):
            for problem in look(mention, thing):
                yield _dated(subject, problem)

    return Rule(code, name, severity, summary, check)


def _dated(subject: Subject, problem: Problem) -> Problem:
    """What a lock says may be over."""
    if subject.lock_path is None:
        return problem
    again = say("pipeforge.lock says so; `pipeforge lint --online --lock` looks again")
    hint = say("{hint}; {again}", hint=problem.hint, again=again) if problem.hint else again
    return problem._replace(hint=hint)


def _not_locked(subject: Subject) -> Iterator[Problem]:
    if subject.lock is None or subject.lock_path is None:
        return
    for mention in load(f"{_THINGS}:mentions")(subject):
        known_ = subject.lock.of(subject.environment, mention.connection, mention.key)
        if known_ is None and not mention.named.costs:
            message = say("pipeforge.lock does not know {thing}", thing=_of(mention))
            yield Problem(mention.route, message, say("look it up: pipeforge lint --online --lock"))


def _broken(subject: Subject) -> Iterator[Problem]:
    yield from subject.problems.get("broken-lock", ())


RULES = (
    _rule("PF600", "unasked", "error", say("a vendor could not be asked"), _unasked),
    _rule("PF601", "not-there", "error", say("the vendor has no such thing"), _absent),
    _rule("PF602", "not-allowed", "warning", say("the credential may not look at it"), _barred),
    _rule("PF603", "stopped", "error", say("a recipe that is to be polled is stopped"), _stopped),
    _rule("PF604", "unknown-there", "error", say("the vendor's thing knows no such name"), _unknown),
    _rule("PF605", "missing-there", "warning", say("a value that it needs is not given"), _missing),
    _rule("PF606", "double-schedule", "warning", say("the vendor starts it by a schedule, too"), _twice),
    _rule("PF607", "unfit-trigger", "warning", say("polling a recipe that runs on a schedule"), _unfit),
    _rule("PF608", "secret-given", "warning", say("a value is given for a secret"), _open_secret),
    Rule("PF609", "not-locked", "warning", say("the lock does not know what a step names"), _not_locked),
    Rule("PF610", "broken-lock", "error", say("the lock cannot be read"), _broken),
)  # fmt: skip
