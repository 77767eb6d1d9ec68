"""Any YAML text by its parser: data, places, what is wrong. With `folding` the door to ruamel.yaml."""

import re
from collections.abc import Iterator
from typing import Any

from _ruamel_yaml import CParser
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pipeforge.language.building import Builder
from pipeforge.language.complaints import MENDS, mend_of
from pipeforge.language.diagnostics import Problem
from pipeforge.language.document import BREAK, Document, Index, Raw
from pipeforge.language.saying import overheard, say

_BEGUN = "quoted scalar|could not find expected ':'"


def with_places(document: Document) -> None:
    """Reads the text of a document into it: data, and all that is wrong, each with its place."""

    def note(rule: str, offending: str, raw: Raw, first: Raw | None) -> None:
        message, hint = MENDS[rule]
        seen = ((document.span(first), say("first given here")),) if first else ()
        problem = Problem(
            (),
            message.fill(name=repr(offending.replace("tag:yaml.org,2002:", "!!"))),
            hint,
            span=document.span(raw),
            see_also=seen,
        )
        document.faults.append((rule, problem))

    builder = Builder(note)
    try:
        for event in _events(document.text):
            if type(event).__name__ == "DocumentStartEvent" and builder.data is not None:
                note("many-documents", "", (event.start_mark.index, event.end_mark.index), None)
                break
            if not builder.take(event):
                break
    except YAMLError as error:
        document.faults.append(("syntax", _syntax(document, error)))
    document.data, document.keys = builder.data, builder.keys
    document.texts, document.respelt = builder.texts, builder.respelt


def _events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    finally:
        parser.dispose()


def opaque(text: str) -> list[tuple[int, int]]:
    """Where `#` begins no comment: quoted texts, those of several lines, block scalars below their header."""
    found = []
    try:
        for event in _events(text):
            if type(event).__name__ == "ScalarEvent":
                start, end = event.start_mark.index, event.end_mark.index
                lines = BREAK.search(text, start, end)
                if event.style or lines:
                    found.append((lines.start() if str(event.style) in "|>" and lines else start, end))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        found.append((mark.index if mark else 0, len(text)))
    return found


def index_of(text: str) -> Index:
    """Walks the text once more, for its places alone."""
    index = Index({}, {})
    builder = Builder(lambda *_: None, index)
    try:
        for number, event in enumerate(_events(text)):
            if number and type(event).__name__ == "DocumentStartEvent" and builder.data is not None:
                break
            if not builder.take(event):
                break
    except YAMLError:
        pass
    return index


def _syntax(document: Document, error: YAMLError) -> Problem:
    if isinstance(error, MarkedYAMLError) and (error.problem_mark or error.context_mark):
        # A quote that is not closed, a key without its colon: the mistake is where they begin.
        begun = error.context_mark and re.search(_BEGUN, f"{error.context}; {error.problem}")
        mark = error.context_mark if begun else error.problem_mark or error.context_mark
        at = min(mark.index, len(document.text))
        message = overheard(error.problem or str(error))
        hint = mend_of(message, error.context, document.text[at : at + 1])
    else:
        at = getattr(error, "position", 0) or 0
        message, hint = say("a character that YAML does not allow"), say("remove the control character")
    return Problem(
        (), say("not valid YAML: {message}", message=message), hint, span=document.span((at, at + 1))
    )
