"""The page of each rule: what it finds, why, an example and its mend."""

from pathlib import Path

_FOLDER = Path(__file__).parent


def page(code: str) -> str:
    """The page of a rule in Markdown. Raises KeyError when there is none."""
    path = _FOLDER / f"{code}.md"
    if not path.is_file():
        raise KeyError(code)
    return path.read_text(encoding="utf-8")
