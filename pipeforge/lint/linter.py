"""Checks one pipeline and the project file that governs it: every finding, with its exact place."""

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeforge.language import project as projects
from pipeforge.language.diagnostics import Diagnostic, Fix, Place, Problem, Route, Span
from pipeforge.language.document import Document, read_over
from pipeforge.language.reading import Unreadable, digest_of
from pipeforge.language.saying import say
from pipeforge.language.surroundings import ABSENT, LOCK
from pipeforge.lint import children, filing
from pipeforge.lint.catalog import Catalog
from pipeforge.lint.editing import placed
from pipeforge.lint.gathering import gather
from pipeforge.lint.results import Inputs
from pipeforge.lint.rule import Rule
from pipeforge.lint.rules import RULES, suppression
from pipeforge.lint.subject import Subject
from pipeforge.lint.telling import told
from pipeforge.lint.tokens import exposed, hidden
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.loading import load

if TYPE_CHECKING:
    from pipeforge.language.model import Pipeline
    from pipeforge.language.project_model import Project

LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
"""A line with its end, as positions count them."""

_LOCAL = frozenset(["mapping-as-key", "tag", "unknown-alias", "odd-blank", "full-width"])
"""Faults of the text after which its value is not what was meant: nothing more is said of that place."""

_ELSEWHERE = frozenset(["missing-key", "no-connection", "unknown-connection"])
"""What may stand in the second document of a file, which is not read."""

_CODES = tuple(rule.code for rule in RULES)

_NO_TEXTS: Mapping[Path, str | bytes] = {}


class Report(NamedTuple):
    """What a check found."""

    diagnostics: tuple[Diagnostic, ...]
    """By file, place and code."""
    is_whole: bool
    """Whether the envelope is valid."""
    shared: Mapping[str, Any]
    """The project file as it is, when it is valid."""
    data: Any
    """The pipeline as plain data, as written."""
    texts: Mapping[Path, str]
    """Every file that was read, written-out credentials masked; for showing lines of it."""
    inputs: Inputs | None
    """What all this depends on, beside the arguments; None where more was looked at than can be told."""

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.severity == "error")

    @property
    def pipeline(self) -> "Pipeline | None":
        """The model, made anew each time; None when the envelope is not valid."""
        model = load("pipeforge.language.model:Pipeline")
        made: Pipeline | None = model.model_validate(self.data) if self.is_whole else None
        return made

    @property
    def project(self) -> "Project":
        """The model, made anew each time; its defaults when there is no valid project file."""
        made: Project = load("pipeforge.language.project_model:Project").model_validate(self.shared)
        return made


def check(
    path: Path,
    catalog: Catalog,
    *,
    environment: str | None = None,
    ignore: Sequence[str] = (),
    texts: Mapping[Path, str | bytes] = _NO_TEXTS,
    language: Language = "en",
) -> Report:
    """Checks the pipeline at `path`. `ignore`: codes, or how they begin, beside those of the project file.

    `texts`: by resolved path, what to take for the content of files instead of what is on disk.
    `language`: that of the messages. Raises Unreadable when a file cannot be read at all.
    """
    return examined(taken_apart(path, catalog, environment, texts), ignore=ignore, language=language)


def examined(subject: Subject, *, ignore: Sequence[str] = (), language: Language = "en") -> Report:
    """What is wrong with what was taken apart, as `check` tells it."""
    for read in subject.documents.values():
        if read.broken:
            load("pipeforge.lint.slips:explain")(read)
    silenced = tuple(code for code in (*ignore, *_silenced(subject)) if code)
    found = _apply(
        [rule for rule in RULES if not rule.code.startswith(silenced)] if silenced else RULES, subject
    )
    found = _without_consequences(subject, found)
    if len(found) > 1:
        found = load("pipeforge.lint.echoes:without_echoes")(subject.documents, found)
    found = _unsuppressed(subject, found, silenced)
    tongue = catalogue(language)
    return Report(
        tuple(sorted(dict.fromkeys(told(one, tongue) for one in found), key=lambda one: one.order)),
        subject.is_whole,
        subject.shared,
        subject.document.data,
        {
            file: _masked(subject, file) if found or subject.texts else inner.text
            for file, inner in subject.documents.items()
        },
        _inputs(subject),
    )


def taken_apart(
    path: Path, catalog: Catalog, environment: str | None, texts: Mapping[Path, str | bytes] = _NO_TEXTS
) -> Subject:
    """The pipeline and all that governs it, as rules look at it. Raises Unreadable."""
    if path.name == projects.NAME:
        hint = say("name a pipeline: the project file is checked with each that it governs")
        raise Unreadable(path, say("'{path}' is the project file, no pipeline", path=path), hint)
    document = read_over(path, texts)
    project_document = _shown(path, projects.load(path))
    if texts and project_document.path.resolve() in texts:
        project_document = read_over(project_document.path, texts)
    subject = Subject(document, project_document, catalog, environment, _CODES, texts)
    gather(subject)
    _find_lock(subject)
    return subject


def _find_lock(subject: Subject) -> None:
    """What is kept of the vendors' side, unless somebody has just looked."""
    subject.lock = subject.catalog.lock
    if subject.lock is None and subject.catalog.by_lock:
        subject.lock_path = subject.project_document.path.with_name(LOCK)
        if os.path.lexists(subject.lock_path):
            load("pipeforge.lint.named_things:take")(subject, subject.lock_path)


