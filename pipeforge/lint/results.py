"""What a check of one pipeline comes to, small enough to hand to another process or to keep on disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeforge.language.diagnostics import Diagnostic, Edit, Fix, How, Place, Span
from pipeforge.language.saying import overheard
from pipeforge.language.surroundings import ABSENT

Plain = tuple[Any, ...]
"""Of tuples, texts and numbers."""


class Inputs(NamedTuple):
    """All that a result depends on, beside the settings: paths and digests of the bytes that were read."""

    pipeline: str
    project: tuple[str, str] = (ABSENT, ABSENT)
    """Its path without links, and its digest."""
    records: tuple[tuple[str, str], ...] = ()
    """Of each file: its path as it was read, and its digest."""


class Result(NamedTuple):
    """What was found, and what it was found in."""

    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[Path, str]
    """Of the files with findings: credentials masked; for showing lines of them."""
    inputs: Inputs | None = None
    """None where it depends on more than can be told: it is not to be kept."""


class NotAResult(Exception):
    """Not what `plain` makes of a result."""


def plain(result: Result) -> Plain:
    """The findings and texts of a result as tuples, texts and numbers."""
    return (
        tuple([_plain(one) for one in result.diagnostics]),
        tuple([(str(path), text) for path, text in result.texts.items()]),
    )


def _plain(one: Diagnostic) -> Plain:
    return (
        str(one.path),
        tuple(one.span),
        *one[2:7],
        tuple([(tuple(span), label) for span, label in one.see_also]),
        one.fix and _plain_fix(one.fix),
    )


def _plain_fix(fix: Fix) -> Plain:
    return str(fix.title), tuple([_plain_edit(edit) for edit in fix.edits]), fix.safe, fix.reveals


def _plain_edit(edit: Edit) -> Plain:
    return tuple(edit.place), str(edit.text), edit.how, edit.span and tuple(edit.span), str(edit.source)


def revived(value: Plain) -> Result:
    """The result again. Raises NotAResult for anything that `plain` has not made."""
    try:
        found, texts = value
        return Result(tuple([_diagnostic(*one) for one in found]), {Path(path): text for path, text in texts})
    except (TypeError, ValueError) as error:
        raise NotAResult(str(error)) from None


def _diagnostic(path: str, span: Plain, *rest: Any) -> Diagnostic:
    code, rule, severity, message, hint, see_also, fix = rest
    also = tuple([(Span(*where), label) for where, label in see_also])
    return Diagnostic(Path(path), Span(*span), code, rule, severity, message, hint, also, fix and _fix(*fix))


def _fix(title: str, edits: Plain, safe: bool, reveals: bool) -> Fix:
    return Fix(overheard(title), tuple([_edit(*edit) for edit in edits]), safe, reveals)


def _edit(place: Plain, text: str, how: How, span: Plain | None, source: str) -> Edit:
    return Edit(Place(*place), text, how, Span(*span) if span else None, source)
