"""Parameters that stand in files of their own beside the pipeline: read, and held to the kind's model."""

from collections.abc import Mapping
from typing import Any

from pipeforge.language.diagnostics import Problem, Route
from pipeforge.language.saying import say
from pipeforge.language.templating import OPEN
from pipeforge.language.values import record_file
from pipeforge.lint.examining import examine
from pipeforge.lint.recording import read_beside
from pipeforge.lint.subject import StepView, Subject

RULE = "parameter-file"


def gather_files(subject: Subject) -> None:
    """A file that cannot be read, and what is wrong in it, is noted where its path stands."""
    for step in subject.steps.values():
        params = subject.params.get(step.id)
        if step.kind is None or not step.kind.traits.files or not isinstance(params, Mapping):
            continue
        for name in step.kind.traits.files:
            file = record_file(params.get(name))
            if file is not None:
                _gather(subject, step, name, file)


def _gather(subject: Subject, step: StepView, name: str, file: str) -> None:
    route: Route = (*step.route, "with", name, "file")
    if OPEN in file:
        hint = say("write the path as it is: the file is read before anything is known that templates name")
        subject.note(RULE, Problem(route, say("a template cannot stand here"), hint))
        return
    message = say("file '{file}' lies outside the project", file=file)
    document = read_beside(subject, file, route, RULE, message)
    if document is None or document.broken:
        return
    for problem in _wrong(step, {**subject.params[step.id], name: document.data}, name, route):
        subject.note(RULE, problem)


def _wrong(step: StepView, given: Mapping[str, Any], name: str, route: Route) -> list[Problem]:
    assert step.kind is not None
    found = examine(step.kind.params, given, templates=True, noun=say("parameter")).faults
    return [Problem(route, fault.message, fault.hint) for fault in found if fault.route[:1] == (name,)]
