"""What a plain YAML scalar means: YAML 1.2's core schema, less what silently re-types an author's text."""

import re

Scalar = bool | int | float | str | None

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,99})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,99})?(?:\.[0-9]{1,100})?(?:[eE][-+]?[0-9]{1,3})?")
_BASED = re.compile(r"0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_NUMERIC_START = frozenset("0123456789+-.")
STARTS = frozenset(["", *_NUMERIC_START, *(word[:1] for word in _WORDS)])
"""How every text begins that is no text; whatever begins otherwise need not be resolved."""


def respelt(value: Scalar, text: str) -> bool:
    """Whether a number is written otherwise than it will be told: `1.10` becomes 1.1, `0x1F` 31."""
    return type(value) in (int, float) and str(value) != text


def resolve(text: str) -> Scalar:
    """None, bool, int or float where the text certainly is one; the text itself otherwise.

    Numbers with a leading zero, timestamps, `.inf`, `.nan` and 1.1's `yes` and `on` stay text.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_START:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text) and any(c.isdigit() for c in text):
        number = float(text)
        return number if number not in (float("inf"), float("-inf")) else text
    return text
