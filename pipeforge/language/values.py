"""The values a run begins with: what --set gave, what is computed from it, records, secrets, context_time."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeforge.errors import UsageError
from pipeforge.language.declaring import declared, fits
from pipeforge.language.document import read
from pipeforge.language.filters import plain, zone
from pipeforge.language.locating import lies_in
from pipeforge.language.nearest import suggest
from pipeforge.language.templating import TemplateError, find, render, template

if TYPE_CHECKING:
    from pipeforge.language.model import Pipeline


def given(pipeline: "Pipeline", assignments: Iterable[str]) -> dict[str, Any]:
    """`name=value` texts as typed values. Raises UsageError."""
    out: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise UsageError(f"'--set {assignment}' has no '='", "write --set name=value")
        if name not in pipeline.custom_variables:
            hint = suggest(name, pipeline.custom_variables, "custom variables")
            raise UsageError(f"no custom variable '{name}'", hint)
        out[name] = _typed(name, text, pipeline.custom_variables[name])
    return out


def handed(pipeline: "Pipeline", values: Mapping[str, Any]) -> dict[str, Any]:
    """What a pipeline that runs this one gives its custom variables, as JSON. Raises UsageError."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        if name not in pipeline.custom_variables:
            near = suggest(name, pipeline.custom_variables, "custom variables")
            raise UsageError(f"'{pipeline.name}' has no custom variable '{name}'", near)
        declaration = pipeline.custom_variables[name]
        out[name] = _plain(value)
        if declared(declaration) and not fits(out[name], declaration["type"]):
            type_ = declaration["type"]
            hint = f"give {_EXAMPLES[type_]}" if type_ in _EXAMPLES else "give a text: `| string`, `| iso`"
            raise UsageError(f"custom variable '{name}' of '{pipeline.name}' is not of type {type_}", hint)
        _allowed(name, out[name], declaration)
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float) else plain(value)


def _typed(name: str, text: str, declaration: Any) -> Any:
    type_ = declaration["type"] if declared(declaration) else "string"
    if type_ == "string":
        return _allowed(name, text, declaration)
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if not fits(value, type_):
        raise UsageError(f"'--set {name}={text}' is not of type {type_}", f"give {_EXAMPLES[type_]}")
    return _allowed(name, value, declaration)


_EXAMPLES = {
    "integer": "a whole number such as 7",
    "number": "a number such as 0.5",
    "boolean": "true or false",
    "array": "a JSON list such as [1,2]",
    "object": 'a JSON object such as {"a":1}',
}


def _allowed(name: str, value: Any, declaration: Any) -> Any:
    choices = declaration.get("enum") if declared(declaration) else None
    if choices is not None and value not in choices:
        hint = suggest(str(value), [str(choice) for choice in choices], "values")
        raise UsageError(f"custom variable '{name}' cannot be '{value}'", hint)
    return value


def custom_variables(
    pipeline: "Pipeline", given_: Mapping[str, Any], scope: Mapping[str, Any]
) -> dict[str, Any]:
    """Every custom variable's value, in the file's order. Raises UsageError."""
    out: dict[str, Any] = {}
    for name in pipeline.custom_variables:
        _resolve(name, pipeline.custom_variables, given_, out, {**scope, "custom_variables": out})
    return {name: out[name] for name in pipeline.custom_variables}


def _resolve(
    name: str,
    declarations: Mapping[str, Any],
    given_: Mapping[str, Any],
    out: dict[str, Any],
    scope: Mapping[str, Any],
    above: tuple[str, ...] = (),
) -> None:
    if name in out or name not in declarations:
        return
    if name in above:
        raise UsageError(f"custom variables need each other: {' -> '.join((*above, name))}", "break the ring")
    if name in given_:
        out[name] = given_[name]
        return
    declaration = declarations[name]
    if not declared(declaration):
        for other in mentioned(declaration, "custom_variables"):
            _resolve(other, declarations, given_, out, scope, (*above, name))
        out[name] = _rendered(f"custom variable '{name}'", declaration, scope)
    elif declaration.get("default") is not None:
        out[name] = declaration["default"]
    else:
        raise UsageError(f"custom variable '{name}' has no value", f"give it: --set {name}=…")


