"""What can be done about findings: their fixes, all safe fixes at once, a comment that suppresses one."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.document import Document
from pipeforge.language.saying import Said, say
from pipeforge.lint.fixing import Check, fix
from pipeforge.lint.ignoring import ignore
from pipeforge.lint.suppressing import suppressible
from pipeforge.lsp.view import Raw

FIX_ALL: Final = "source.fixAll.pipeforge"


class Change(NamedTuple):
    """A text in place of another."""

    raw: Raw
    text: str


class Action(NamedTuple):
    """One thing an author can choose."""

    title: Said
    sort: Literal["quickfix", "source.fixAll.pipeforge"]
    changes: tuple[Change, ...]
    about: Diagnostic | None = None
    preferred: bool = False
    """Its meaning is certain: the editor may apply it with one key."""


def about(text: str, path: Path, found: Sequence[Diagnostic], raw: Raw) -> Iterator[Action]:
    """The actions for the findings of one file that touch a range of it."""
    document = Document(path, text)
    for one in found:
        if _touches(document, one, raw):
            yield from _fixing(document, one)
    for one in found:
        if _touches(document, one, raw) and suppressible(one):
            yield from _ignoring(document, one)


def _touches(document: Document, one: Diagnostic, raw: Raw) -> bool:
    start, end = span(document, one)
    return start <= raw[1] and raw[0] <= end


def span(document: Document, one: Diagnostic) -> Raw:
    """The offsets of a finding."""
    start = document.offset(one.span.line, one.span.column)
    return start, max(start, document.offset(one.span.end_line, one.span.end_column))


def _fixing(document: Document, one: Diagnostic) -> Iterator[Action]:
    if one.fix is None or any(edit.span is None for edit in one.fix.edits):
        return
    changes = []
    for edit in one.fix.edits:
        assert edit.span is not None
        start = document.offset(edit.span.line, edit.span.column)
        changes.append(
            Change((start, document.offset(edit.span.end_line, edit.span.end_column)), edit.source)
        )
    title = one.fix.title
    if not one.fix.safe:
        title = say("{title} (look at it after)", title=title)
    yield Action(title, "quickfix", tuple(changes), one, one.fix.safe)


def _ignoring(document: Document, one: Diagnostic) -> Iterator[Action]:
    """The reason is left to the author: until it is written, lint asks for it."""
    path = one.path.resolve()
    done = ignore({path: document.text}, [one], "")
    if done.added:
        change = difference(document.text, done.texts[path])
        yield Action(say("ignore {code} with a comment", code=one.code), "quickfix", (change,), one)


def fix_all(check: Check, path: Path, text: str) -> Action | None:
    """Every safe fix of a file; None where there is none."""
    before: Mapping[Path, str] = {path: text}
    done = fix(check, before)
    if not done.applied or done.texts[path] == text:
        return None
    return Action(say("fix all that is certain"), FIX_ALL, (difference(text, done.texts[path]),))


def difference(before: str, after: str) -> Change:
    """The one part in which two texts differ."""
    start, shorter = 0, min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return Change((start, len(before) - end), after[start : len(after) - end])
