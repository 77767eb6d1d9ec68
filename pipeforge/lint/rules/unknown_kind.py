"""`uses` that names no kind."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Place, Problem
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import OPEN
from pipeforge.lint.mending import instead
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject

_SHOWN = 4


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        if step.uses is not None and step.kind is None and not subject.foreign((*step.route, "uses")):
            hint = _hint(step.uses, subject)
            route = (*step.route, "uses")
            near = None if OPEN in step.uses else nearest(step.uses, subject.catalog.kinds)
            fix = instead([Place(route)], near, reveals=True)
            yield Problem(route, say("unknown kind '{uses}'", uses=step.uses), hint, fix=fix)


def _hint(given: str, subject: Subject) -> Said:
    if OPEN in given:
        return say("a kind cannot be a template: it is checked before anything is rendered")
    if nearest(given, subject.catalog.kinds):
        return suggest(given, subject.catalog.kinds, say("kinds"))
    vendor, _, verb = given.partition(".")
    meant = vendor if vendor in subject.catalog.vendors else nearest(vendor, subject.catalog.vendors)
    kinds = [name for name in subject.catalog.kinds if name.partition(".")[0] == meant]
    if not kinds:
        return suggest(given, subject.catalog.kinds, say("kinds"))
    near = nearest(verb, [name.partition(".")[2] for name in kinds])
    if near:
        return say("did you mean '{near}'?", near=f"{meant}.{near}")
    if len(kinds) <= _SHOWN:
        return say("kinds of {vendor}: {names}", vendor=meant, names=", ".join(kinds))
    some = ", ".join(kinds[:_SHOWN])
    return say(
        "kinds of {vendor}: {names} and more: see `pipeforge explain {vendor}`", vendor=meant, names=some
    )


RULE = Rule("PF401", "unknown-kind", "error", say("a step uses a kind that is not there"), check)
