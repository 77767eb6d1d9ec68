"""The Markdown page of each rule: its documentation, and its test."""

from pathlib import Path

_PAGES = Path(__file__).parent / "pages"


def page(code: str) -> str:
    """A rule's page. Every rule has one."""
    return (_PAGES / f"{code}.md").read_text(encoding="utf-8")