def mentioned(value: Any, root: str, *, unless: str = "") -> Iterable[str]:
    """What a value's templates name below a root, such as each variable of `custom_variables`.

    `unless`: not in expressions that use this filter.
    """
    for _, text in find(value):
        found = template(text)
        for expression in found.expressions if found else ():
            if unless not in expression.filters:
                yield from (path[1] for path in expression.paths if path[0] == root and path[1:])


def need_environment(value: Any, environment: Mapping[str, str]) -> None:
    """Raises UsageError for environment variables that templates name and that are not set.

    One that has a default may be left out.
    """
    named = dict.fromkeys(mentioned(value, "env", unless="default"))
    unset = [name for name in named if name not in environment]
    if unset:
        names = ", ".join(f"'{name}'" for name in unset)
        what = "variable" if len(unset) == 1 else "variables"
        verb = "is" if len(unset) == 1 else "are"
        raise UsageError(
            f"environment {what} {names} {verb} not set",
            f"export {' '.join(f'{name}=…' for name in unset)}, or write `| default(…)` in the template",
        )


def _rendered(what: str, value: Any, scope: Mapping[str, Any]) -> Any:
    try:
        return render(value, scope)
    except TemplateError as error:
        raise UsageError(f"{what}: {error.message}", error.hint) from None


def record_file(value: Any) -> str | None:
    """The path of a record (or a parameter) that stands in a file of its own, as the author wrote it."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("file"), str):
        return str(value["file"])
    return None


def load_file(pipeline: Path, root: Path, file: str, what: str) -> Any:
    """Data from a JSON or YAML file beside a pipeline. `what` it is, for messages.

    Raises UsageError, also for a path outside the project.
    """
    path = pipeline.parent / file
    if not lies_in(path, root.resolve()):
        raise UsageError(f"{what} file '{file}' lies outside the project", f"keep it under '{root}'")
    document = read(path.resolve())
    if document.faults:
        problem = document.faults[0][1]
        raise UsageError(f"{what} file '{file}': {problem.message}", problem.hint or "")
    return document.data


def given_files(given: Mapping[str, Any], names: Iterable[str], pipeline: Path, root: Path) -> dict[str, Any]:
    """By parameter: what the files hold that are given in place of values. Taken as it is: no templates.

    `names`: the parameters that may stand in files. Raises UsageError.
    """
    named = {name: record_file(given.get(name)) for name in names}
    return {name: load_file(pipeline, root, file, name) for name, file in named.items() if file}


def raw_records(pipeline: "Pipeline", path: Path, root: Path) -> dict[str, Any]:
    """Every record as written, those in files read. Raises UsageError."""
    return {
        name: load_file(path, root, file, "record") if (file := record_file(value)) else value
        for name, value in pipeline.records.items()
    }


def records(raw: Mapping[str, Any], scope: Mapping[str, Any]) -> dict[str, Any]:
    """Every record, rendered. Raises UsageError."""
    return {name: _rendered(f"record '{name}'", data, scope) for name, data in raw.items()}


def context_time(text: str | None, timezone: str, now: datetime) -> datetime:
    """The instant a run is for, cut to the second, in the pipeline's zone. Raises UsageError."""
    local = zone(timezone)
    if text is None:
        return now.astimezone(local).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        hint = "write 2026-01-31, 2026-01-31T02:00 or 2026-01-31T02:00:00+09:00"
        raise UsageError(f"'--context-time {text}' is not a time", hint) from None
    moment = moment.replace(tzinfo=local) if moment.tzinfo is None else moment.astimezone(local)
    return moment.replace(microsecond=0)
