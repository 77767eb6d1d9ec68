"""Findings as text: in full with source lines, one a line, or as JSON for programs."""

import json as jsonlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeforge.language.diagnostics import Diagnostic, Span
from pipeforge.reports.display import shown
from pipeforge.reports.snippets import Mark, Row, rows, split

VERSION = 1
"""Of the JSON form; it changes when something is taken away or means something else."""

_COLOURS = {"error": "31", "warning": "33", "info": "36"}


def full(diagnostics: Sequence[Diagnostic], texts: Mapping[Path, str], *, colour: bool = False) -> str:
    """Each finding with its source lines, carets and mend. `texts`: the contents of the files, by path."""
    lines = {path: split(text) for path, text in texts.items()}
    blocks = [_block(one, lines.get(one.path, []), colour=colour) for one in diagnostics]
    return "\n".join(blocks)


def _block(one: Diagnostic, lines: Sequence[str], *, colour: bool) -> str:
    tone = _COLOURS[one.severity]
    head = f"{one.severity}[{one.code}] {one.rule}"
    out = [f"{_paint(head, f'1;{tone}', colour)}: {_paint(shown(one.message), '1', colour)}"]
    marks = [Mark(one.span, primary=True), *(Mark(span, label) for span, label in one.see_also)]
    drawn = rows(lines, marks)
    margin = " " * len(drawn[0].gutter)
    arrow = _paint("-->", "34", colour)
    out.append(f"{margin}{arrow} {shown(str(one.path))}:{one.span.line}:{one.span.column}")
    out += [_row(row, tone, colour=colour) for row in drawn]
    bar = _paint("=", "34", colour)
    if one.hint:
        out.append(f"{margin} {bar} {_paint('help', '1', colour)}: {shown(one.hint)}")
    if one.fix:
        how = "" if one.fix.safe else " (look at it first)"
        out.append(f"{margin} {bar} fix available: {shown(one.fix.title)}{how}")
    return "\n".join(out) + "\n"


def _row(row: Row, tone: str, *, colour: bool) -> str:
    text = row.text
    if row.mark is not None:
        text = _paint(text, f"1;{tone}" if row.mark.primary else "34", colour)
    return f"{_paint(f'{row.gutter} |', '34', colour)} {text}".rstrip()


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour and text else text


def concise(diagnostics: Sequence[Diagnostic]) -> str:
    """One finding a line: `path:line:column: CODE message (hint)`."""
    out = []
    for one in diagnostics:
        hint = f" ({shown(one.hint)})" if one.hint else ""
        where = f"{shown(str(one.path))}:{one.span.line}:{one.span.column}"
        out.append(f"{where}: {one.code} {shown(one.message)}{hint}\n")
    return "".join(out)


def json(diagnostics: Sequence[Diagnostic]) -> str:
    """All findings as one JSON object with a `version`."""
    found = [_object(one) for one in diagnostics]
    return jsonlib.dumps({"version": VERSION, "diagnostics": found}, ensure_ascii=False, indent=2) + "\n"


def _object(one: Diagnostic) -> dict[str, Any]:
    return {
        "path": one.path.as_posix(),
        "span": _span(one.span),
        "code": one.code,
        "rule": one.rule,
        "severity": one.severity,
        "message": one.message,
        "hint": one.hint,
        "see_also": [{"span": _span(span), "label": label} for span, label in one.see_also],
        "fix": {"title": one.fix.title, "safe": one.fix.safe} if one.fix else None,
    }


def _span(span: Span) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": span.line, "column": span.column},
        "end": {"line": span.end_line, "column": span.end_column},
    }


def summary(diagnostics: Sequence[Diagnostic], files: int) -> str:
    """How many of what, in how many files: the last line of a lint."""
    where = f"{files} file{'' if files == 1 else 's'}"
    counts = []
    for severity in ("error", "warning", "info"):
        number = sum(one.severity == severity for one in diagnostics)
        if number:
            counts.append(f"{number} {severity}{'' if number == 1 or severity == 'info' else 's'}")
    return f"{', '.join(counts)} in {where}\n" if counts else f"no findings in {where}\n"
