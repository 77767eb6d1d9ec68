"""Where `pipeforge lint` keeps what it found, and under which settings."""

# ruff: noqa: PTH109, PTH111, PTH117, PTH118  on the way of every start

from __future__ import annotations

import os

from pipeforge.language.surroundings import boundary, within
from pipeforge.lint.shelf import Room

TYPE_CHECKING = False
if TYPE_CHECKING:  # see loading.py
    from collections.abc import Sequence


def room(chosen: str) -> Room:
    """Where nobody says: with the user's own caches, for no checkout can bring one there."""
    if chosen:
        return Room(chosen)
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Room(os.path.join(caches, "pipeforge", "lint") if os.path.isabs(caches) else None)


def lies_here(chosen: str) -> bool:
    """Whether a folder lies in the checkout that lint runs in."""
    here = os.path.realpath(os.getcwd())
    return within(os.path.realpath(chosen), boundary(here) or here)


def settings(
    edition: str, language: str, env: str | None, selected: Sequence[str], ignored: Sequence[str]
) -> list[str]:
    """All that a result depends on beside files."""
    return [edition, language, "" if env is None else f"={env}", *selected, "", *ignored]
