"""Leaves out what comments suppress, and finds what is wrong with those comments themselves."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from pipeforge.language.diagnostics import Diagnostic, Fix, Problem
from pipeforge.language.document import Document
from pipeforge.language.saying import Said, say
from pipeforge.lint.codes import code_hint, meant_code
from pipeforge.lint.comments import Code, Coverage, Directive, directives
from pipeforge.lint.editing import spanned
from pipeforge.lint.subject import Subject

NEVER = frozenset(
    ["syntax", "encoding", "alias-bomb", "too-deep", "empty-file", "not-a-mapping", "full-width"]
)
"""After these there is no pipeline left to check: a comment cannot make that well."""


def suppressible(one: Diagnostic) -> bool:
    """Whether a comment may suppress it: not what is said of comments, nor of files that cannot be read."""
    return one.rule not in NEVER and not one.code.startswith("PF9")


def suppress(subject: Subject, found: Iterable[Diagnostic], silenced: tuple[str, ...]) -> list[Diagnostic]:
    """What is left of the findings. What is wrong with the comments is noted in the subject.

    `silenced`: codes that are left out anyway, so that nobody knows whether their suppression is needed.
    """
    known = {path: directives(document) for path, document in subject.documents.items()}
    kept, used = _kept(known, found)
    unjudged = frozenset(code for code in subject.codes if code.startswith(silenced))
    for path, listed in known.items():
        judged = path == subject.document.path and bool(subject.data)
        for directive in listed:
            _note(subject, path, directive)
            if judged and not directive.fault:
                _unused(subject, path, directive, used, unjudged)
    return kept


def _kept(
    known: Mapping[Path, Sequence[Directive]], found: Iterable[Diagnostic]
) -> tuple[list[Diagnostic], set[int]]:
    """The findings that no comment suppresses, and which codes of comments did suppress (by identity)."""
    coverage = {path: Coverage(listed) for path, listed in known.items()}
    used: dict[int, list[Code]] = {}
    kept = []
    for one in sorted(found, key=lambda one: one.span.line):
        matches = coverage[one.path].matches(one.code, one.span.line) if suppressible(one) else []
        used.update((id(codes), codes) for codes in matches)
        if not matches:
            kept.append(one)
    return kept, {id(code) for codes in used.values() for code in codes}


def _note(subject: Subject, path: Path, directive: Directive) -> None:
    document = subject.documents[path]
    span = document.span(directive.raw)
    if directive.fault:
        subject.note("bad-suppression", Problem((), directive.fault, directive.hint, span=span, path=path))
        return
    if not directive.reason:
        hint = say("write why behind the bracket: whoever reads it next will ask")
        message = say("a suppression without a reason")
        subject.note("suppression-without-reason", Problem((), message, hint, span=span, path=path))
    for code in directive.codes:
        if not _known(code.text, subject.codes):
            subject.note("unknown-suppression", _unknown(document, code, subject.codes)._replace(path=path))


def _known(code: str, codes: Collection[str]) -> bool:
    return any(known.startswith(code) for known in codes)


def _unknown(document: Document, code: Code, codes: Sequence[str]) -> Problem:
    span, meant, fix = document.span(code.raw), meant_code(code.text, codes), None
    if meant:
        safe = meant == code.text.upper()
        fix = Fix(
            say("write '{text}'", text=meant), (spanned(span, meant, comment=True),), safe, reveals=True
        )
    message = say("no rule has the code '{code}'", code=code.text)
    return Problem((), message, code_hint(code.text, codes), span=span, fix=fix)


def _unused(
    subject: Subject, path: Path, directive: Directive, used: set[int], unjudged: frozenset[str]
) -> None:
    """Each code that suppresses nothing; the comment as a whole where none does."""
    document = subject.documents[path]
    unused = [
        code
        for code in directive.codes
        if id(code) not in used
        and _known(code.text, subject.codes)
        and not any(known.startswith(code.text) for known in unjudged)
    ]
    if unused and len(unused) == len(directive.codes):
        raw, names = directive.raw, ", ".join(f"'{code.text}'" for code in unused)
        fix = _removal(document, _whole(document, directive), say("remove the comment"))
        message = (
            say("{names} suppresses nothing here", names=names)
            if len(unused) == 1
            else say("{names} suppress nothing here", names=names)
        )
        problem = Problem((), message, say("remove the comment"), span=document.span(raw), fix=fix, path=path)
        subject.note("unused-suppression", problem)
        return
    for code in unused:
        message, hint = say("'{text}' suppresses nothing here", text=code.text), say("remove this code")
        fix = _removal(document, _listed(directive, code), hint)
        problem = Problem((), message, hint, span=document.span(code.raw), fix=fix, path=path)
        subject.note("unused-suppression", problem)


def _removal(document: Document, raw: tuple[int, int], title: Said) -> Fix:
    return Fix(title, (spanned(document.span(raw), "", comment=True),), reveals=True)


def _listed(directive: Directive, code: Code) -> tuple[int, int]:
    """A code with the comma that parts it from its neighbour."""
    number = directive.codes.index(code)
    if number + 1 < len(directive.codes):
        return code.raw[0], directive.codes[number + 1].raw[0]
    return directive.codes[number - 1].raw[1], code.raw[1]


def _whole(document: Document, directive: Directive) -> tuple[int, int]:
    """A comment with the blanks before it, or with its line."""
    (start, end), text = directive.raw, document.text
    while start and text[start - 1] in " \t":
        start -= 1
    if directive.alone and (line_end := re.compile(r"[ \t]*(?:\r\n|\r|\n)").match(text, end)):
        return start, line_end.end()
    return start, end
