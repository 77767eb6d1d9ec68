"""Pipeline and values become a plan: what will be asked of whom, in which order, under which guarantee."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from pipeforge.adapter import Kind, Pace
from pipeforge.errors import UsageError
from pipeforge.language import subpipeline
from pipeforge.language.fingerprints import fingerprint
from pipeforge.language.model import ConcurrencyPolicy, Defaults, Pipeline, PollPace, RetryPolicy, Step
from pipeforge.language.templating import Template, TemplateError, find, render, template

RunWhen = Literal["success", "failure", "always"]

LATE = frozenset(["steps", "run"])
"""Names that are known only when a step starts."""

DEFAULT_TIMEOUT = 86_400.0
"""Seconds. chosen: a day; a step that may take longer says so."""


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
class Concurrency:
    """How many runs with one key may be under way at once, and what one more does."""

    key: str
    limit: int = 1
    on_conflict: Literal["queue", "skip", "fail"] = "queue"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step, rendered as far as can be known before it starts; what is late stays a template."""

    id: str
    kind: Kind
    connection: str
    needs: tuple[str, ...]
    params: Mapping[str, Any]
    run_when: RunWhen = "success"
    condition: Any = None
    """A bool, a late template, or None."""
    foreach: Foreach | None = None
    retry: Retry = field(default_factory=Retry)
    timeout: float = DEFAULT_TIMEOUT
    """Seconds from an attempt's trigger to its end."""
    pace: Pace = field(default_factory=Pace)
    on_ambiguous: Literal["reconcile", "fail", "retry"] = "reconcile"
    on_interrupt: Literal["cancel", "leave"] = "leave"
    accept: frozenset[str] = frozenset()
    """Outcomes (ours or the vendor's word) taken as success."""
    allow_failure: bool = False
    fingerprint: str = ""
    """Changes when what the step does, when it does it, or its rendered inputs change; not with how it is
    awaited and retried."""
    place: str = ""
    """Changes when the step asks another kind, or a connection with other settings: a handle from before
    would be shown to a stranger."""
    runs: bool = False
    """It runs another pipeline, and has no connection of its own."""
    files: Mapping[str, Any] = field(default_factory=dict)
    """By parameter: what the file holds that `params` names in its place."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in topological order; ties keep the file's order."""

    pipeline: str
    digest: str
    context_time: datetime
    steps: tuple[PlannedStep, ...]
    scope: Mapping[str, Any]
    """The values templates see before anything has run: context_time, custom_variables, records, env."""
    concurrency: Concurrency | None = None
    """None: any number of runs may be under way."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What a run that runs this one may read at its end; late ones are templates."""


