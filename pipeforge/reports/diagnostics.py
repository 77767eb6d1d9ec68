"""Findings as text for people: in full with source lines, or one a line."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.saying import tell
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.reports.display import shown
from pipeforge.reports.saying import HELP, SEVERITIES, fix_available
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
    language: Language = "en",
    columns: int | None = None,
) -> str:
    """Each finding with its source lines, carets and mend. `texts`: the contents of the files, by path.

    `link`: where a code leads as a hyperlink; for terminals only. `language`: that of the words around.
    `columns`: to what width source lines are cut; None where there is no terminal.
    """
    lines = {path: split(text) for path, text in texts.items()}
    look = _Look(colour, link, catalogue(language), columns)
    return "\n".join(_block(one, lines.get(one.path), look) for one in diagnostics)


class _Look(NamedTuple):
    """How findings are shown."""

    colour: bool
    link: Address | None
    tongue: Mapping[str, str]
    columns: int | None


def _block(one: Diagnostic, lines: Sequence[str] | None, look: _Look) -> str:
    colour, tongue = look.colour, look.tongue
    tone = _COLOURS[one.severity]
    severity = tell(SEVERITIES[one.severity], tongue)
    head = f"{severity}[{_linked(one.code, look.link)}] {one.rule}"
    out = [f"{_paint(head, f'1;{tone}', colour)}: {_paint(shown(one.message), '1', colour)}"]
    marks = [Mark(one.span, primary=True), *(Mark(span, label) for span, label in one.see_also)]
    drawn = rows(lines, marks, look.columns) if lines is not None else []
    margin = " " * len(drawn[0].gutter) if drawn else " "
    arrow = _paint("-->", "34", colour)
    where = f":{one.span.line}:{one.span.column}" if drawn else ""
    out.append(f"{margin}{arrow} {shown(str(one.path))}{where}")
    out += [_row(row, tone, colour=colour) for row in drawn]
    bar = _paint("=", "34", colour)
    if one.hint:
        out.append(f"{margin} {bar} {_paint(tell(HELP, tongue), '1', colour)}: {shown(one.hint)}")
    if one.fix:
        fix = tell(fix_available(one.fix.title, safe=one.fix.safe), tongue)
        out.append(f"{margin} {bar} {shown(fix)}")
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
