"""Where a pipeline belongs: the project file that governs it, and the folder that no link of it may leave."""

# ruff: noqa: PTH113, PTH118, PTH120  on the way of every file: a Path would cost ten times as much

from __future__ import annotations

import os

NAME = "pipeforge.yaml"
"""What a project file is called."""

LOCK = "pipeforge.lock"
"""What a lock is called: see `lock`. It lies beside the project file, or the pipeline where there is none."""

PIPELINE = r"(?m)^(steps[ \t]*(:|：)|#.*pipeline\.schema\.json)"
"""What tells a pipeline from other YAML in a folder, even one that is badly broken."""

ENDINGS = (".yaml", ".yml")
"""How the name of a pipeline ends."""

CHECKOUT = ".git"
"""What stands at the top of a checkout: a folder, or a file in a work tree of git's."""

ABSENT = ""
"""The path of a project file that does not exist, and its digest."""


def above(folder: str) -> str | None:
    """The nearest project file in a folder or above it."""
    while True:
        candidate = os.path.join(folder, NAME)
        if os.path.isfile(candidate):
            return candidate
        higher = os.path.dirname(folder)
        if higher == folder:
            return None
        folder = higher


def boundary(folder: str) -> str | None:
    """The folder that no link below may leave: the checkout, else the project file's; None for neither."""
    project, here = None, folder
    while True:
        if os.path.lexists(os.path.join(here, CHECKOUT)):
            return here
        if project is None and os.path.lexists(os.path.join(here, NAME)):
            project = here
        higher = os.path.dirname(here)
        if higher == here:
            return project
        here = higher


def within(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, both without links."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
