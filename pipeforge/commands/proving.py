"""Finds before anything starts what can be known by then to go wrong in a step: its values, their types."""

from collections.abc import Iterator, Sequence
from typing import Any

from pipeforge.engine import binding
from pipeforge.errors import UsageError
from pipeforge.language.templating import Template
from pipeforge.planning import LATE, Plan, PlannedStep
from pipeforge.reports.display import amount

_TOLD = 10
"""chosen: how many are told at once; one wrong variable can spoil every step."""


def prove(plan: Plan) -> None:
    """Raises UsageError telling what is wrong in every step.

    A step that needs a later one's outputs, or that its `if` keeps from running, is not judged.
    """
    scope = binding.Scope(plan, "")
    wrong: list[binding.Unbound] = []
    for step in plan.steps:
        try:
            _prove(step, scope)
        except binding.Unbound as error:
            wrong.append(binding.Unbound(f"step '{step.id}': {error.detail}", error.hint))
    if wrong:
        more = [f"… and {amount(len(wrong) - _TOLD, 'step')} more"] if len(wrong) > _TOLD else []
        raise UsageError("\n".join([*(error.detail for error in wrong[:_TOLD]), *more]), wrong[0].hint)


def _prove(step: PlannedStep, scope: binding.Scope) -> None:
    if isinstance(step.condition, Template) or not binding.condition(step, scope):
        return
    items: Sequence[Any] = [None]
    if step.foreach:
        if any(templates(step.foreach.items)):
            return
        items = binding.items(step, scope)
    if any(found.roots & LATE for found in templates(step.params)):
        return
    for item in items:
        binding.params(step, scope.names(1, {step.foreach.name: item} if step.foreach else None))


def templates(value: Any) -> Iterator[Template]:
    """What of a value is known only when its step starts."""
    if isinstance(value, Template):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from templates(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from templates(inner)
