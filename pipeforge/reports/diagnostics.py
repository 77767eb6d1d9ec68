"""Findings as text for people: in full with source lines, or one a line."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.reports.display import shown
from pipeforge.reports.snippets import Mark, Row, rows, split

_COLOURS = {"error": "31", "warning": "33", "info": "36"}


Address = Callable[[str], str]
"""A code's page on the web."""


def full(
    diagnostics: Sequence[Diagnostic],
    texts: Mapping[Path, str],
    *,
    colour: bool = False,
    link: Address | None = None,
) -> str:
    """Each finding with its source lines, carets and mend. `texts`: the contents of the files, by path.

    `link`: where a code leads as a hyperlink; for terminals only.
    """
    lines = {path: split(text) for path, text in texts.items()}
    blocks = [_block(one, lines.get(one.path, []), colour, link) for one in diagnostics]
    return "\n".join(blocks)


def _block(one: Diagnostic, lines: Sequence[str], colour: bool, link: Address | None) -> str:
    tone = _COLOURS[one.severity]
    head = f"{one.severity}[{_linked(one.code, link)}] {one.rule}"
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


def _linked(code: str, link: Address | None) -> str:
    """The code as a hyperlink by OSC 8; a terminal that does not know it shows the code alone."""
    return f"\x1b]8;;{link(code)}\x1b\\{code}\x1b]8;;\x1b\\" if link else code


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


def summary(diagnostics: Sequence[Diagnostic], files: int) -> str:
    """How many of what, in how many files: the last line of a lint."""
    where = f"{files} file{'' if files == 1 else 's'}"
    counts = []
    for severity in ("error", "warning", "info"):
        number = sum(one.severity == severity for one in diagnostics)
        if number:
            counts.append(f"{number} {severity}{'' if number == 1 or severity == 'info' else 's'}")
    return f"{', '.join(counts)} in {where}\n" if counts else f"no findings in {where}\n"
