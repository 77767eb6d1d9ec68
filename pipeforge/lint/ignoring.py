"""Writes the comments that suppress the findings there are, each with the same reason."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.document import Document, parse
from pipeforge.lint.comments import Directive, Lines, directives
from pipeforge.lint.suppressing import suppressible


class Ignored(NamedTuple):
    """What adding comments came to."""

    texts: Mapping[Path, str]
    """Every text that was given, with its comments."""
    added: int
    """How many findings they suppress."""


class _Target(NamedTuple):
    """Where a comment goes: at the end of a line, or on a line of its own above it."""

    line: int
    above: bool


def ignore(texts: Mapping[Path, str], found: Iterable[Diagnostic], reason: str) -> Ignored:
    """Suppresses all findings in these texts (by resolved path) that comments can suppress.

    JSON has no comments; a file that is not YAML, and what is said of comments, is left alone.
    """
    by_path: dict[Path, list[Diagnostic]] = {}
    for one in found:
        path = one.path.resolve()
        if suppressible(one) and path in texts and path.suffix != ".json":
            by_path.setdefault(path, []).append(one)
    changed, added = dict(texts), 0
    for path, mine in by_path.items():
        before = parse(path, texts[path])
        if before.broken:
            continue
        text = _commented(before, mine, reason)
        if parse(path, text).data == before.data:
            changed[path], added = text, added + len(mine)
    return Ignored(changed, added)


def _commented(document: Document, found: Sequence[Diagnostic], reason: str) -> str:
    lines, listed = Lines(document), directives(document)
    wanted: dict[_Target, dict[str, None]] = {}
    for one in found:
        wanted.setdefault(_target(lines, one), {})[one.code] = None
    text, edits = document.text, []
    for target, codes in wanted.items():
        edits.append(_edit(lines, target, sorted(codes), listed, reason))
    for at, comment in sorted(edits, reverse=True):
        text = text[:at] + comment + text[at:]
    return text


def _target(lines: Lines, one: Diagnostic) -> _Target:
    """The line of a finding; where that cannot end in a comment, the one its value begins on, or above it."""
    line = one.span.line
    if not lines.hidden(lines.spans[line - 1][1]):
        return _Target(line, above=False)
    at = lines.document.offset(line, one.span.column)
    holding = [lines.document.span(raw).line for raw in lines.document.blocks() if raw[0] <= at < raw[1]]
    first = max(holding, default=line)
    while first > 1 and lines.hidden(lines.spans[first - 1][0]):
        first -= 1
    return _Target(first, above=lines.hidden(lines.spans[first - 1][1]))


def _edit(
    lines: Lines, target: _Target, codes: Sequence[str], listed: Sequence[Directive], reason: str
) -> tuple[int, str]:
    """An offset and what goes there: more codes for a comment of ours, or a comment."""
    start, end = lines.spans[target.line - 1]
    if target.above:
        text = lines.document.text[start:end]
        indent = text[: len(text) - len(text.lstrip(" "))]
        return start, f"{indent}# pipeforge: ignore[{', '.join(codes)}] {reason}{_newline(lines)}"
    for directive in listed:
        if start <= directive.raw[0] <= end and not directive.fault and not directive.whole_file:
            return directive.codes[-1].raw[1], "".join(f", {code}" for code in codes)
    return end, f"  # pipeforge: ignore[{', '.join(codes)}] {reason}"


def _newline(lines: Lines) -> str:
    """How the first line of the file ends."""
    text, end = lines.document.text, lines.spans[0][1]
    return text[end : end + 2] if text[end : end + 2] == "\r\n" else text[end : end + 1] or "\n"
