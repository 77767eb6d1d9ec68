"""Needs that another need brings along anyway."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem
from pipeforge.language.saying import say
from pipeforge.lint.following import implied
from pipeforge.lint.misnamed import of_clear_steps
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    return of_clear_steps(subject, _redundant(subject))


def _redundant(subject: Subject) -> Iterator[Problem]:
    if not any(len(step.needs) > 1 for step in subject.steps.values()):
        return
    usual = {id_: step.data.get("run_when") in (None, "success") for id_, step in subject.steps.items()}
    found = [one for one in implied(subject.edges(), usual) if usual[one.step]]
    if not found:
        return
    used = {
        (use.step.id, path[1])
        for use in subject.uses
        if use.step is not None
        for _, path in use.names
        if path[0] == "steps" and len(path) > 1
    }
    for step, need, through in found:
        if (step, need) in used:
            continue  # whoever uses what a step gives may well say that it needs that step
        route = next(one.route for one in subject.steps[step].needs if one.text == need)
        fix = Fix(say("remove it"), (Edit(Place(route), how="remove"),))
        message = say(
            "'{step}' need not name '{need}': '{through}' needs it already",
            step=step,
            need=need,
            through=through,
        )
        yield Problem(route, message, say("remove it"), fix=fix)


RULE = Rule("PF206", "redundant-need", "info", say("a need is there through another one"), check)
