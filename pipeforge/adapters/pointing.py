"""Reads what a person gives for a job: its id, the address of its page, or a mapping that holds the id."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from pipeforge.adapter import Json

_SHOWN = 60
"""chosen: enough of a wrong value to recognise it by."""

_LONGEST = 200
"""chosen: no vendor's id is longer."""


def excerpt(text: str) -> str:
    """The beginning of a text that may be of any length, for a message."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"


def named(given: Json, *names: str) -> str:
    """The id in `given`: a text or number, or what stands in a mapping under one of `names` or `id`.

    Raises ValueError saying what is wrong with it.
    """
    value = given
    if isinstance(given, Mapping):
        found = [given[name] for name in (*names, "id") if name in given]
        if not found:
            raise ValueError(f"it has no '{names[0]}'")
        value = found[0]
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ValueError("it is no id")
    text = str(value).strip()
    if "://" in text:
        text = urlsplit(text).path.rstrip("/").rpartition("/")[2]
    if not 1 <= len(text) <= _LONGEST:
        raise ValueError("it is no id")
    return text


def number(given: Json, *names: str) -> int:
    """The same where ids are numbers."""
    text = named(given, *names)
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError(f"'{excerpt(text)}' is no number")
    return int(text)
