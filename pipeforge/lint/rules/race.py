"""Two steps, or two items of a foreach, that may be busy with one thing at once."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem
from pipeforge.language.kinds import Guarantee
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import OPEN, TemplateError, template
from pipeforge.lint.following import unordered
from pipeforge.lint.misnamed import of_clear_steps
from pipeforge.lint.needing import add_need
from pipeforge.lint.policies import connections
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import ConnectionView, StepView, Subject

_RUN_WHEN = ("success", "failure", "always")


class _Thing(NamedTuple):
    connection: str
    values: tuple[str, ...]


def check(subject: Subject) -> Iterator[Problem]:
    return of_clear_steps(subject, _races(subject))


def _races(subject: Subject) -> Iterator[Problem]:
    used = connections(subject)
    things: dict[_Thing, list[str]] = {}
    for step in subject.steps.values():
        view = used.get(step.id)
        thing = _thing_of(subject, step, view) if view is not None else None
        if thing is not None:
            things.setdefault(thing, []).append(step.id)
            if _side_by_side(step):
                yield _items(step)
    groups = [group for group in things.values() if len(group) > 1]
    for earlier, later in unordered(subject.meant_edges(), groups) if groups else ():
        one, other = subject.steps[earlier], subject.steps[later]
        if not _apart(one, other) and _clear(subject, one) and _clear(subject, other):
            yield _steps(one, other)


def _thing_of(subject: Subject, step: StepView, view: ConnectionView) -> _Thing | None:
    """What the step is busy with; None where nothing keeps others from it, or it is not known."""
    limits = view.data.get("limits")
    alone = isinstance(limits, Mapping) and limits.get("running") == 1
    if step.kind is None or step.kind.traits.thing is None or alone:
        return None
    params = subject.params.get(step.id)
    params = params if isinstance(params, Mapping) else {}
    values = [params.get(name) for name in step.kind.traits.exclusive]
    if any(value is None or _of_item(step, value) for value in values):
        return None
    return _Thing(view.name, tuple(str(value) for value in values))


def _of_item(step: StepView, value: Any) -> bool:
    """Whether each item of a foreach has a thing of its own, or what the thing is cannot be read."""
    if not isinstance(value, str) or OPEN not in value:
        return False
    try:
        found = template(value)
        return found is None or step.item in found.roots or "run" in found.roots
    except TemplateError:
        return True


def _side_by_side(step: StepView) -> bool:
    """Whether a foreach runs several items at once."""
    foreach = step.data.get("foreach")
    if step.item is None or not isinstance(foreach, Mapping) or foreach.get("max_parallel") == 1:
        return False
    items = foreach.get("items")
    return len(items) > 1 if isinstance(items, list) else isinstance(items, str)


def _items(step: StepView) -> Problem:
    foreach = step.data["foreach"]
    message = say("items of '{step}' may start the same {thing} at once", step=step.id, thing=_word(step))
    hint = say("add max_parallel: 1 to run them one after another")
    if "max_parallel" in foreach:
        route = (*step.route, "foreach", "max_parallel")
        fix = Fix(say("write 1"), (Edit(Place(route), "1"),), safe=False)
        return Problem(route, message, say("write max_parallel: 1 to run them one after another"), fix=fix)
    first = Place((*step.route, "foreach", next(iter(foreach))), on_key=True)
    fix = Fix(say("add max_parallel: 1"), (Edit(first, "max_parallel: 1", "insert"),), safe=False)
    return Problem((*step.route, "foreach"), message, hint, on_key=True, fix=fix)


def _steps(one: StepView, other: StepView) -> Problem:
    message = say(
        "'{other}' and '{one}' may start the same {thing} at once: neither needs the other",
        other=other.id,
        one=one.id,
        thing=_word(other),
    )
    hint = say("add '{step}' to needs of '{other}', or the other way round", step=one.id, other=other.id)
    also = ((Place((*one.route, "uses")), say("the other one")),)
    fix = add_need(other, one.id)
    fix = fix._replace(safe=False) if fix else None
    return Problem((*other.route, "uses"), message, hint, see_also=also, fix=fix)


def _word(step: StepView) -> Said:
    return (step.kind.traits.thing if step.kind else None) or say("job")


def _apart(one: StepView, other: StepView) -> bool:
    """Whether one run cannot be known to start both: two conditions, success here and failure there."""
    if one.kind is other.kind and one.kind and one.kind.guarantee is Guarantee.IDEMPOTENT:
        return True
    conditions = [step.data.get("if") for step in (one, other)]
    if False in conditions or None not in conditions:
        return True
    unknown = any(step.data.get("run_when", "success") not in _RUN_WHEN for step in (one, other))
    return unknown or _instead(one, other) or _instead(other, one)


def _instead(one: StepView, other: StepView) -> bool:
    """Whether `other` runs only when something failed without which `one` does not run."""
    if other.data.get("run_when") != "failure" or one.data.get("run_when") not in (None, "success"):
        return False
    return {need.text for need in other.needs} <= {need.text for need in one.needs}


def _clear(subject: Subject, step: StepView) -> bool:
    """Whether all that it needs is there: a misspelt need may be the one that keeps them apart."""
    return all(need.text in subject.steps for need in step.needs)


RULE = Rule("PF502", "race", "warning", say("two starts of one thing may meet"), check)
