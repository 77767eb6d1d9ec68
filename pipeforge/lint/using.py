"""Every text with templates in a pipeline, parsed once, with the section it stands in."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeforge.language.diagnostics import Route
from pipeforge.language.templating import Expression, TemplateError, find, template
from pipeforge.language.templating import Path as TemplatePath
from pipeforge.lint.subject import Section, StepView, Subject, Use


def uses(subject: Subject) -> Iterator[Use]:
    """In the file's order, then those of other files."""
    for key, value in subject.data.items():
        if key == "custom_variables":
            for name, variable in subject.variables.items():
                yield from _in(variable, ("custom_variables", name), "custom_variables")
        elif key == "records":
            yield from _in(value, ("records",), "records")
        elif key == "connections":
            yield from _in(value, ("connections",), "connections")
        elif key == "concurrency":
            yield from _in(value, ("concurrency",), "concurrency")
        elif key == "outputs":
            yield from _in(value, ("outputs",), "outputs")
        elif key == "steps":
            for step in subject.steps.values():
                yield from _of_step(subject, step)
    yield from _elsewhere(subject)


def _elsewhere(subject: Subject) -> Iterator[Use]:
    """In the project file and in the files of records."""
    project = subject.project_document.path
    for key in ("connections", "environments"):
        yield from _in(subject.project_data.get(key), (key,), "connections", path=project)
    for record in subject.records:
        if record.path is not None:
            yield from _in(subject.documents[record.path].data, (), "records", path=record.path)


def _of_step(subject: Subject, step: StepView) -> Iterator[Use]:
    for key, value in step.data.items():
        if key not in _TEMPLATED:
            continue
        if key == "with":
            params = subject.params.get(step.id, value)
            yield from _in(params, (*step.route, key), "with", step)
        elif key == "if":
            yield from _in(value, (*step.route, key), "if", step)
        elif key == "foreach" and isinstance(value, Mapping):
            yield from _in(value.get("items"), (*step.route, key, "items"), "foreach", step)


_TEMPLATED = frozenset(["with", "if", "foreach"])


def _in(
    value: Any, route: Route, section: Section, step: StepView | None = None, path: Path | None = None
) -> list[Use]:
    return [Use(where, section, step, *_read(text), path, text) for where, text in find(value, route)]


@lru_cache(maxsize=8192)
def _read(text: str) -> tuple[tuple[tuple[Expression, TemplatePath], ...], tuple[TemplateError, ...]]:
    names: list[tuple[Expression, TemplatePath]] = []
    errors = []
    try:
        found = template(text)
    except TemplateError as error:
        return (), (error,)
    for expression in found.expressions if found else ():
        try:
            names += [(expression, path) for path in expression.paths]
        except TemplateError as error:
            errors.append(error)
    return tuple(names), tuple(errors)
