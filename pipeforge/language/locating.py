"""Where a pipeline belongs: the project file that governs it, and the folder that no link of it may leave."""

# ruff: noqa: PTH100, PTH113, PTH118, PTH120  on the way of every file: a Path would cost ten times as much

import os
from pathlib import Path

from pipeforge.language.reading import Name, Unreadable
from pipeforge.language.saying import say

NAME = "pipeforge.yaml"
"""What a project file is called."""

LOCK = "pipeforge.lock"
"""What a lock is called: see `lock`. It lies beside the project file, or the pipeline where there is none."""

PIPELINE = r"(?m)^(steps[ \t]*(:|：)|#.*pipeline\.schema\.json)"
"""What tells a pipeline from other YAML in a folder, even one that is badly broken."""

CHECKOUT = ".git"
"""What stands at the top of a checkout: a folder, or a file in a work tree of git's."""


def find(pipeline: Path) -> Path | None:
    """The nearest project file at or above the pipeline's folder, links followed."""
    found = above(os.path.dirname(os.path.realpath(pipeline)))
    return Path(found) if found else None


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


def keep_inside(path: Name, otherwise: str | None = None) -> None:
    """Raises Unreadable for a path that leads out of its checkout by a link: a stranger may have made it.

    `otherwise`: the folder not to leave where there is neither a checkout nor a project file above.
    """
    whole = os.path.abspath(path)
    around = boundary(os.path.dirname(whole)) or otherwise
    target = os.path.realpath(whole)
    if around and not within(target, os.path.realpath(around)):
        raise Unreadable(
            path,
            say("'{path}' is a link that leads out of its project", path=path),
            say(
                "links are followed inside the project only: name the file itself, '{target}'", target=target
            ),
        )


def lies_in(path: Path, folder: Path) -> bool:
    """Whether a path, links followed, lies in a folder without links; no name that no file can have does.

    Raises UnicodeEncodeError for a name that a file can have, and this system's encoding cannot write.
    """
    try:
        return path.resolve().is_relative_to(folder)
    except UnicodeEncodeError as error:
        if error.encoding == "utf-8":
            return False
        raise
    except (OSError, ValueError, RuntimeError):  # a NUL, half a character, a link to itself
        return False
