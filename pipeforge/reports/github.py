"""Findings as GitHub Actions' workflow commands, and a summary in Markdown for when they are many.

Both by https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
"""

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeforge.language.diagnostics import Diagnostic, Span
from pipeforge.language.saying import say, tell
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.reports.addresses import rule_page
from pipeforge.reports.display import shown
from pipeforge.reports.findings import title, words
from pipeforge.reports.saying import SEVERITIES

SHOWN = 10
"""Annotations of one kind that GitHub shows for a step: what goes beyond stands in its log only."""

_ROWS = 1000
"""chosen: rows of a summary. GitHub takes 1 MiB a step and refuses more as a whole."""

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_COLUMNS = (say("place"), say("rule"), say("finding"))
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~@:-])")


def render(
    diagnostics: Sequence[Diagnostic],
    texts: Mapping[Path, str],
    files: Sequence[Path] = (),
    language: Language = "en",
) -> str:
    """One command a finding, one a line."""
    return "".join(_command(one, language) for one in diagnostics)


def _command(one: Diagnostic, language: Language) -> str:
    properties = {"file": one.path.as_posix(), **_range(one.span), "title": title(one)}
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[one.severity]} {written}::{_data(words(one, language))}\n"


def _range(span: Span) -> dict[str, int]:
    """Lines always; columns only within one line, for GitHub takes no others.

    inferred: endColumn is behind the last character, as linters that GitHub's own actions use give it.
    """
    if span.line == span.end_line:
        return {"line": span.line, "endLine": span.line, "col": span.column, "endColumn": span.end_column}
    last = span.end_line - 1 if span.end_column == 1 else span.end_line
    return {"line": span.line, "endLine": last}


def _data(text: str) -> str:
    return shown(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(diagnostics: Sequence[Diagnostic], language: Language = "en") -> str:
    """A table of the findings in Markdown."""
    tongue = catalogue(language)
    head = tell(say("pipeforge lint: {count} findings", count=len(diagnostics)), tongue)
    columns = " | ".join(tell(name, tongue) for name in _COLUMNS)
    lines = [f"### {head}", "", f"| {columns} |", "| --- | --- | --- |"]
    lines += [_row(one, language) for one in diagnostics[:_ROWS]]
    if len(diagnostics) > _ROWS:
        more = say("… and {count} more: see the log", count=len(diagnostics) - _ROWS)
        lines += ["", tell(more, tongue)]
    return "\n".join(lines) + "\n\n"


def _row(one: Diagnostic, language: Language) -> str:
    place = _markdown(f"{one.path.as_posix()}:{one.span.line}:{one.span.column}")
    found = "<br>".join(map(_markdown, words(one, language).split("\n")))
    severity = tell(SEVERITIES[one.severity], catalogue(language))
    return f"| {place} | [{one.code}]({rule_page(one.code)}) {severity} | {found} |"


def _markdown(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _MARKS.sub(r"\\\1", html.escape(shown(text), quote=False))
