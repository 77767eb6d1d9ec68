"""Everything that can be explained as one document, with its contents in front."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from pipeforge.reports.findings import dumps

VERSION = 1
"""Of the JSON. Changes when something is taken away or means something else."""

_FENCE = re.compile(r"^(```|~~~)")
_HEADING = re.compile(r"^(#+) (.*)$")
_NO_ANCHOR = re.compile(r"[^\w\- ]")


class Page(NamedTuple):
    """The page of one topic, in Markdown; its first line is a heading."""

    chapter: str
    topic: str
    summary: str
    text: str


def as_json(pages: Sequence[Page]) -> str:
    """The pages for programs."""
    return dumps({"version": VERSION, "pages": [page._asdict() for page in pages]})


def markdown(pages: Sequence[Page]) -> str:
    """The pages in their order, below a heading for each chapter."""
    chapters = [(name, list(inside)) for name, inside in groupby(pages, key=lambda page: page.chapter)]
    lines = ["# pipeforge", ""]
    for name, inside in chapters:
        lines += [f"- [{name}](#{_anchor(name)})", *(f"  - {_entry(page)}" for page in inside)]
    for name, inside in chapters:
        lines += ["", f"## {name}"]
        for page in inside:
            lines += ["", *_lowered(page.text.strip("\n").split("\n"))]
    return "\n".join(lines) + "\n"


def _entry(page: Page) -> str:
    return f"[{_title(page)}](#{_anchor(_title(page))})" + (f": {page.summary}" if page.summary else "")


def _title(page: Page) -> str:
    found = _HEADING.match(page.text.partition("\n")[0])
    return found[2] if found else page.topic


def _anchor(title: str) -> str:
    """As the sites that show Markdown make it of a heading."""
    return _NO_ANCHOR.sub("", title.lower()).replace(" ", "-")


def _lowered(lines: Iterable[str]) -> Iterator[str]:
    """Headings two levels down, but nothing that stands in code."""
    code = False
    for line in lines:
        if _FENCE.match(line):
            code = not code
        yield f"##{line}" if not code and _HEADING.match(line) else line
