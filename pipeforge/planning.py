"""Pipeline and values become a plan: what will be asked of whom, in which order, under which guarantee."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pipeforge.adapter import Kind, Pace

RunWhen = Literal["success", "failure", "always"]


@dataclass(frozen=True, slots=True)
class Retry:
    """When a definite failure is answered with another attempt. Times in seconds."""

    max_attempts: int = 1
    delay: float = 0.0
    backoff: Literal["constant", "exponential"] = "constant"
    max_delay: float | None = None
    jitter: bool = False


@dataclass(frozen=True, slots=True)
class Foreach:
    """`items` is a list, or a template over earlier outputs that gives one."""

    items: Any
    name: str = "item"
    max_parallel: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step, rendered as far as can be known before it starts. Late values stand in `params` as templates."""

    id: str
    kind: Kind
    connection: str
    needs: tuple[str, ...]
    params: Mapping[str, Any]
    run_when: RunWhen = "success"
    condition: Any = None
    """A bool, a late template, or None."""
    foreach: Foreach | None = None
    retry: Retry = Retry()
    timeout: float = 86_400.0
    """Seconds from an attempt's trigger to its end."""
    pace: Pace = Pace()
    on_ambiguous: Literal["reconcile", "fail", "retry"] = "reconcile"
    on_interrupt: Literal["cancel", "leave"] = "leave"
    accept: frozenset[str] = frozenset()
    """Outcomes (ours or the vendor's word) taken as success."""
    allow_failure: bool = False
    fingerprint: str = ""
    """Changes when the step's definition or its rendered inputs change."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in topological order; ties keep the file's order."""

    pipeline: str
    digest: str
    context_time: datetime
    steps: tuple[PlannedStep, ...]
    scope: Mapping[str, Any]
    """The values templates see before anything has run: context_time, custom_variables, records, env, run."""


def bind(value: Any, scope: Mapping[str, Any]) -> Any:
    """Renders what was late in `value` (params, condition, items) with the full scope. Raises TemplateError."""
    raise NotImplementedError
