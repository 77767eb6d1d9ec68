"""Steps that use what another gives without waiting for it."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import Expression
from pipeforge.lint.graph import reaches
from pipeforge.lint.needing import add_need
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import StepView, Subject, Use


def check(subject: Subject) -> Iterator[Problem]:
    far: dict[tuple[str, str], tuple[Use, Expression]] = {}
    for use in subject.uses:
        if use.step is None:
            continue
        for expression, path in use.names:
            if path[0] == "steps" and len(path) > 1 and path[1] in subject.steps:
                pair = (use.step.id, path[1])
                if not any(need.text == path[1] for need in use.step.needs):
                    far.setdefault(pair, (use, expression))
    if not far:
        return
    edges = subject.meant_edges()
    there = reaches(edges, [*far, *((other, step) for step, other in far)])
    for (step, other), (use, expression) in far.items():
        if step == other:
            yield _problem(
                use,
                expression,
                other,
                say("'{step}' cannot use its own outcome", step=step),
                say("remove it"),
            )
        elif (step, other) not in there:
            ring = (other, step) in there
            yield _missing(subject.steps[step], other, use, expression, ring=ring)


def _missing(step: StepView, other: str, use: Use, expression: Expression, *, ring: bool) -> Problem:
    message = say("'{id}' uses '{other}' without needing it", id=step.id, other=other)
    if ring:
        hint = say("'{other}' itself needs '{id}': turn one around", other=other, id=step.id)
        return _problem(use, expression, other, message, hint)
    found = _problem(use, expression, other, message, say("add '{other}' to needs", other=other))
    return Problem(found.route, found.message, found.hint, within=found.within, fix=add_need(step, other))


def _problem(use: Use, expression: Expression, other: str, message: Said, hint: Said) -> Problem:
    return Problem(use.route, message, hint, within=expression.place(("steps", other)))


RULE = Rule("PF304", "not-needed", "error", say("a step uses another's outcome without needing it"), check)
