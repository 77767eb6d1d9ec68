"""Checks again and again: whenever a pipeline, its project file or one of its records changes."""

# ruff: noqa: PTH116, PTH120  on the way of every file, several times a second

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeforge.commands.lint_checking import Checked
from pipeforge.commands.lint_paths import gather
from pipeforge.commands.streams import is_live, out, talk
from pipeforge.language.surroundings import above
from pipeforge.lint.shelf import Room
from pipeforge.lint.stamps import Stamps

PAUSE = 0.3
"""chosen: seconds between two looks; short against the time that a person needs to look up."""

_CLEAR = "\x1b[2J\x1b[3J\x1b[H"

State = tuple[object, ...]


def watch(paths: Sequence[Path], kept: Room, check: Callable[[], tuple[int, Checked]]) -> int:
    """Goes on until it is interrupted. `check` checks all and tells what it found, which is `kept`."""
    try:
        while True:
            before, files = _pipelines(paths, kept)
            if is_live(sys.stdout):
                out(_CLEAR)
            read = check()[1].read
            talk(f"watching {files} file{'' if files == 1 else 's'}; Ctrl-C ends it\n")
            _until_changed(lambda: _pipelines(paths, kept)[0], before, read)
    except KeyboardInterrupt:
        talk("\n")
        return 130


def _until_changed(look: Callable[[], State], before: State, read: Iterable[str]) -> None:
    """Waits for a change, and until what changes has come to rest."""
    others = sorted(read)
    known = (before, _stamps(others))
    while True:
        time.sleep(PAUSE)
        now = (look(), _stamps(others))
        if now != known:
            break
    while now != known:
        known = now
        time.sleep(PAUSE / 3)
        now = (look(), _stamps(others))


def _pipelines(paths: Sequence[Path], kept: Room) -> tuple[State, int]:
    """The pipelines and the project files that govern them, each with its stamp; and how many pipelines."""
    files = list(gather(paths, Stamps(kept)).digests)
    folders = {os.path.dirname(os.path.realpath(file)): None for file in files}
    projects = [project for folder in folders if (project := above(folder))]
    watched: list[str | Path] = [*files, *projects]
    return tuple(zip(watched, _stamps(watched), strict=True)), len(files)


def _stamps(files: Iterable[str | Path]) -> State:
    return tuple(map(_stamp, files))


def _stamp(file: str | Path) -> object:
    try:
        status = os.stat(file)
    except OSError:
        return None  # between two versions of it, or gone for good
    return status.st_mtime_ns, status.st_size, status.st_ino
