"""Applies the fixes of findings to texts, round by round, and drops those that would do harm."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pipeforge.language.diagnostics import Diagnostic, Edit
from pipeforge.language.document import Document, parse
from pipeforge.lint.linter import Report
from pipeforge.lint.meaning import NoMeaning, meant

Texts = Mapping[Path, str]
"""By resolved path, the text of a file without its byte order mark."""

Check = Callable[[Texts], Report]
"""Checks the pipeline with these texts for its files."""

MAX_CHECKS = 200
"""chosen: how often one pipeline is checked while it is fixed; a file with more harmful fixes keeps some."""

_Key = tuple[Path, str, str]


class Fixed(NamedTuple):
    """What fixing came to."""

    texts: Texts
    """Every text that was given, with its fixes."""
    applied: tuple[Diagnostic, ...]
    """The findings that are mended, in the order of mending."""
    report: Report
    """What a check finds in the new texts."""


@dataclass(slots=True)
class _Work:
    """Where the fixing of one pipeline stands."""

    texts: dict[Path, str]
    report: Report
    applied: list[Diagnostic] = field(default_factory=list)
    harmful: set[tuple[Path, str, str, tuple[str, ...]]] = field(default_factory=set)


def fix(check: Check, texts: Texts, *, unsafe: bool = False) -> Fixed:
    """Mends all that can be mended in the files of one pipeline; files without a text here are left alone.

    `unsafe`: also where the author may have meant something else.
    """
    work = _Work(dict(texts), check(texts))
    size = 0
    for _ in range(MAX_CHECKS):
        batch = _batch(work, unsafe=unsafe)
        batch = batch[:size] if size else batch
        if not batch:
            break
        after = _tried(check, work, batch)
        if after is not None:
            work.texts, work.report = after
            work.applied += batch
            size = 0
        elif len(batch) == 1:
            work.harmful.add(_identity(batch[0]))
            size = 0
        else:
            size = len(batch) // 2
    return Fixed(work.texts, tuple(work.applied), work.report)


def apply(text: str, path: Path, found: Sequence[Diagnostic]) -> str:
    """A text with the fixes of findings that do not overlap. Pure; characters out of their spans are kept."""
    document = Document(path, text)
    placed = [_offsets(document, edit) for one in found if one.fix for edit in one.fix.edits]
    for start, end, source in sorted(placed, reverse=True):
        text = text[:start] + source + text[end:]
    return text


def _offsets(document: Document, edit: Edit) -> tuple[int, int, str]:
    span = edit.span
    assert span is not None
    start = document.offset(span.line, span.column)
    return start, document.offset(span.end_line, span.end_column), edit.source


def _batch(work: _Work, *, unsafe: bool) -> list[Diagnostic]:
    """Fixes that can be made at once. What lets more be checked is made first."""
    open_ = [
        one
        for one in work.report.diagnostics
        if one.fix
        and (one.fix.safe or unsafe)
        and one.path.resolve() in work.texts
        and _identity(one) not in work.harmful
    ]
    revealing = [one for one in open_ if one.fix and one.fix.reveals]
    return _apart(revealing or open_, work.texts)


def _apart(found: Sequence[Diagnostic], texts: Texts) -> list[Diagnostic]:
    """Those whose edits neither overlap nor touch; of two that do, the first."""
    taken: dict[Path, list[tuple[int, int]]] = {}
    documents = {path: Document(path, text) for path, text in texts.items()}
    chosen = []
    for one in found:
        path = one.path.resolve()
        spans = [_offsets(documents[path], edit)[:2] for edit in (one.fix.edits if one.fix else ())]
        others = taken.setdefault(path, [])
        if all(end < start_ or end_ < start for start, end in spans for start_, end_ in others):
            others += spans
            chosen.append(one)
    return chosen


def _identity(one: Diagnostic) -> tuple[Path, str, str, tuple[str, ...]]:
    edits = one.fix.edits if one.fix else ()
    return (one.path, one.code, one.message, tuple(f"{edit.place.route}{edit.text}" for edit in edits))


def _tried(check: Check, work: _Work, batch: Sequence[Diagnostic]) -> tuple[dict[Path, str], Report] | None:
    """The texts with these fixes and what is found then; None when that is worse or means something else."""
    texts = dict(work.texts)
    for path in dict.fromkeys(one.path.resolve() for one in batch):
        mine = [one for one in batch if one.path.resolve() == path]
        texts[path] = apply(work.texts[path], path, mine)
        if not _means(path, work.texts[path], texts[path], mine):
            return None
    report = check(texts)
    return (texts, report) if _better(work.report, report, batch) else None


def _means(path: Path, before: str, after: str, batch: Sequence[Diagnostic]) -> bool:
    """Whether the new text has just the data that the fixes are meant to give."""
    edits = [edit for one in batch if one.fix for edit in one.fix.edits]
    if any(edit.how == "repair" for edit in edits):
        return before != after
    old, new = parse(path, before), parse(path, after)
    try:
        return meant(old, edits) == new.data and len(new.faults) <= len(old.faults)
    except NoMeaning:
        return False


def _better(before: Report, after: Report, batch: Sequence[Diagnostic]) -> bool:
    """Whether what was fixed is gone, and no error came in its place."""
    fixed = Counter(_key(one) for one in batch)
    old, new = (Counter(map(_key, report.diagnostics)) for report in (before, after))
    if any(one.fix and one.fix.reveals for one in batch):
        left = {(*_key(one), one.span[:2]) for one in after.diagnostics}
        return not any((*_key(one), one.span[:2]) in left for one in batch) and _faults(after) <= _faults(
            before
        )
    if any(new[key] > old[key] - count for key, count in fixed.items()):
        return False
    return not any(new[_key(one)] > old[_key(one)] for one in after.errors)


def _faults(report: Report) -> int:
    """How many findings say that a file cannot be read as it stands."""
    return sum(one.code < "PF1" for one in report.diagnostics)


def _key(one: Diagnostic) -> _Key:
    return (one.path, one.code, one.message)
