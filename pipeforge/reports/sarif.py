"""Findings as SARIF 2.1.0 (OASIS), which GitHub code scanning and many viewers read."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeforge import __version__
from pipeforge.language.diagnostics import Diagnostic, Fix, Span
from pipeforge.language.saying import tell
from pipeforge.lint.pages import page
from pipeforge.lint.rules import RULES
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.reports.addresses import PROJECT, rule_page
from pipeforge.reports.display import shown
from pipeforge.reports.findings import Replacement, dumps, fingerprints, lines_of, replacements
from pipeforge.reports.saying import with_care

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_ROOT = "%SRCROOT%"
_FINGERPRINT = "pipeforgeFinding/v1"
_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")
"""What SARIF (3.11.6) would take for a link in a plain message."""


def render(
    diagnostics: Sequence[Diagnostic],
    texts: Mapping[Path, str],
    files: Sequence[Path] = (),
    language: Language = "en",
) -> str:
    """One log with one run; of the rules those that found something, each with its page."""
    codes = sorted({one.code for one in diagnostics})
    lines = lines_of(texts)
    marks = fingerprints(diagnostics, lines)
    results = [
        _result(one, codes.index(one.code), mark, replacements(one, lines.get(one.path, ())), language)
        for one, mark in zip(diagnostics, marks, strict=True)
    ]
    driver = {
        "name": "pipeforge",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": PROJECT,
        "rules": [_rule(code, language) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "language": language,
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, language: Language) -> dict[str, Any]:
    rule = next(rule for rule in RULES if rule.code == code)
    text = page(code, language)
    about = text.partition("\n")[2].partition("\n## ")[0].strip()
    return {
        "id": code,
        "name": rule.name,
        "shortDescription": {"text": tell(rule.summary, catalogue(language))},
        "fullDescription": {"text": about},
        "help": {"text": text, "markdown": text},
        "helpUri": rule_page(code),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(
    one: Diagnostic, index: int, mark: str, edits: Sequence[Replacement], language: Language
) -> dict[str, Any]:
    text = one.message + (f" ({one.hint})" if one.hint else "")
    out: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": index,
        "level": _LEVELS[one.severity],
        "message": _message(text),
        "locations": [{"physicalLocation": _place(one.path, one.span)}],
        "partialFingerprints": {_FINGERPRINT: mark},
    }
    if one.see_also:
        out["relatedLocations"] = [
            {"id": number, "physicalLocation": _place(one.path, span), "message": _message(label)}
            for number, (span, label) in enumerate(one.see_also, 1)
        ]
    if one.fix and edits:
        out["fixes"] = [_fix(one.path, one.fix, edits, language)]
    return out


def _fix(path: Path, fix: Fix, edits: Sequence[Replacement], language: Language) -> dict[str, Any]:
    title = tell(with_care(fix.title, safe=fix.safe), catalogue(language))
    replaced = [
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in edits
    ]
    return {
        "description": _message(title),
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replaced}],
    }


def _message(text: str) -> dict[str, str]:
    return {"text": _LINK.sub(r"\\[", shown(text))}


def _place(path: Path, span: Span) -> dict[str, Any]:
    return {"artifactLocation": _artifact(path), "region": _region(span)}


def _artifact(path: Path) -> dict[str, str]:
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix(), errors="surrogateescape"), "uriBaseId": _ROOT}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
