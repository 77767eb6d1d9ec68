"""Takes a pipeline and its project file apart: each part validated alone, so that none hides another."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeforge.language import scope
from pipeforge.language.declaring import declared
from pipeforge.language.diagnostics import Problem, Route
from pipeforge.language.document import Document
from pipeforge.language.forms import Form
from pipeforge.language.nearest import nearest
from pipeforge.language.saying import say
from pipeforge.language.values import record_file
from pipeforge.lint.children import gather_children
from pipeforge.lint.connecting import connect
from pipeforge.lint.examining import examine
from pipeforge.lint.faults import Fault
from pipeforge.lint.filing import gather_files
from pipeforge.lint.full_width import in_data, in_values
from pipeforge.lint.joined import needs
from pipeforge.lint.recording import gather_records
from pipeforge.lint.subject import StepView, Subject
from pipeforge.lint.using import uses
from pipeforge.lint.wording import said

_MOST_STEPS = 100_000
"""chosen: what is still checked in seconds, and a hundred times what anybody has written."""


def gather(subject: Subject) -> Subject:
    """Fills the subject of one pipeline. Never raises: what cannot be read is noted and left out."""
    document, project_document = subject.document, subject.project_document
    subject.documents[document.path] = document
    subject.documents[project_document.path] = project_document
    _project(subject)
    if not _readable(subject, document, None) or _too_long(subject):
        connect(subject)  # those of the project file: what is secret there stays so
        return subject
    _envelope(subject)
    _variables(subject)
    _steps(subject)
    connect(subject)
    gather_records(subject)
    gather_files(subject)
    gather_children(subject)
    _names(subject)
    subject.uses = list(uses(subject))
    return subject


def _readable(subject: Subject, document: Document, path: Path | None) -> bool:
    """Whether there is a mapping to look into; why not is noted."""
    if document.broken:
        return False
    if document.data is None:
        subject.note(
            "empty-file", Problem((), say("the file is empty"), say("run `pipeforge init`"), path=path)
        )
        return False
    if not isinstance(document.data, Mapping):
        hint = say("a key wants a colon and a space after it: `name: nightly`")
        message = say("expected a mapping at the top, got {data}", data=said(document.data))
        subject.note("not-a-mapping", Problem((), message, hint, path=path))
        return False
    stray = in_data(document)
    for rule, problem in stray:
        subject.note(rule, problem._replace(path=path))
    for rule, problem in in_values(document):
        subject.note(rule, problem._replace(path=path))
    return not stray


def _too_long(subject: Subject) -> bool:
    """Whether there are so many steps that looking at each would take minutes."""
    steps, text = subject.document.data.get("steps"), subject.document.text
    if not isinstance(steps, Mapping) or len(steps) <= _MOST_STEPS:
        return False
    found = re.search(r"(?m)^['\"]?(steps)", text)
    span = subject.document.span(found.span(1) if found else (0, 1))
    message = say("{count} steps are more than {most}", count=len(steps), most=_MOST_STEPS)
    hint = say("split the pipeline: a step with uses: pipeline runs another one")
    subject.faults.append(Fault("value", ("steps",), message, hint, True, span=span))
    return True


def _project(subject: Subject) -> None:
    document = subject.project_document
    if (document.data is None and not document.faults) or not _readable(subject, document, document.path):
        return
    examined = examine(subject.catalog.project, document.data)
    subject.project_data = examined.data
    subject.renamed[document.path] = dict(examined.renamed)
    subject.faults += [fault.below((), "envelope", document.path) for fault in examined.faults]
    subject.shared = document.data if examined.is_right else {}


def _envelope(subject: Subject) -> None:
    examined = examine(subject.catalog.pipeline, subject.document.data)
    subject.data = examined.data
    subject.renamed[subject.document.path] = dict(examined.renamed)
    subject.faults += examined.faults
    subject.is_whole = examined.is_right


def _variables(subject: Subject) -> None:
    variables = subject.data.get("custom_variables")
    for name, value in variables.items() if isinstance(variables, Mapping) else ():
        route = ("custom_variables", name)
        if not _meant_as_declaration(value):
            subject.variables[name] = value
            continue
        examined = examine(subject.catalog.variable, value)
        subject.variables[name] = examined.data
        subject.faults += [fault.below(route, "envelope") for fault in examined.faults]
        subject.keep(None, route, examined.renamed)


def _meant_as_declaration(value: Any) -> bool:
    if declared(value):
        return True
    return isinstance(value, dict) and any(
        nearest(key, ["type"]) and isinstance(inner, str) and inner in _TYPES for key, inner in value.items()
    )


_TYPES = frozenset(["string", "integer", "number", "boolean", "array", "object"])


def _steps(subject: Subject) -> None:
    steps = subject.data.get("steps")
    views = {}
    for id_, step in steps.items() if isinstance(steps, dict) else ():
        views[id_] = view = _step(subject, id_, step if isinstance(step, dict) else {})
        if view.kind is not None:
            _params(subject, view)
    subject.steps = views


def _step(subject: Subject, id_: str, step: Mapping[str, Any]) -> StepView:
    route: Route = ("steps", id_)
    uses_ = step.get("uses")
    kind = subject.catalog.kinds.get(uses_) if isinstance(uses_, str) else None
    foreach = step.get("foreach")
    item = foreach.get("as", "item") if isinstance(foreach, dict) else None
    return StepView(
        id_,
        route,
        step,
        needs(subject, (*route, "needs"), step.get("needs")),
        uses_ if isinstance(uses_, str) else None,
        kind,
        item if isinstance(item, str) else None,
    )


def _params(subject: Subject, step: StepView) -> None:
    """The kind is chosen by `uses` first; then that one model is asked, and no other."""
    assert step.kind is not None
    given = step.data.get("with", {})
    if not isinstance(given, dict):
        return
    base = (*step.route, "with")
    examined = examine(step.kind.params, given, templates=True, noun=_PARAMETER, traits=step.kind.traits)
    subject.faults += [fault.below(base, "params") for fault in examined.faults]
    subject.keep(None, base, examined.renamed)
    subject.params[step.id] = examined.data


_PARAMETER = say("parameter")


def _names(subject: Subject) -> None:
    records = subject.data.get("records")
    steps = {
        id_: scope.of_step(_outputs(subject, step), each=step.item is not None)
        for id_, step in subject.steps.items()
    }
    env = subject.project_data.get("env")
    subject.names = scope.Scope(
        custom_variables={name: scope.of_variable(value) for name, value in subject.variables.items()},
        records={name: _record(value) for name, value in records.items()}
        if isinstance(records, Mapping)
        else {},
        steps=steps,
        env=[name for name in env if isinstance(name, str)] if isinstance(env, list) else [],
    ).names()


def _outputs(subject: Subject, step: StepView) -> Form | scope.Names | None:
    """What a step gives: of one that runs a pipeline, what that declares."""
    if step.id not in subject.runs:
        return step.kind.outputs if step.kind else None
    child = subject.children[subject.runs[step.id]]
    outputs = child.data.get("outputs")
    hint = say("declare it under outputs: in '{file}'", file=child.document.path.name)
    named = (
        {name: scope.of_value(value) for name, value in outputs.items()}
        if isinstance(outputs, Mapping)
        else {}
    )
    return scope.Names(say("output"), named, hint)


def _record(value: Any) -> scope.Names:
    return scope.ANYTHING if record_file(value) else scope.of_value(value)
