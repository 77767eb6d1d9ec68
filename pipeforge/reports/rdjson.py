"""Findings as reviewdog's rdjson (https://github.com/reviewdog/reviewdog/tree/master/proto/rdf)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeforge.language.diagnostics import Diagnostic, Span
from pipeforge.lint.tongues import Language
from pipeforge.reports.addresses import PROJECT, rule_page
from pipeforge.reports.findings import byte_column, dumps, lines_of, replacements, words

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def render(
    diagnostics: Sequence[Diagnostic],
    texts: Mapping[Path, str],
    files: Sequence[Path] = (),
    language: Language = "en",
) -> str:
    """One DiagnosticResult. Columns count bytes of UTF-8 there, and ends are exclusive."""
    lines = lines_of(texts)
    found = []
    for one in diagnostics:
        here = lines.get(one.path, [])
        finding: dict[str, Any] = {
            "message": words(one, language),
            "location": {"path": one.path.as_posix(), "range": _range(one.span, here)},
            "severity": _SEVERITIES[one.severity],
            "code": {"value": one.code, "url": rule_page(one.code)},
        }
        edits = replacements(one, here)
        if edits:
            finding["suggestions"] = [{"range": _range(edit.span, here), "text": edit.text} for edit in edits]
        found.append(finding)
    return dumps({"source": {"name": "pipeforge", "url": PROJECT}, "diagnostics": found})


def _range(span: Span, lines: Sequence[str]) -> dict[str, dict[str, int]]:
    places = {"start": (span.line, span.column), "end": (span.end_line, span.end_column)}
    return {
        name: {"line": line, "column": byte_column(lines, line, column)}
        for name, (line, column) in places.items()
    }
