"""What was late in a step becomes values when it starts: its parameters, its `if`, its items."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from pipeforge.engine.state import StepState
from pipeforge.errors import PipeforgeError
from pipeforge.planning import Plan, PlannedStep, bind

# chosen: enough of a wrong value to recognise it by.
_SHOWN = 60


class Unbound(Exception):
    """A step cannot start with what it was given. Both texts are for a person."""

    def __init__(self, detail: str, hint: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint


class Scope:
    """The names a late template may use. Grows as steps end; never copied, so that a run stays linear."""

    __slots__ = ("_plan", "_run", "steps")

    def __init__(self, plan: Plan, run: str) -> None:
        self._plan = plan
        self._run = run
        self.steps: dict[str, dict[str, Any]] = {}

    def remember(self, step: str, end: StepState) -> None:
        """From now on `steps.<id>.outcome` and `.outputs` are known."""
        self.steps[step] = {"outcome": str(end.outcome), "outputs": end.outputs}

    def names(self, attempt: int = 1, item: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """All names. `item`: the foreach's own name and its value."""
        late = {"steps": self.steps, "run": {"id": self._run, "attempt": attempt}}
        return {**self._plan.scope, **late, **(item or {})}


def condition(step: PlannedStep, scope: Scope) -> bool:
    """Whether the step's `if` lets it run. Raises Unbound."""
    if step.condition is None or isinstance(step.condition, bool):
        return step.condition is not False
    value = _bound(step.condition, scope.names(), "`if`")
    if not isinstance(value, bool):
        raise Unbound(
            f"`if` must give true or false, not {_shown(value)}", "compare it with something, as in `x == 1`"
        )
    return value


def items(step: PlannedStep, scope: Scope) -> Sequence[Any]:
    """What a foreach goes over. Raises Unbound."""
    assert step.foreach is not None
    value = _bound(step.foreach.items, scope.names(), "`foreach.items`")
    if not isinstance(value, list | tuple):
        raise Unbound(f"`foreach.items` must give a list, not {_shown(value)}")
    return value


def params(step: PlannedStep, names: Mapping[str, Any]) -> BaseModel:
    """The parameters, rendered and checked. Raises Unbound naming each that is wrong."""
    rendered = {**_bound(step.params, names, "`with`"), **step.files}
    try:
        return step.kind.params.model_validate(rendered)
    except ValidationError as error:
        wrong = "; ".join(_wrong(dict(found)) for found in error.errors(include_url=False))
        raise Unbound(f"{step.kind.name!r} cannot take these parameters: {wrong}") from None


def outputs(plan: Plan, scope: Scope) -> dict[str, Any]:
    """What the run gives to one that runs it; without what a step that did not succeed would have given."""
    found = {}
    for name, value in plan.outputs.items():
        try:
            found[name] = json.loads(json.dumps(bind(value, scope.names()), default=_instant))
        except (PipeforgeError, TypeError, ValueError):
            continue
    return found


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _bound(value: Any, names: Mapping[str, Any], place: str) -> Any:
    try:
        return bind(value, names)
    except PipeforgeError as error:
        raise Unbound(f"{place}: {error.message}", error.hint) from None


def _wrong(found: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in found["loc"])
    message = found["msg"][:1].lower() + found["msg"][1:]
    got = "" if found["type"] == "missing" else f", got {_shown(found['input'])}"
    return f"{name!r}: {message}{got}" if name else f"{message}{got}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
