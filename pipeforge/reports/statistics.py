"""How often each rule found something, as a table or as JSON."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeforge.language.diagnostics import Diagnostic, Severity
from pipeforge.language.saying import say, tell
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.reports.as_json import VERSION
from pipeforge.reports.display import padded, width
from pipeforge.reports.findings import dumps
from pipeforge.reports.saying import SEVERITIES


class Count(NamedTuple):
    """What one rule found."""

    code: str
    rule: str
    severity: Severity
    found: int
    fixable: int
    """How many of them have a fix."""


def counts(diagnostics: Sequence[Diagnostic]) -> list[Count]:
    """One for each rule that found something, the most frequent first."""
    by_code: dict[str, list[Diagnostic]] = {}
    for one in diagnostics:
        by_code.setdefault(one.code, []).append(one)
    counted = [
        Count(code, found[0].rule, found[0].severity, len(found), sum(one.fix is not None for one in found))
        for code, found in by_code.items()
    ]
    return sorted(counted, key=lambda count: (-count.found, count.code))


def table(diagnostics: Sequence[Diagnostic], language: Language = "en") -> str:
    """One rule a line: how often, how bad, its code and name, and how many have a fix."""
    rows = counts(diagnostics)
    digits = max((len(str(row.found)) for row in rows), default=0)
    tongue = catalogue(language)
    names = {name: tell(severity, tongue) for name, severity in SEVERITIES.items()}
    columns = max(width(name) for name in names.values())
    lines = []
    for row in rows:
        fixable = f"  {tell(say('({count} with a fix)', count=row.fixable), tongue)}" if row.fixable else ""
        severity = padded(names[row.severity], columns)
        lines.append(f"{row.found:>{digits}}  {severity}  {row.code}  {row.rule}{fixable}\n")
    return "".join(lines)


def as_json(diagnostics: Sequence[Diagnostic]) -> str:
    """The same as one object with a `version`."""
    return dumps({"version": VERSION, "statistics": [row._asdict() for row in counts(diagnostics)]})
