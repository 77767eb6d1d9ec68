"""Starts that the vendor takes for one: the second joins the first, also where that had failed."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Place, Problem
from pipeforge.language.kinds import Json
from pipeforge.language.saying import say
from pipeforge.language.templating import TemplateError, find, template
from pipeforge.lint.misnamed import of_clear_steps
from pipeforge.lint.policies import attempts, connections
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import StepView, Subject

_EACH_ATTEMPT = ("run", "attempt")
"""The name that is another value in each attempt."""


def check(subject: Subject) -> Iterator[Problem]:
    return of_clear_steps(subject, _same(subject))


def _same(subject: Subject) -> Iterator[Problem]:
    first: dict[tuple[str, str], StepView] = {}
    used = connections(subject)
    for step in subject.steps.values():
        job = _job(subject, step)
        if job is None:
            continue
        names = _names(job)
        if names is None:
            continue
        yield from _repeated(subject, step, names)
        if (step.item or "",) in names:
            continue
        key = (used[step.id].name if step.id in used else "", repr(job))
        other = first.setdefault(key, step)
        if other is not step and step.id in used:
            message = say(
                "'{step}' starts the same job as '{other}', so it only joins it", step=step.id, other=other.id
            )
            also = ((Place(_place(other)), say("the other one")),)
            yield Problem(
                _place(step), message, say("give each its own name, or keep one of the two"), see_also=also
            )


def _job(subject: Subject, step: StepView) -> tuple[Json, ...] | None:
    params = subject.params.get(step.id)
    same = step.kind.traits.same_job if step.kind else None
    return same(params) if same is not None and isinstance(params, Mapping) else None


def _repeated(subject: Subject, step: StepView, names: set[tuple[str, ...]]) -> Iterator[Problem]:
    retry = attempts(subject, step)
    if retry is not None and _EACH_ATTEMPT not in names:
        message = say(
            "every attempt of '{step}' is the same job: a retry joins the one that failed", step=step.id
        )
        yield Problem(_place(step), message, say("leave the name out, or add ${{ run.attempt }} to it"))
    elif step.item is not None and (step.item,) not in names and _several(step):
        message = say("every item of '{step}' is the same job: only the first is started", step=step.id)
        yield Problem(
            _place(step), message, say("leave the name out, or add ${{ {item} }} to it", item=step.item)
        )


def _several(step: StepView) -> bool:
    foreach = step.data.get("foreach")
    items = foreach.get("items") if isinstance(foreach, Mapping) else None
    return len(items) > 1 if isinstance(items, list) else isinstance(items, str)


def _names(job: tuple[Json, ...]) -> set[tuple[str, ...]] | None:
    """What the job's name is made of: roots, and whole names; None where that cannot be read."""
    names: set[tuple[str, ...]] = set()
    try:
        for _, text in find(list(job)):
            found = template(text)
            for expression in found.expressions if found else ():
                names |= {part for path in expression.paths for part in (path, path[:1])}
    except TemplateError:
        return None
    return names


def _place(step: StepView) -> tuple[Any, ...]:
    """Where the author named the job."""
    params = step.data.get("with")
    given = params if isinstance(params, Mapping) else {}
    key = "retry_attempt_name" if "retry_attempt_name" in given else "session"
    return (*step.route, "with", key) if key in given else (*step.route, "uses")


RULE = Rule("PF511", "same-job", "warning", say("two starts are one job for the vendor"), check)
