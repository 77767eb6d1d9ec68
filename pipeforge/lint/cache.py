"""Keeps what lint found: a file is not checked again while nothing that was read for it has changed."""

# ruff: noqa: PTH118, PTH120  on the way of every file: a Path would cost ten times as much

import marshal
import os
from collections.abc import Sequence
from pathlib import Path

from pipeforge.language.digesting import UNREADABLE
from pipeforge.language.reading import Unreadable
from pipeforge.language.surroundings import ABSENT, above
from pipeforge.lint.results import Inputs, NotAResult, Result, plain, revived
from pipeforge.lint.shelf import Room, Shelf
from pipeforge.lint.stamps import Stamps

Read = tuple[str, str, str]
"""A file that was read beside the pipeline: its path as it was read, that without links, and its digest."""

_Shared = tuple[tuple[str, str], tuple[Read, ...]]

Entry = tuple[str, tuple[str, str], tuple[Read, ...], bytes | None]
"""The pipeline's digest, the project file's path and digest, the others; and what was found, if anything."""


class Cache:
    """Results of earlier checks under the same settings, asked for from the same folder."""

    def __init__(self, room: Room, settings: Sequence[str], stamps: Stamps) -> None:
        self._here = os.getcwd()  # noqa: PTH109
        self._shelf = Shelf(room, (*settings, self._here))
        self._stamps = stamps
        self._projects: dict[str, tuple[str, str]] = {}
        self._others: dict[str, Read] = {}
        self._same: dict[_Shared, _Shared] = {}

    def find(self, file: Path, known: str = "") -> Result | None:
        """What a check would give; None when only a check can tell. `known`: the file's digest, once read."""
        whole = os.path.join(self._here, file)
        now = known or self._digest(whole)  # also for its stamp to be known from now on
        entry: Entry | None = self._shelf.get(whole)
        if entry is None or entry[0] != now or entry[1] != self._project(whole):
            return None
        _, project, records, found = entry
        if any(self._is(record[0]) != record for record in records):
            return None
        inputs = Inputs(now, project, tuple([(path, digest) for path, _, digest in records]))
        if found is None:
            return Result((), {}, inputs)
        try:
            return revived(marshal.loads(found))._replace(inputs=inputs)  # noqa: S302  ours: see Shelf
        except NotAResult:
            return None

    def keep(self, file: Path, result: Result) -> None:
        """Remembers what a check gave, if it depends on nothing but what was read for it."""
        whole = os.path.join(self._here, file)
        inputs = result.inputs
        if inputs is None or ABSENT in (digest for _, digest in inputs.records):
            return
        records = tuple([(path, os.path.realpath(path), digest) for path, digest in inputs.records])
        found = marshal.dumps(plain(result)) if result.diagnostics else None
        # What is the same for many files is the same object, which is written once.
        project, records = self._same.setdefault((inputs.project, records), (inputs.project, records))
        self._shelf.put(whole, (inputs.pipeline, project, records, found))

    def close(self) -> None:
        """Writes what is new. Whatever goes wrong with that, the next run only has more to do."""
        self._shelf.close()

    def _digest(self, path: str) -> str:
        try:
            return self._stamps.look(path)[0]
        except Unreadable:
            return UNREADABLE

    def _is(self, path: str) -> Read:
        """Where a file that others read is now, and its digest: looked up once for all of them."""
        if path not in self._others:
            self._others[path] = path, os.path.realpath(path), self._digest(path)
        return self._others[path]

    def _project(self, whole: str) -> tuple[str, str]:
        """The project file that governs a pipeline now, with its digest."""
        real = os.path.realpath(whole) if os.path.islink(whole) else whole  # noqa: PTH114
        folder = os.path.dirname(real)
        if folder not in self._projects:
            path = above(os.path.realpath(folder))
            self._projects[folder] = (path, self._is(path)[2]) if path else (ABSENT, ABSENT)
        return self._projects[folder]
