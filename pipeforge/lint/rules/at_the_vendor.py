"""What steps name at their vendors: whether it is there, may be used, runs, and knows what it is given."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pipeforge.language.diagnostics import Problem, Severity
from pipeforge.language.kinds import Role
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
    if thing.state == "absent" and not mention.named.new:
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
    named, params = mention.named, mention.params
    if named.must_run and thing.running is False and not params.get(named.ensured):
        message = say("{thing} is stopped: it cannot be polled", thing=_of(mention))
        yield Problem(mention.route, message, say("start it, or write `ensure_running: true`"))


def _running(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    if mention.named.must_run is False and thing.running:
        kind = mention.step.uses or ""
        message = say("{thing} runs: {kind} is for one that is stopped", thing=_of(mention), kind=kind)
        yield Problem(mention.route, message, say("stop it in a step before this one, or there"))


def _unknown(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    parameters = thing.parameters
    for name in mention.given if parameters is not None else ():
        if OPEN not in name and name not in (parameters or {}):
            message = say("{thing} knows no '{name}'", thing=_of(mention), name=name)
            route = (*mention.step.route, "with", mention.named.given, name)
            yield Problem(route, message, suggest(name, parameters or {}, say("names")), on_key=True)


def _missing(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    for name, parameter in (thing.parameters or {}).items() if mention.named.given else ():
        if parameter.required and name not in mention.given and not _templated(mention):
            message = say("{thing} has no value of its own for '{name}'", thing=_of(mention), name=name)
            hint = say("give one under {key}:", key=mention.named.given)
            yield Problem(mention.route, message, hint)


def _templated(mention: "Mention") -> bool:
    return any(OPEN in name for name in mention.given)


def _starts(mention: "Mention") -> bool:
    """What is given values is started, too, by kinds that do not await its end."""
    kind = mention.step.kind
    return kind is not None and (kind.role is Role.RUNS or bool(mention.named.given))


def _twice(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    if thing.schedules and _starts(mention):
        listed = ", ".join(thing.schedules)
        message = say("{thing} has a schedule of its own, too: {when}", thing=_of(mention), when=listed)
        yield Problem(mention.route, message, say("switch it off there, or it runs twice"))


def _by_others(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    if thing.others_start_it and _starts(mention) and thing.trigger not in mention.named.unfit:
        message = say("others can start {thing}, too: it has an address for that", thing=_of(mention))
        hint = say("whoever knows the address can run it beside this step; take it away if nobody should")
        yield Problem(mention.route, message, hint)


def _unfit(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    unfit = mention.named.unfit.get(thing.trigger or "")
    if unfit:
        why, mend = unfit
        yield Problem(mention.route, say("{thing} {why}", thing=_of(mention), why=why), mend)


def _several(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    if thing.others:
        listed = ", ".join(thing.others)
        message = say("{thing} is the name of several there: {ids}", thing=_of(mention), ids=listed)
        yield Problem(mention.route, message, say("rename all but one, or use a kind that goes by the id"))


def _otherwise(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    repeated = mention.named.repeated
    given = mention.params.get(repeated) if repeated else None
    if isinstance(given, str) and OPEN not in given and thing.name not in (None, given):
        message = say(
            "{thing} is called '{name}', not '{given}'", thing=_of(mention), name=thing.name, given=given
        )
        hint = say("make sure that it is the one that is meant; the step would fail")
        yield Problem((*mention.step.route, "with", repeated), message, hint)


def _not_connected(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    if thing.connected is False:
        message = say("{thing} is not signed in: no recipe that uses it starts", thing=_of(mention))
        yield Problem(mention.route, message, say("sign it in there"))


def _open_secret(mention: "Mention", thing: "Thing") -> Iterator[Problem]:
    for name in mention.given:
        if thing.parameters and name in thing.parameters and thing.parameters[name].secret:
            message = say("'{name}' of {thing} is a secret there", name=name, thing=_of(mention))
            hint = say("leave its value to the vendor: here it stands in the file and in the journal")
            yield Problem((*mention.step.route, "with", mention.named.given, name), message, hint)


def _rule(code: str, name: str, severity: Severity, summary: Said, look: Look, *, lasts: bool = True) -> Rule:
    """`lasts`: nothing that the pipeline itself does before can change what is found."""

    def check(subject: Subject) -> Iterator[Problem]:
        if subject.lock is None:
            return
        for mention, thing in load(f"{_THINGS}:known")(subject):
            if lasts or not mention.brought:
                for problem in look(mention, thing):
                    yield _dated(subject, thing, problem)

    return Rule(code, name, severity, summary, check)


def _dated(subject: Subject, thing: "Thing", problem: Problem) -> Problem:
    """What a lock says may be over, and what was said a while ago."""
    if subject.lock_path is not None:
        again = say("pipeforge.lock says so; `pipeforge lint --online --lock` looks again")
    elif thing.age:
        again = say("as of {ago} ago; `--refresh` asks again", ago=thing.age)
    else:
        return problem
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
    _rule("PF601", "not-there", "error", say("the vendor has no such thing"), _absent, lasts=False),
    _rule("PF602", "not-allowed", "warning", say("the credential may not look at it"), _barred),
    _rule("PF603", "stopped", "error", say("a recipe that is polled is stopped"), _stopped, lasts=False),
    _rule("PF604", "unknown-there", "error", say("the vendor's thing knows no such name"), _unknown),
    _rule("PF605", "missing-there", "warning", say("a value that it needs is not given"), _missing),
    _rule("PF606", "double-schedule", "warning", say("the vendor starts it, too"), _twice, lasts=False),
    _rule("PF607", "unfit-trigger", "warning", say("what starts a recipe does not go with the kind"), _unfit),
    _rule("PF608", "secret-given", "warning", say("a value is given for a secret"), _open_secret),
    Rule("PF609", "not-locked", "warning", say("the lock does not know what a step names"), _not_locked),
    Rule("PF610", "broken-lock", "error", say("the lock cannot be read"), _broken),
    _rule("PF611", "others-start-it", "info", say("others can start it, too"), _by_others),
    _rule("PF612", "several-there", "error", say("several things have the name"), _several),
    _rule("PF613", "called-otherwise", "error", say("what is confirmed is called otherwise"), _otherwise),
    _rule("PF614", "running", "error", say("a recipe runs that must be stopped"), _running, lasts=False),
    _rule("PF615", "not-connected", "warning", say("a connection is not signed in"), _not_connected),
)  # fmt: skip
