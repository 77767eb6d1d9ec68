"""Findings as JSON of our own, versioned; schemas/lint.schema.json describes it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeforge.language.diagnostics import Diagnostic, Span
from pipeforge.lint.tongues import Language
from pipeforge.reports.addresses import rule_page
from pipeforge.reports.findings import Replacement, dumps, fingerprints, lines_of, replacements

VERSION = 1
"""Changes when something is taken away or means something else; new keys may come at any time."""


def render(
    diagnostics: Sequence[Diagnostic],
    texts: Mapping[Path, str],
    files: Sequence[Path] = (),
    language: Language = "en",
) -> str:
    """All findings as one object."""
    lines = lines_of(texts)
    marks = fingerprints(diagnostics, lines)
    found = [
        _object(one, mark, replacements(one, lines.get(one.path, ())))
        for one, mark in zip(diagnostics, marks, strict=True)
    ]
    return dumps({"version": VERSION, "language": language, "diagnostics": found})


def _object(one: Diagnostic, fingerprint: str, edits: Sequence[Replacement]) -> dict[str, Any]:
    return {
        "path": one.path.as_posix(),
        "span": _span(one.span),
        "code": one.code,
        "rule": one.rule,
        "severity": one.severity,
        "message": one.message,
        "hint": one.hint,
        "see_also": [{"span": _span(span), "label": label} for span, label in one.see_also],
        "fix": {
            "title": one.fix.title,
            "safe": one.fix.safe,
            "edits": [{"span": _span(edit.span), "text": edit.text} for edit in edits],
        }
        if one.fix
        else None,
        "fingerprint": fingerprint,
        "url": rule_page(one.code),
    }


def _span(span: Span) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": span.line, "column": span.column},
        "end": {"line": span.end_line, "column": span.end_column},
    }
