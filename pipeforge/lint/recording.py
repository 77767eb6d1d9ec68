"""The records of a pipeline, in place or from files beside it, read by kintone's rules."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeforge.language import kintone
from pipeforge.language.diagnostics import Problem, Route
from pipeforge.language.document import Document, read_over
from pipeforge.language.locating import lies_in
from pipeforge.language.nearest import nearest
from pipeforge.language.reading import Unreadable
from pipeforge.language.saying import Said, say
from pipeforge.language.values import record_file
from pipeforge.lint.mending import rename
from pipeforge.lint.subject import RecordView, Subject

_RUNS = "krewdata.run_unit"
"""The kind that takes a record."""


def gather_records(subject: Subject) -> None:
    """Keeps what is wrong with each record; a file that cannot be read is noted."""
    records = subject.data.get("records")
    for name, value in records.items() if isinstance(records, Mapping) else ():
        route: Route = ("records", name)
        file = record_file(value)
        if file is None:
            _in_place(subject, route, value)
            continue
        message = say("record file '{file}' lies outside the project", file=file)
        document = read_beside(subject, file, (*route, "file"), "record-file", message)
        if document is not None and not document.broken:
            faults = tuple(kintone.faults(document.data))
            subject.records.append(RecordView(faults, (), document.data, document.path))
    _written_in_steps(subject)


def _written_in_steps(subject: Subject) -> None:
    """Warnings of records that stand in a step itself: what is wrong with those its parameters tell."""
    steps = subject.data.get("steps")
    for id_, step in steps.items() if isinstance(steps, Mapping) else ():
        given = step.get("with") if isinstance(step, Mapping) and step.get("uses") == _RUNS else None
        record = given.get("record") if isinstance(given, Mapping) else None
        if isinstance(record, Mapping):
            doubts = tuple(fault for fault in kintone.faults(record) if fault.severity == "warning")
            subject.records.append(RecordView(doubts, ("steps", id_, "with", "record"), record, None))


def _in_place(subject: Subject, route: Route, value: Any) -> None:
    if isinstance(value, Mapping) and len(value) == 1:
        key, inner = next(iter(value.items()))
        if isinstance(inner, str) and nearest(key, ["file"]):
            here = (*route, key)
            message, hint = say("unknown key '{key}'", key=key), say("did you mean '{near}'?", near="file")
            problem = Problem(here, message, hint, on_key=True, fix=rename(here, "file"))
            subject.note("record-file", problem)
            return
    subject.records.append(RecordView(tuple(kintone.faults(value)), route, value, None))


def read_beside(subject: Subject, file: str, route: Route, rule: str, outside: Said) -> Document | None:
    """A file beside the pipeline; it must lie in the project, and it is read once. Why not is noted."""
    path = subject.document.path.parent / file
    root = subject.project_document.path.parent.resolve()
    if not lies_in(path, root):
        subject.note(rule, Problem(route, outside, say("keep it beside the pipeline")))
        return None
    if path in subject.documents:
        return subject.documents[path]
    try:
        document = read_over(path, subject.texts)
    except Unreadable as error:
        subject.note(rule, Problem(route, error.message, _mend(path)))
        return None
    subject.documents[path] = document
    return document


def _mend(path: Path) -> Said:
    """The file that may have been meant, from the same folder."""
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    except OSError:
        names = []
    near = nearest(path.name, names)
    if near:
        return say("did you mean '{near}'?", near=near)
    return say("the path is taken from the pipeline's folder")