def _inputs(subject: Subject) -> Inputs | None:
    if not subject.problems.keys().isdisjoint(("record-file", filing.RULE, children.ABSENT)):
        return None  # its hint tells what else is in the folder
    pipeline, project = subject.document, subject.project_document
    others = [one for one in subject.documents.values() if one is not pipeline and one is not project]
    others += [child.document for child in subject.children.values()]
    locks = [(str(subject.lock_path), digest_of(subject.lock_path))] if subject.lock_path else []
    real = str(project.path.parent.resolve() / projects.NAME) if project.digest else ABSENT
    read = [(str(other.path), other.digest) for other in others]
    return Inputs(pipeline.digest, (real, project.digest), (*read, *locks))


def _unsuppressed(subject: Subject, found: list[Diagnostic], silenced: tuple[str, ...]) -> list[Diagnostic]:
    """What comments do not suppress, and what is wrong with them."""
    if not any(suppression.MARK in document.text for document in subject.documents.values()):
        return found
    kept: list[Diagnostic] = load("pipeforge.lint.suppressing:suppress")(subject, found, silenced)
    rules = [rule for rule in suppression.RULES if not rule.code.startswith(silenced)]
    return kept + _apply(rules, subject)


def _shown(path: Path, document: Document) -> Document:
    """The project file under a path as short as the pipeline's own."""
    here = Path.cwd()
    if not path.is_absolute() and document.path.is_relative_to(here):
        document.path = document.path.relative_to(here)
    return document


def _silenced(subject: Subject) -> Iterator[str]:
    settings = subject.shared.get("lint", {})
    yield from settings.get("ignore", ())
    per_path = settings.get("per_path")
    if not per_path:
        return
    root = subject.project_document.path.parent.resolve()
    path = subject.document.path.resolve()
    if path.is_relative_to(root):
        relative = path.relative_to(root).as_posix()
        for glob, codes in per_path.items():
            if fnmatch.fnmatchcase(relative, glob):
                yield from codes


def _apply(rules: Iterable[Rule], subject: Subject) -> list[Diagnostic]:
    return [_placed(rule, problem, subject) for rule in rules for problem in rule.check(subject)]


def _placed(rule: Rule, problem: Problem, subject: Subject) -> Diagnostic:
    path = problem.path or subject.document.path
    document = subject.documents[path]
    renamed = subject.renamed.get(path, {})
    place = written(problem.place, renamed)
    return Diagnostic(
        path=path,
        span=problem.span or document.locate(place),
        code=rule.code,
        rule=rule.name,
        severity=rule.severity,
        message=problem.message,
        hint=problem.hint or None,
        see_also=tuple(
            (also if isinstance(also, Span) else document.locate(written(also, renamed)), label)
            for also, label in problem.see_also
        ),
        fix=_fix(document, problem, renamed),
    )


def _fix(document: Document, problem: Problem, renamed: Mapping[Route, str]) -> Fix | None:
    if problem.fix is None:
        return None
    edits = tuple(edit._replace(place=written(edit.place, renamed)) for edit in problem.fix.edits)
    return placed(document, problem.fix._replace(edits=edits))


def written(place: Place, renamed: Mapping[Route, str]) -> Place:
    """A place by the keys as they stand in the file."""
    if not renamed:
        return place
    route = tuple(renamed.get(place.route[: n + 1], part) for n, part in enumerate(place.route))
    return place._replace(route=route)


def _without_consequences(subject: Subject, found: list[Diagnostic]) -> list[Diagnostic]:
    """Leaves out what only follows from a fault of the text at the same place."""
    torn = {one.path for one in found if one.rule == "many-documents"}
    if torn:
        found = [one for one in found if one.path not in torn or one.rule not in _ELSEWHERE]
    spans = [(one.path, one.span) for one in found if one.rule in _LOCAL]
    if not spans:
        return found
    return [
        one
        for one in found
        if one.code < "PF1" or not any(one.path == path and _touch(one.span, span) for path, span in spans)
    ]


def _touch(one: Span, fault: Span) -> bool:
    """Whether a finding begins with the fault, or one bracket before it."""
    start = (one.line, one.column)
    return (fault.line, fault.column - 1) <= start <= (fault.end_line, fault.end_column)


def _masked(subject: Subject, path: Path) -> str:
    """A file's text with its written-out credentials made unreadable, every character at its place."""
    document = subject.documents[path]
    renamed = subject.renamed.get(path, {})
    secret = [*subject.literals, *exposed(subject)]
    routes = [route for file, route in secret if (file or subject.document.path) == path]
    if not routes:
        return hidden(document.text)
    lines = LINE.findall(document.text)
    for route in routes:
        span = document.locate(written(Place(route), renamed))
        for number in range(span.line, span.end_line + 1):
            line = lines[number - 1]
            start = span.column - 1 if number == span.line else 0
            end = span.end_column - 1 if number == span.end_line else len(line.rstrip("\r\n"))
            lines[number - 1] = line[:start] + "•" * (end - start) + line[end:]
    return hidden("".join(lines))
