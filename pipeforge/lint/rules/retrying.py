"""Other attempts that do harm, or hide it."""

from collections.abc import Iterator, Mapping

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem
from pipeforge.language.kinds import Guarantee
from pipeforge.language.saying import say
from pipeforge.lint.policies import attempts, everywhere
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import StepView, Subject

_DOUBLES = frozenset({Guarantee.AT_MOST_ONCE, Guarantee.RECONCILABLE, Guarantee.JOURNALED})
"""Guarantees under which a start whose answer is lost may end without anybody knowing."""


def hiding(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        given = attempts(subject, step)
        hides = step.kind.traits.retry_hides if step.kind else None
        if given is None or hides is None:
            continue
        name, value = hides
        params = subject.params.get(step.id)
        if isinstance(params, Mapping) and params.get(name, value) == value:
            message = say(
                "a failure of '{step}' can be lost: the next attempt finds no job and succeeds", step=step.id
            )
            hint = say("write {name}: fail under with, or retry: {max_attempts: 1}", name=name)
            _, retry = given
            route = retry.route if retry.own else (*step.route, "uses")
            also = (
                ((Place(retry.route), say("it is retried because of this")),)
                if not retry.own and retry.path is None
                else ()
            )
            yield Problem(route, message, hint, on_key=retry.own, see_also=also)


def repeating(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        given = attempts(subject, step)
        repeats = step.kind.traits.repeats if step.kind else None
        if given is not None and repeats is not None and given[1].own:
            message = say("another attempt of '{step}' may do things twice: {why}", step=step.id, why=repeats)
            hint = say("make sure that it may run again after it failed half-way")
            yield Problem(given[1].route, message, hint, on_key=True)


def doubling(subject: Subject) -> Iterator[Problem]:
    for given, steps in everywhere(subject, "on_ambiguous"):
        if given.value != "retry":
            continue
        if given.own:
            problem = _own(steps[0])
            if problem is not None:
                yield problem
            continue
        risky = [step for step in steps if step.kind and step.kind.guarantee in _DOUBLES]
        if risky:
            message = say("with on_ambiguous: retry '{step}' may be started twice", step=risky[0].id)
            also = tuple((Place((*step.route, "uses")), say("this one too")) for step in risky[1:])
            also = also if given.path is None else ()
            hint = say("write it in the steps that may run twice, and only there")
            yield Problem(given.route, message, hint, see_also=also, path=given.path)


def _own(step: StepView) -> Problem | None:
    guarantee = step.kind.guarantee if step.kind else Guarantee.IDEMPOTENT
    route = (*step.route, "on_ambiguous")
    fix = Fix(say("remove it"), (Edit(Place(route), how="remove"),), safe=False)
    if guarantee in _DOUBLES:
        message = say("with on_ambiguous: retry '{step}' may be started twice", step=step.id)
        hint = say("remove it: pipeforge then asks the vendor, and stops where that cannot tell")
    elif guarantee is Guarantee.EXACTLY_ONCE:
        message = say(
            "'{step}' is started exactly once anyway: on_ambiguous: retry can only double it", step=step.id
        )
        hint = say("remove it")
    else:
        return None
    return Problem(route, message, hint, fix=fix)


RULES = (
    Rule("PF503", "retry-hides-failure", "warning", say("another attempt hides that one failed"), hiding),
    Rule(
        "PF504",
        "retry-repeats",
        "info",
        say("another attempt does again what cannot be taken back"),
        repeating,
    ),
    Rule("PF505", "may-start-twice", "warning", say("a lost answer leads to a second start"), doubling),
)
