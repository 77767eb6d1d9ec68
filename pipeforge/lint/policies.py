"""What holds for a step by itself or by default, and where that is written; which connection it uses."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeforge.language import durations
from pipeforge.language.diagnostics import Route
from pipeforge.lint.subject import ConnectionView, StepView, Subject


class Policy(NamedTuple):
    """A setting as the author gave it."""

    value: Any
    route: Route
    path: Path | None
    """The file, when that is not the pipeline itself."""
    own: bool
    """Whether the step itself says so."""


def policy(subject: Subject, step: StepView, key: str) -> Policy | None:
    """What a step says, or else the defaults of its pipeline, or else those of the project."""
    own = step.data.get(key)
    if own is not None:
        return Policy(own, (*step.route, key), None, own=True)
    for data, path in ((subject.data, None), (subject.project_data, subject.project_document.path)):
        defaults = data.get("defaults")
        if isinstance(defaults, dict) and defaults.get(key) is not None:
            return Policy(defaults[key], ("defaults", key), path, own=False)
    return None


def everywhere(subject: Subject, key: str) -> Iterator[tuple[Policy, list[StepView]]]:
    """Each place where a setting is written, once, with the steps of a known kind for which it holds."""
    if not subject.may_have(key):
        return
    others: tuple[Policy, list[StepView]] | None = None
    for step in subject.steps.values():
        given = policy(subject, step, key) if step.kind is not None else None
        if given is not None and given.own:
            yield given, [step]
        elif given is not None:
            others = others or (given, [])
            others[1].append(step)
    if others is not None:
        yield others


def seconds(value: Any) -> float | None:
    """A duration in seconds; None where it is none, which another rule tells."""
    try:
        return durations.seconds(value) if isinstance(value, str) else None
    except ValueError:
        return None


def attempts(subject: Subject, step: StepView) -> tuple[int, Policy] | None:
    """How often a step is tried in all, and where that is said; None where it is not tried again."""
    given = policy(subject, step, "retry") if subject.may_have("retry") else None
    most = given.value.get("max_attempts") if given and isinstance(given.value, Mapping) else None
    return (most, given) if given and isinstance(most, int) and most > 1 else None


def connections(subject: Subject) -> Mapping[str, ConnectionView]:
    """By step, the connection it uses, as far as that is clear."""
    if subject.used is None:
        subject.used = _used(subject)
    return subject.used


def _used(subject: Subject) -> dict[str, ConnectionView]:
    by_vendor: dict[str | None, list[ConnectionView]] = {}
    for there in subject.connections.values():
        by_vendor.setdefault(there.vendor, []).append(there)
    used = {}
    for step in subject.steps.values():
        name = step.data.get("connection")
        view: ConnectionView | None
        if isinstance(name, str):
            view = subject.connections.get(name)
        else:
            candidates = by_vendor.get(step.kind.vendor, []) if step.kind else []
            view = candidates[0] if name is None and len(candidates) == 1 else None
        if view is not None and view.form is not None:
            used[step.id] = view
    return used


def setting_place(subject: Subject, view: ConnectionView, key: str) -> tuple[Route, Path | None]:
    """Where a connection's setting is written: in the chosen environment where that changes it."""
    environments = subject.project_data.get("environments")
    chosen = environments.get(subject.environment) if isinstance(environments, Mapping) else None
    overlays = chosen.get("connections") if isinstance(chosen, Mapping) else None
    overlay = overlays.get(view.name) if isinstance(overlays, Mapping) else None
    if isinstance(overlay, Mapping) and key in overlay:
        route = ("environments", str(subject.environment), "connections", view.name, key)
        return route, subject.project_document.path
    return (*view.route, key), view.path
