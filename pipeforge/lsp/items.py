"""What completion offers: one item, and the ways to make one."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from pipeforge.language.snippets import Snippet

Look = Literal["key", "kind", "word", "step", "connection", "variable", "filter", "rule", "snippet", "name"]
"""What an item is, for the symbol an editor shows before it."""


class Item(NamedTuple):
    """One thing that could stand at the cursor."""

    label: str
    look: Look
    text: str
    """What to write in place of the word under the cursor."""
    documentation: str = ""
    detail: str = ""
    is_snippet: bool = False
    """The text has gaps to fill in, written as `${1:example}`."""
    order: int = 0
    """Items of a lower order come first."""
    back: int = 0
    """How many characters before the word are replaced too."""


def words(listed: Iterable[tuple[str, str]], look: Look = "word") -> list[Item]:
    return [Item(word, look, word, text) for word, text in listed]


def of_snippet(snippet: Snippet) -> Item:
    """One of the schema's beginnings as block YAML."""
    text = "\n".join(_lines(snippet["body"], ""))
    return Item(snippet["label"], "snippet", text, snippet["description"], "snippet", True, order=9)


def _lines(body: object, indent: str) -> list[str]:
    out: list[str] = []
    for key, value in body.items() if isinstance(body, dict) else ():
        if isinstance(value, dict):
            out += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        elif isinstance(value, list):
            out.append(f"{indent}{key}: [{', '.join(value)}]")
        else:
            out.append(f"{indent}{key}: {str(value).removeprefix('^')}")
    return out


def plain(text: str) -> str:
    """A snippet as it is left when nothing is filled in, for editors that know no snippets."""
    chosen = re.sub(r"\$\{\d+\|([^,|}]*)[^}]*\}", r"\1", text)
    filled = re.sub(r"\$\{\d+:((?:\\.|[^\\}])*)\}|\$\d", lambda found: found[1] or "", chosen)
    return re.sub(r"\\([\\$}])", r"\1", filled)


def literal(text: str) -> str:
    """A text as a snippet writes it."""
    return re.sub(r"([\\$}])", r"\\\1", text)
