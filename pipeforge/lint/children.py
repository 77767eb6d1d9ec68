"""The pipelines that steps run: found, read as far as the one that runs them must know them, rings told."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeforge.language import subpipeline
from pipeforge.language.diagnostics import Edit, Fix, Place, Problem, Route
from pipeforge.language.document import Document, read_over
from pipeforge.language.locating import lies_in
from pipeforge.language.nearest import nearest
from pipeforge.language.reading import Unreadable
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import OPEN
from pipeforge.lint.subject import StepView, Subject

PROBLEM = "sub-pipeline"
ABSENT = "sub-pipeline-absent"
"""What is noted under these is told by one rule; after the latter the folder was looked through."""


def gather_children(subject: Subject) -> None:
    """Fills `runs` and `children`, and notes what keeps a step's pipeline from being run."""
    for step in _steps(subject):
        if "connection" in step.data:
            subject.note(PROBLEM, _connected(step))
        path, route = _path(subject, step), (*step.route, "with", "path")
        if path is None:
            continue
        if OPEN in path:
            hint = say("write the path itself: what a pipeline runs is known before it runs")
            subject.note(PROBLEM, Problem(route, say("the path of a pipeline cannot be a template"), hint))
            continue
        found = _child(subject, path, route)
        if found is not None:
            _enter(subject, step, found, route)


def _steps(subject: Subject) -> Iterator[StepView]:
    return (s for s in subject.steps.values() if s.kind is not None and s.kind.name == subpipeline.NAME)


def _path(subject: Subject, step: StepView) -> str | None:
    params = subject.params.get(step.id)
    path = params.get("path") if isinstance(params, Mapping) else None
    return path if isinstance(path, str) and path else None


def _connected(step: StepView) -> Problem:
    route: Route = (*step.route, "connection")
    fix = Fix(say("remove it"), (Edit(Place(route), how="remove"),))
    hint = say("remove it: the steps of that pipeline name their own")
    return Problem(route, say("a step that runs a pipeline has no connection"), hint, on_key=True, fix=fix)


def _child(subject: Subject, path: str, route: Route) -> Document | None:
    """The document of a child that can be run as far as can be seen from here; why not is noted."""
    file = subpipeline.target(subject.document.path, path)
    if not lies_in(file, subject.project_document.path.parent.resolve()):
        message = say("pipeline '{path}' lies outside the project", path=path)
        subject.note(PROBLEM, Problem(route, message, say("keep it in the folder of the project file")))
        return None
    try:
        document = _read(subject, file)
    except Unreadable as error:
        subject.note(ABSENT, Problem(route, error.message, _mend(file, path)))
        return None
    if document.broken:
        message = say("'{path}' cannot be read as YAML", path=path)
        subject.note(PROBLEM, Problem(route, message, say("run `pipeforge lint` on it")))
    elif not isinstance(document.data, Mapping) or not isinstance(document.data.get("steps"), Mapping):
        hint = say("name a file with steps: of its own")
        subject.note(PROBLEM, Problem(route, say("'{path}' is not a pipeline", path=path), hint))
    else:
        return document
    subject.children[file.resolve()] = _light(subject, document)  # what was read, for whoever keeps results
    return None


def _read(subject: Subject, file: Path) -> Document:
    known = subject.children.get(file.resolve())
    return known.document if known else read_over(file, subject.texts)


def _mend(file: Path, path: str) -> Said:
    """The file that may have been meant, from the same folder."""
    try:
        names = [entry.name for entry in file.parent.iterdir() if entry.is_file()]
    except OSError:
        names = []
    near = nearest(file.name, names)
    if near:
        return say("did you mean '{near}'?", near=str(Path(path).with_name(near)))
    return say("the path is taken from the pipeline's folder")


def _enter(subject: Subject, step: StepView, document: Document, route: Route) -> None:
    """Takes a child and all below it in; a ring, or too many levels, are noted instead."""
    above = [subject.document.path]
    bad = _below(subject, document, above)
    if bad is None:
        subject.runs[step.id] = document.path.resolve()
        return
    chain = " -> ".join(one.name for one in bad)
    if bad[-1].resolve() in [one.resolve() for one in bad[:-1]]:
        message = say("pipelines run each other in a ring: {chain}", chain=chain)
        hint = say("take one of them out of the ring: none of them could ever end")
    else:
        message = say(
            "pipelines run each other {count} levels deep: {chain}", count=len(bad) - 1, chain=chain
        )
        hint = say("run some of them side by side instead; {most} levels are allowed", most=subpipeline.MOST)
    subject.note(PROBLEM, Problem(route, message, hint))


def _below(root: Subject, document: Document, above: list[Path]) -> list[Path] | None:
    """Reads what is below one file, each file once. The way to a ring or below the last level, if any."""
    path = document.path.resolve()
    way = [*above, document.path]
    if path in [one.resolve() for one in above] or len(way) > subpipeline.MOST + 1:
        return way
    if path in root.children:
        return _again(root, root.children[path], way)
    child = root.children[path] = _light(root, document)
    found: list[Path] | None = None
    for step in _steps(child):
        given = step.data.get("with")
        inner = given.get("path") if isinstance(given, Mapping) else None
        if not isinstance(inner, str) or not inner or OPEN in inner:
            continue
        next_ = _quietly(root, subpipeline.target(document.path, inner))
        if next_ is None:
            continue
        bad = _below(root, next_, way)
        if bad is None:
            below = next_.path.resolve()
            child.runs[step.id] = below
            child.levels = max(child.levels, 1 + root.children[below].levels)
        found = found or bad
    return found


def _again(root: Subject, child: Subject, way: list[Path]) -> list[Path] | None:
    """The same for a file that was entered before by another way: only how deep it leads can be new."""
    if len(way) + child.levels <= subpipeline.MOST + 1:
        return None
    while child.runs:
        child = max((root.children[path] for path in child.runs.values()), key=lambda one: one.levels)
        way = [*way, child.document.path]
    return way


def _quietly(root: Subject, file: Path) -> Document | None:
    """A file further down; what is wrong with it is told where it is run from."""
    if not lies_in(file, root.project_document.path.parent.resolve()):
        return None
    try:
        document = _read(root, file)
    except Unreadable:
        return None
    return document if isinstance(document.data, Mapping) and not document.broken else None


def _light(root: Subject, document: Document) -> Subject:
    """A child as far as types and names of its outputs, and its variables, depend on it."""
    child = Subject(document, root.project_document, root.catalog, texts=root.texts)
    child.children, child.handed = root.children, root.handed
    child.data = document.data if isinstance(document.data, Mapping) else {}
    variables, steps = child.data.get("custom_variables"), child.data.get("steps")
    child.variables = dict(variables) if isinstance(variables, Mapping) else {}
    if isinstance(steps, Mapping):
        child.steps = {id_: _view(root, id_, step) for id_, step in steps.items()}
    return child


def _view(root: Subject, id_: str, step: Any) -> StepView:
    data = step if isinstance(step, Mapping) else {}
    uses, foreach = data.get("uses"), data.get("foreach")
    kind = root.catalog.kinds.get(uses) if isinstance(uses, str) else None
    item = foreach.get("as", "item") if isinstance(foreach, Mapping) else None
    return StepView(id_, ("steps", id_), data, (), uses if isinstance(uses, str) else None, kind, item)