def bind(value: Any, scope: Mapping[str, Any]) -> Any:
    """Renders what was late in `value` (params, condition, items). Raises TemplateError.

    A ${{ that an early value brought along, such as one given with --set, is text and no template.
    """
    if isinstance(value, Template):
        return value.render(scope)
    if isinstance(value, Mapping):
        return {key: bind(inner, scope) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [bind(inner, scope) for inner in value]
    return value


def plan(
    pipeline: Pipeline,
    kinds: Mapping[str, Kind],
    connections: Mapping[str, Mapping[str, Any]],
    scope: Mapping[str, Any],
    *,
    defaults: Defaults,
    digest: str,
) -> Plan:
    """The plan of a pipeline that lint found valid. `defaults` are the project's.

    Without custom_variables or records in the scope it is a picture of the plan: these are late then, too.
    Raises UsageError when a value that became known only now cannot be rendered.
    """
    late = LATE | ({"custom_variables", "records"} - scope.keys())
    terms = _Terms((pipeline.defaults, defaults), late, {})
    steps = [
        _planned(id_, pipeline.steps[id_], kinds[pipeline.steps[id_].uses], connections, scope, terms)
        for id_ in _ordered(pipeline.steps)
    ]
    concurrency = _concurrency(pipeline.concurrency, scope, late)
    outputs = _outputs(pipeline.outputs, scope, late)
    return Plan(pipeline.name, digest, scope["context_time"], tuple(steps), scope, concurrency, outputs)


def with_children(plan: Plan, digests: Mapping[str, str]) -> Plan:
    """The plan whose steps change with what they run or read. `digests`: by step."""
    steps = (
        replace(step, fingerprint=fingerprint([step.fingerprint, digests[step.id]]))
        if step.id in digests
        else step
        for step in plan.steps
    )
    return replace(plan, steps=tuple(steps)) if digests else plan


def digest(
    pipeline: Any,
    records: Mapping[str, Any],
    connections: Mapping[str, Any],
    children: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """What `resume` compares: the pipeline's data (not its comments), its files, its connections.

    `children`: by step, the digest of the pipeline that it runs.
    """
    return fingerprint([pipeline, records, connections, *([children] if children else [])])


def _outputs(outputs: Mapping[str, Any], scope: Mapping[str, Any], late: frozenset[str]) -> dict[str, Any]:
    try:
        return {name: render(value, scope, late) for name, value in outputs.items()}
    except TemplateError as error:
        raise UsageError(f"outputs: {error.message}", error.hint) from None


def _concurrency(
    policy: ConcurrencyPolicy | None, scope: Mapping[str, Any], late: frozenset[str]
) -> Concurrency | None:
    if policy is None:
        return None
    found = template(policy.key)
    if found is not None and found.roots & late:
        return Concurrency(policy.key, policy.limit, policy.on_conflict)
    try:
        key = render(policy.key, scope)
    except TemplateError as error:
        raise UsageError(f"concurrency.key: {error.message}", error.hint) from None
    if isinstance(key, bool) or not isinstance(key, str | int | float) or not str(key).strip():
        raise UsageError(
            f"concurrency.key '{policy.key}' gives no text", "name what the runs share, such as a table"
        )
    return Concurrency(str(key).strip(), policy.limit, policy.on_conflict)


def _ordered(steps: Mapping[str, Step]) -> list[str]:
    """Topological; among those that are ready, the file's order."""
    place = {id_: number for number, id_ in enumerate(steps)}
    waiting = {id_: len(set(step.needs)) for id_, step in steps.items()}
    after: dict[str, list[str]] = {id_: [] for id_ in steps}
    for id_, step in steps.items():
        for need in dict.fromkeys(step.needs):
            after[need].append(id_)
    ready = [place[id_] for id_, count in waiting.items() if not count]
    names, order = list(steps), []
    while ready:
        id_ = names[heapq.heappop(ready)]
        order.append(id_)
        for next_ in after[id_]:
            waiting[next_] -= 1
            if not waiting[next_]:
                heapq.heappush(ready, place[next_])
    if len(order) < len(steps):
        raise UsageError("the steps need each other in a ring", "run `pipeforge lint` to see it")
    return order


@dataclass(frozen=True, slots=True)
class _Terms:
    """What holds for all steps."""

    layers: tuple[Defaults, ...]
    late: frozenset[str]
    places: dict[tuple[str, str], str]  # by kind and connection, as far as made: very many steps share one


def _planned(
    id_: str,
    step: Step,
    kind: Kind,
    connections: Mapping[str, Mapping[str, Any]],
    scope: Mapping[str, Any],
    terms: _Terms,
) -> PlannedStep:
    layers, late = terms.layers, terms.late | {step.foreach.as_} if step.foreach else terms.late
    try:
        params = render(step.with_, scope, late)
        condition = render(step.if_, scope, late)
        items = render(step.foreach.items, scope, late) if step.foreach else None
    except TemplateError as error:
        raise UsageError(f"step '{id_}': {error.message}", error.hint) from None
    runs = kind.name == subpipeline.NAME
    connection = "" if runs else step.connection or _only(kind.vendor, connections)
    settings = {key: value for key, value in connections.get(connection, {}).items() if key != "limits"}
    whom = step.uses, connection
    place = terms.places.get(whom) or terms.places.setdefault(whom, fingerprint([*whom, settings]))
    identity = [*whom, settings, params, step.run_when, condition, items, _early(step, scope, late)]
    foreach = Foreach(items, step.foreach.as_, step.foreach.max_parallel) if step.foreach else None
    return PlannedStep(
        id=id_,
        kind=kind,
        connection=connection,
        needs=tuple(dict.fromkeys(step.needs)),
        params=params,
        run_when=step.run_when,
        condition=condition,
        foreach=foreach,
        retry=_retry(_first(step.retry, layers, "retry")),
        timeout=_first(step.timeout, layers, "timeout") or DEFAULT_TIMEOUT,
        pace=_pace(_first(step.poll, layers, "poll"), kind.pace),
        on_ambiguous=_first(step.on_ambiguous, layers, "on_ambiguous") or "reconcile",
        on_interrupt=_first(step.on_interrupt, layers, "on_interrupt") or "leave",
        accept=frozenset(step.accept),
        allow_failure=step.allow_failure,
        fingerprint=fingerprint(identity),
        place=place,
        runs=runs,
    )


def _early(step: Step, scope: Mapping[str, Any], late: frozenset[str]) -> list[Any]:
    """The early values that stay inside late templates: they are inputs of the step too."""
    out = []
    for _, text in find([step.with_, step.if_, step.foreach.items if step.foreach else None]):
        found = template(text)
        if found and found.roots & late:
            out += [scope.get(root) for root in sorted(found.roots - late)]
    return out


def _only(vendor: str, connections: Mapping[str, Mapping[str, Any]]) -> str:
    names = [name for name, settings in connections.items() if settings.get("vendor") == vendor]
    if len(names) != 1:
        raise UsageError(f"{len(names)} connections have vendor '{vendor}'", "name one with `connection:`")
    return names[0]


def _first(own: Any, layers: tuple[Defaults, ...], name: str) -> Any:
    return next((one for one in (own, *(getattr(layer, name) for layer in layers)) if one is not None), None)


def _retry(policy: RetryPolicy | None) -> Retry:
    if policy is None:
        return Retry()
    return Retry(policy.max_attempts, policy.delay, policy.backoff, policy.max_delay, policy.jitter)


def _pace(chosen: PollPace | None, usual: Pace) -> Pace:
    if chosen is None:
        return usual
    first = chosen.interval or usual.first
    return Pace(first, max(first, chosen.max_interval or usual.longest), usual.factor)
