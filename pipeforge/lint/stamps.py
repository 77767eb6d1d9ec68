"""Tells what files hold without reading those that have not changed since: as git does by its index.

A file whose times of change, size and inode are what they were when it was read is taken to hold what it
held. Its time of change (ctime) is set by the system, not by tools that keep a modification time; and nothing
is remembered of a file that had changed just before it was read, for one that changes again within the same
tick of the clock looks the same. What is remembered is no more than a digest: a file that was touched, or
checked out anew, is read again and finds what was kept for its content.
"""

# ruff: noqa: PTH109, PTH116, PTH118  on the way of every file: a Path would cost ten times as much

from __future__ import annotations

import os
import sys
import time

from pipeforge.language.digesting import digest
from pipeforge.language.surroundings import PIPELINE
from pipeforge.lint.shelf import Room, Shelf
from pipeforge.loading import load

TYPE_CHECKING = False
if TYPE_CHECKING:  # see loading.py
    from pipeforge.language.reading import Name

    Content = tuple[str, bool]
    """Of a file: its digest, and whether it looks like a pipeline."""

    Stamp = tuple[int, int, int, int]

SETTLED = 2_000_000_000
"""chosen: nanoseconds from the change of a file until its stamp is believed; the coarsest clock of a file
system that is in use (FAT's) ticks every two seconds."""


def stamp(status: os.stat_result) -> Stamp:
    """What becomes another whenever a file is written, replaced or touched."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


class Stamps:
    """Of files, what they hold now; kept in a room from run to run."""

    def __init__(self, room: Room) -> None:
        self._shelf = Shelf(room, ("stamps", PIPELINE, str(sys.implementation.cache_tag)))
        self._here = os.getcwd()

    def of(self, folder: str) -> dict[str, tuple[Stamp, str, bool]]:
        """What is known of a folder's files, by name: each with the stamp that it must still have."""
        return self._shelf.of(folder)

    def known(self, path: Name, status: os.stat_result) -> Content | None:
        """What a file holds that is this now; None when only reading can tell."""
        entry = self._shelf.get(os.path.join(self._here, path))
        return entry[1:] if entry is not None and entry[0] == stamp(status) else None

    def look(self, path: Name) -> Content:
        """The same, read if need be. Raises Unreadable."""
        try:
            known = self.known(path, os.stat(path))
        except (OSError, ValueError):
            known = None  # reading tells why
        if known is not None:
            return known
        now = time.time_ns()
        raw, status = load("pipeforge.language.reading:taken")(path)
        content = digest(raw), bool(load("pipeforge.language.locating:looks_like_pipeline")(raw))
        if max(status.st_mtime_ns, status.st_ctime_ns) + SETTLED < now:
            self._shelf.put(os.path.join(self._here, path), (stamp(status), *content))
        return content

    def close(self) -> None:
        """Keeps what was learnt."""
        self._shelf.close()
