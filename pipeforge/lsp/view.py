"""One file as far as it can be read at this moment, with all that its templates, steps and keys can name."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from pipeforge.adapter import Kind
from pipeforge.errors import UsageError
from pipeforge.language import project as projects
from pipeforge.language.diagnostics import Place, Route
from pipeforge.language.document import Document, parse, read_over
from pipeforge.lint.catalog import Catalog
from pipeforge.lint.gathering import gather
from pipeforge.lint.rules import RULES
from pipeforge.lint.subject import Subject
from pipeforge.lint.tongues import Language

Raw = tuple[int, int]
"""From one offset of the text up to another."""

_REPAIRS = 20
"""chosen: lines that are blanked, one by one, to make the rest of a broken file readable."""


class Reference(NamedTuple):
    """What the server is told from outside: it knows no vendor, no report and no address."""

    catalog: Catalog
    kind_page: Callable[[Kind], str]
    """A kind's page, in Markdown."""
    vendor_page: Callable[[str], str]
    names: Mapping[str, str]
    """What templates can name, such as `steps.ID.outcome`, and what each is."""
    rule_url: Callable[[str], str]
    language: Language = "en"
    """In which findings and pages of rules are told."""


class View(NamedTuple):
    """A file under the cursor."""

    path: Path
    text: str
    """Without a byte order mark."""
    document: Document
    """Its data; of a broken file what is left when the broken lines are blanked."""
    subject: Subject
    is_project: bool

    @property
    def data(self) -> Any:
        return self.document.data

    def at(self, route: Route) -> Any:
        """The data at a route; None where there is none."""
        value = self.document.data
        for part in route:
            if isinstance(value, Mapping):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value


def view(path: Path, text: str, texts: Mapping[Path, str], catalog: Catalog, line: int | None = None) -> View:
    """Reads a file. `texts`: what is open in the editor, by resolved path. `line`: the cursor's, from 0.

    Never raises: what cannot be read is left out.
    """
    text = text.removeprefix("\ufeff")
    document = _readable(path, text, line)
    is_project = path.name == projects.NAME
    if is_project:
        pipeline = parse(path.with_name("pipeline.yaml"), "{}\n")
        subject = Subject(pipeline, document, catalog, texts=texts)
    else:
        subject = Subject(document, _project(path, texts), catalog, texts=texts)
    subject.codes = tuple(rule.code for rule in RULES)
    gather(subject)
    return View(path, text, document, subject, is_project)


def _project(path: Path, texts: Mapping[Path, str]) -> Document:
    found = projects.find(path)
    try:
        if found is not None:
            return read_over(found, texts)
    except UsageError:
        pass  # lint says why it cannot be read; here it is as if there were none
    return parse(path.resolve().parent / projects.NAME, "{}\n")


def _readable(path: Path, text: str, line: int | None) -> Document:
    """The text, or as much of it as is YAML; every offset stays what it is."""
    document = parse(path, text)
    if not document.broken:
        return document
    lines = _lines(text)
    left = text
    for _ in range(_REPAIRS):
        number = line if line is not None else _broken_line(document)
        line = None
        if not 0 <= number < len(lines):
            break
        start, end = lines[number]
        left = left[:start] + " " * (end - start) + left[end:]
        document = parse(path, left)
        if not document.broken:
            return document
    return parse(path, " " * len(text)) if not document.data else document


def _broken_line(document: Document) -> int:
    spans = [problem.span for _, problem in document.faults if problem.span]
    if not spans:
        return -1
    # At the end of the text nothing is left to blank: the fault is in the last line that holds anything.
    written = document.text.rstrip().count("\n")
    return min(spans[-1].line - 1, written)


def _lines(text: str) -> list[Raw]:
    found, start = [], 0
    for end in re.finditer(r"\r\n|\n|\r", text):
        found.append((start, end.start()))
        start = end.end()
    return [*found, (start, len(text))]


class Spot(NamedTuple):
    """What of the data stands at an offset."""

    route: Route
    on_key: bool
    raw: Raw


def spot(view: View, at: int) -> Spot | None:
    """The innermost key or value that an offset lies in, its end included."""
    best: Spot | None = None
    route: Route = ()
    value = view.data
    while True:
        found = next(_children(view, route, value, at), None)
        if found is None:
            return best
        best = found
        if found.on_key:
            return best
        route = found.route
        value = view.at(route)


def _children(view: View, route: Route, value: Any, at: int) -> Iterator[Spot]:
    parts = (
        list(value) if isinstance(value, Mapping) else range(len(value)) if isinstance(value, list) else ()
    )
    for part in parts:
        here: Route = (*route, part)
        for on_key in (True, False):
            raw = view.document.exact(Place(here, on_key=on_key))
            if raw is not None and raw[0] <= at <= raw[1] and raw[0] < raw[1]:
                yield Spot(here, on_key, raw)


def models_of(view: View, name: str) -> type[BaseModel] | None:
    """The model of a connection's settings, by the connection's name."""
    found = view.subject.connections.get(name)
    return found.form.model if found and found.form else None
