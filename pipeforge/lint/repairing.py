"""Repairs of texts that are no YAML yet, or whose structure is not what was meant."""

import re

from pipeforge.language.diagnostics import Fix, Problem, Span
from pipeforge.language.document import Document
from pipeforge.language.saying import Said, say
from pipeforge.lint.editing import quoted, spanned

# Patterns are texts here: only a file that cannot be read pays for making them.
_WIDE = r"：[ \t\u3000]*"
_BEFORE = r"[ \t]*(?:- +)*(?:[^\s#'\"{}\[\]:]{1,100}:[ \t]+)?"
_RESERVED, _COMMENT = frozenset("@`%"), r"[ \t]#"
_BREAK = r"[\r\n]"
_BARE = r"\{\{[^{}'\"\\\r\n]*\}\}"


def repair(document: Document, rule: str, problem: Problem) -> Fix | None:
    """The fix for a fault of the text, where the text leaves no doubt about what was meant."""
    span = problem.span or document.locate(problem.place)
    if rule == "mapping-as-key":
        return _bare_template(document, span)
    at = document.offset(span.line, span.column)
    if "：" in document.text[at : document.offset(span.end_line, span.end_column)]:
        return _colon(document, at)
    if document.text[at : at + 1] == "\u3000":
        return _blanks(document, at)
    return _reserved(document, at) if rule == "syntax" else None


def _fix(document: Document, title: Said, start: int, end: int, text: str, *, safe: bool) -> Fix:
    return Fix(title, (spanned(document.span((start, end)), text),), safe, reveals=True)


def _colon(document: Document, at: int) -> Fix | None:
    """The full-width colon, with the blanks after it, as a half-width one and a blank."""
    found = re.compile(_WIDE).search(document.text, at)
    if found is None:
        return None
    last = document.text[found.end() : found.end() + 1] in ("", "\r", "\n")
    title = say("write a half-width colon")
    return _fix(document, title, *found.span(), ":" if last else ": ", safe=True)


def _blanks(document: Document, at: int) -> Fix | None:
    """Each ideographic blank as two. chosen: editors show it so wide, but one may have been meant."""
    found = re.compile("\u3000+").match(document.text, at)
    if found is None:
        return None
    return _fix(document, say("indent with spaces"), *found.span(), "  " * len(found[0]), safe=False)


def _reserved(document: Document, at: int) -> Fix | None:
    """A value that begins with a character YAML keeps for itself, in quotes up to its comment."""
    start = max(document.text.rfind("\n", 0, at), document.text.rfind("\r", 0, at)) + 1
    found = re.compile(_BEFORE).match(document.text, start)
    if found is None or found.end() != at or document.text[at : at + 1] not in _RESERVED:
        return None
    value = re.split(_COMMENT, re.split(_BREAK, document.text[at:], maxsplit=1)[0], maxsplit=1)[0].rstrip()
    text = quoted(value)
    return _fix(document, say("put it in quotes"), at, at + len(value), text, safe=True) if text else None


def _bare_template(document: Document, span: Span) -> Fix | None:
    """`{{ x }}` as the template it would be elsewhere."""
    start = document.offset(span.line, span.column) - 1
    found = re.compile(_BARE).match(document.text, max(start, 0))
    if found is None:
        return None
    title = say("make it a template")
    return _fix(document, title, *found.span(), f'"${found[0]}"', safe=False)
