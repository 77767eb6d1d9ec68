"""How characters of a file appear on a terminal: how wide, and never as commands to it."""

import unicodedata
from collections.abc import Sequence

_TAB = "    "
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
_UNSEEN = frozenset("\u00a0\u00ad\u200b\u2060\ufeff")
"""A name that holds one of these looks like another name. The joiners of letters and of emoji may stay."""


def shown(text: str) -> str:
    """The text with tabs as four blanks, and control, direction and unseen marks written as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_char, text))


def _char(char: str) -> str:
    if char == "\t":
        return _TAB
    if unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI or char in _UNSEEN:
        code = ord(char)
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    return char


def width(text: str) -> int:
    """How many columns a text takes; full-width characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def padded(text: str, columns: int) -> str:
    """The text with blanks behind it, so that what follows it stands in one line with its neighbours."""
    return text + " " * (columns - width(text))


def _columns(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1


def amount(number: int, noun: str) -> str:
    """`1 run`, `2 runs`; the noun is one that takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines whose columns stand below each other."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(padded, row, widths)).rstrip() for row in rows]
