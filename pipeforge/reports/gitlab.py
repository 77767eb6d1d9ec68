"""Findings as GitLab's Code Quality report (https://docs.gitlab.com/ci/testing/code_quality/)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.lint.tongues import Language
from pipeforge.reports.display import shown
from pipeforge.reports.findings import dumps, fingerprints, lines_of

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}
"""chosen: `critical` and `blocker` are left for what breaks a running system."""


def render(
    diagnostics: Sequence[Diagnostic],
    texts: Mapping[Path, str],
    files: Sequence[Path] = (),
    language: Language = "en",
) -> str:
    """A list of findings; GitLab compares them between branches by fingerprint."""
    marks = fingerprints(diagnostics, lines_of(texts))
    return dumps([_finding(one, mark) for one, mark in zip(diagnostics, marks, strict=True)])


def _finding(one: Diagnostic, fingerprint: str) -> dict[str, Any]:
    hint = f" ({one.hint})" if one.hint else ""
    return {
        "description": shown(f"{one.code} {one.message}{hint}"),
        "check_name": one.rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[one.severity],
        "location": {
            "path": one.path.as_posix(),
            "lines": {"begin": one.span.line, "end": one.span.end_line},
        },
    }
