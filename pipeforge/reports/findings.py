"""What the formats for other programs share: a finding's words, fingerprint and edits, and safe JSON."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeforge.language.diagnostics import Diagnostic, Span
from pipeforge.language.saying import say, tell
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.reports.display import shown
from pipeforge.reports.saying import HELP
from pipeforge.reports.snippets import split

_UNSAFE = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that JSON would let through, but that command a terminal, turn text around, or are no text."""


MASK = "•"
"""What stands for each character of a written-out credential in the texts of a check."""


class Replacement(NamedTuple):
    """A fix's edit by its place in the file."""

    span: Span
    text: str


def words(one: Diagnostic, language: Language) -> str:
    """The message and, on lines of their own, the mend and the other places."""
    said = [say("{message}", message=one.message)]
    if one.hint:
        said.append(say("{help}: {hint}", help=HELP, hint=one.hint))
    said += [say("line {line}: {label}", line=span.line, label=label) for span, label in one.see_also]
    tongue = catalogue(language)
    return "\n".join(shown(tell(line, tongue)) for line in said)


def title(one: Diagnostic) -> str:
    """The rule as a heading: its code and its name."""
    return f"{one.code} {one.rule}"


def dumps(value: Any) -> str:
    """JSON to be read by people too: characters as they are, but none that could harm who looks at it."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _UNSAFE.sub(lambda char: f"\\u{ord(char[0]):04x}", text) + "\n"


def lines_of(texts: Mapping[Path, str]) -> dict[Path, list[str]]:
    """The lines of every file, as positions count them."""
    return {path: split(text) for path, text in texts.items()}


def fingerprints(diagnostics: Sequence[Diagnostic], lines: Mapping[Path, Sequence[str]]) -> list[str]:
    """One for each finding, in order: the same from run to run, also when lines above it come and go.

    Made of the path, the rule and the line's own text; those that have all three alike are counted.
    """
    seen: dict[str, int] = {}
    out = []
    for one in diagnostics:
        line = _line(lines.get(one.path, []), one.span.line).strip()
        base = "\0".join((one.path.as_posix(), one.code, line))
        seen[base] = seen.get(base, 0) + 1
        whole = f"{base}\0{seen[base]}".encode("utf-8", "surrogatepass")
        out.append(hashlib.sha256(whole).hexdigest())
    return out


def replacements(one: Diagnostic, lines: Sequence[str]) -> tuple[Replacement, ...]:
    """The edits of a finding's fix; none when one of them touches what was masked, for it would show it."""
    edits = one.fix.edits if one.fix else ()
    placed = tuple(Replacement(edit.span, edit.source) for edit in edits if edit.span)
    if len(placed) < len(edits) or any(_touches_masked(edit.span, lines) for edit in placed):
        return ()
    return placed


def _touches_masked(span: Span, lines: Sequence[str]) -> bool:
    inside = "\n".join(lines[span.line - 1 : span.end_line])
    before = span.column - 1
    after = len(_line(lines, span.end_line)) - span.end_column + 1
    return MASK in inside[before : len(inside) - after]


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if number <= len(lines) else ""


def byte_column(lines: Sequence[str], line: int, column: int) -> int:
    """A column in bytes of UTF-8 instead of code points, both from 1; the same where no text is known."""
    if line > len(lines):
        return column
    return len(_line(lines, line)[: column - 1].encode("utf-8", "surrogatepass")) + 1
