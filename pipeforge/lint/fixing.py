"""Applies the fixes of findings to texts, round by round, and drops those that would do harm."""

import bisect
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

MAX_ROUNDS, MAX_FAILURES = 1000, 200
"""chosen: how many batches of fixes are tried, and how many may fail before the rest is left alone."""

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
    size: int = 0
    """How many fixes to try at once; 0 for all. Halved when a batch fails, doubled when one succeeds."""
    failures: int = 0


def fix(check: Check, texts: Texts, *, unsafe: bool = False) -> Fixed:
    """Mends all that can be mended in the files of one pipeline; files without a text here are left alone.

    `unsafe`: also where the author may have meant something else.
    """
    work = _Work(dict(texts), check(texts))
    for _ in range(MAX_ROUNDS):
        batch = _batch(work, unsafe=unsafe)
        batch = batch[: work.size] if work.size else batch
        if not batch or work.failures > MAX_FAILURES:
            break
        _try(check, work, batch)
    return Fixed(work.texts, tuple(work.applied), work.report)


def apply(text: str, path: Path, found: Sequence[Diagnostic]) -> str:
    """A text with the fixes of findings that do not overlap. Pure; characters out of their spans are kept."""
    document = Document(path, text)
    placed = [_offsets(document, edit) for one in found if one.fix for edit in one.fix.edits]
    pieces, at = [], 0
    for start, end, source in sorted(placed):
        pieces += [text[at:start], source]
        at = end
    return "".join([*pieces, text[at:]])


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
        if all(_free(span, others) for span in spans):
            for span in spans:
                bisect.insort(others, span)
            chosen.append(one)
    return chosen


def _free(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    """Whether a span touches none of the others, which are in order and apart from each other."""
    at = bisect.bisect_left(others, span)
    before, after = others[max(at - 1, 0) : at], others[at : at + 1]
    return all(end < span[0] for _, end in before) and all(span[1] < start for start, _ in after)


def _identity(one: Diagnostic) -> tuple[Path, str, str, tuple[str, ...]]:
    edits = one.fix.edits if one.fix else ()
    return (one.path, one.code, one.message, tuple(f"{edit.place.route}{edit.text}" for edit in edits))


def _try(check: Check, work: _Work, batch: Sequence[Diagnostic]) -> None:
    """Takes the texts with these fixes over, unless that is worse or means something else."""
    texts = dict(work.texts)
    sound = True
    for path in dict.fromkeys(one.path.resolve() for one in batch):
        mine = [one for one in batch if one.path.resolve() == path]
        texts[path] = apply(work.texts[path], path, mine)
        sound = sound and _means(path, work.texts[path], texts[path], mine)
    report = check(texts) if sound else None
    blamed = _unmended(work.report, report, batch) if report else []
    worse = _worse(work.report, report, batch) if report else []
    if report and not blamed and not worse:
        work.texts, work.report, work.size = texts, report, work.size * 2
        work.applied += batch
        return
    work.failures += 1
    blamed = blamed or _alone_with(worse, batch)
    if blamed or len(batch) == 1:
        work.harmful.update(_identity(one) for one in blamed or batch)
    else:
        work.size = len(batch) // 2


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


def _unmended(before: Report, after: Report, batch: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Those of a batch that are found again in spite of their fixes."""
    if _reveals(batch):
        left = {(*_key(one), one.span[:2]) for one in after.diagnostics}
        return [one for one in batch if (*_key(one), one.span[:2]) in left]
    fixed = Counter(map(_key, batch))
    old, new = (Counter(map(_key, report.diagnostics)) for report in (before, after))
    return [one for one in batch if new[_key(one)] > old[_key(one)] - fixed[_key(one)]]


def _worse(before: Report, after: Report, batch: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The errors that came in the place of what was fixed."""
    if _reveals(batch):
        return list(after.errors) if _faults(after) > _faults(before) else []
    old, new = (Counter(map(_key, report.diagnostics)) for report in (before, after))
    return [one for one in after.errors if new[_key(one)] > old[_key(one)]]


def _alone_with(errors: Sequence[Diagnostic], batch: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Those fixes of a batch that are the only one on the line of a new error, where no fix moves lines."""
    edits = [edit for one in batch if one.fix for edit in one.fix.edits]
    if any("\n" in edit.source or "\r" in edit.source for edit in edits) or any(
        edit.span and edit.span.line != edit.span.end_line for edit in edits
    ):
        return []
    lines = Counter((one.path, one.span.line) for one in batch)
    wrong = {(one.path, one.span.line) for one in errors}
    return [one for one in batch if lines[place := (one.path, one.span.line)] == 1 and place in wrong]


def _reveals(batch: Sequence[Diagnostic]) -> bool:
    return any(one.fix and one.fix.reveals for one in batch)


def _faults(report: Report) -> int:
    """How many findings say that a file cannot be read as it stands."""
    return sum(one.code < "PF1" for one in report.diagnostics)


def _key(one: Diagnostic) -> _Key:
    return (one.path, one.code, one.message)
