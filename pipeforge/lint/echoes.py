"""One mistake behind an anchor is one finding, however often an alias takes it up."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.document import Document

_TAKEN_UP = re.compile(r"""(?:[\w<'"$.-]+[ \t]*:[ \t]*)?\*""")
"""An alias, or a key before one."""


def without_echoes(documents: Mapping[Path, Document], found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Leaves out what is told at an alias when the same is told at another place of the file."""
    groups: dict[tuple[Path, str, str], list[Diagnostic]] = {}
    for one in found:
        groups.setdefault((one.path, one.code, one.message), []).append(one)
    kept: list[Diagnostic] = []
    for (path, _, _), same in groups.items():
        document = documents.get(path)
        if len(same) > 1 and document is not None and "*" in document.text:
            own = [one for one in same if not _at_alias(document, one)]
            same = own or same[:1]
        kept += same
    return kept


def _at_alias(document: Document, one: Diagnostic) -> bool:
    return _TAKEN_UP.match(document.text, document.offset(one.span.line, one.span.column)) is not None
