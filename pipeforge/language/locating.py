"""Finds the project file of a pipeline, and tells what leaves the folder that it belongs to."""

# ruff: noqa: PTH100, PTH120  on the way of every file: a Path would cost ten times as much

import os
import re
from pathlib import Path

from pipeforge.language.reading import Name, Unreadable
from pipeforge.language.saying import say
from pipeforge.language.surroundings import PIPELINE, above, boundary, within

_PIPELINE = re.compile(PIPELINE.encode())


def looks_like_pipeline(raw: bytes) -> bool:
    """Whether a YAML file in a folder is a pipeline, even one that is badly broken."""
    return _PIPELINE.search(raw) is not None


def find(pipeline: Path) -> Path | None:
    """The nearest project file at or above the pipeline's folder, links followed."""
    found = above(os.path.dirname(os.path.realpath(pipeline)))
    return Path(found) if found else None


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
