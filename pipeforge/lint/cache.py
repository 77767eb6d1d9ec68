"""Keeps what lint found: a file is not checked again while nothing that was read for it has changed."""

# ruff: noqa: PTH118, PTH120  on the way of every file: a Path would cost ten times as much

import os
from collections.abc import Sequence
from pathlib import Path

from pipeforge.language.locating import above, boundary, within
from pipeforge.language.reading import digest_of
from pipeforge.lint.results import ABSENT, Inputs, NotAResult, Plain, Result, plain, revived
from pipeforge.lint.shelf import Shelf


class Cache:
    """Results of earlier checks under the same settings, asked for from the same folder.

    It must lie outside of what is checked: a checkout that brings its own could silence lint.
    """

    def __init__(self, folder: Path, settings: Sequence[str]) -> None:
        self._folder = os.path.realpath(folder)
        self._here = os.getcwd()  # noqa: PTH109
        self._shelf = Shelf(self._folder, (*settings, self._here))
        self._outside: dict[str, bool] = {}
        self._projects: dict[str, list[str]] = {}
        self._others: dict[str, tuple[str, str]] = {}

    def find(self, file: Path, known: str = "") -> Result | None:
        """What a check would give; None when only a check can tell. `known`: the file's digest, once read."""
        whole = os.path.join(self._here, file)
        entry = self._entry(whole)
        if entry is None or entry.get("pipeline") != (known or digest_of(whole)):
            return None
        if entry.get("project") != self._project(whole):
            return None
        try:
            if not all(self._is(path) == (real, read) for path, real, read in entry["records"]):
                return None
            records = tuple((path, read) for path, _, read in entry["records"])
            return revived(entry)._replace(inputs=Inputs(entry["pipeline"], tuple(entry["project"]), records))
        except (NotAResult, TypeError, ValueError, LookupError):
            return None

    def keep(self, file: Path, result: Result) -> None:
        """Remembers what a check gave, if it depends on nothing but what was read for it."""
        whole = os.path.join(self._here, file)
        inputs = result.inputs
        if inputs is None or ABSENT in (digest for _, digest in inputs.records):
            return
        if self._may(os.path.dirname(whole)):
            records = [[path, os.path.realpath(path), digest] for path, digest in inputs.records]
            entry = {"pipeline": inputs.pipeline, "project": [*inputs.project], "records": records}
            self._shelf.put(whole, entry | plain(result))

    def close(self) -> None:
        """Writes what is new. Whatever goes wrong with that, the next run only has more to do."""
        self._shelf.close()

    def _entry(self, whole: str) -> Plain | None:
        return self._shelf.get(whole) if self._may(os.path.dirname(whole)) else None

    def _may(self, folder: str) -> bool:
        """Whether the cache lies outside the checkout that a folder belongs to."""
        if folder not in self._outside:
            real = os.path.realpath(folder)
            self._outside[folder] = not within(self._folder, boundary(real) or real)
        return self._outside[folder]

    def _is(self, path: str) -> tuple[str, str]:
        """Where a file that others read is now, and its digest: looked up once for all of them."""
        if path not in self._others:
            self._others[path] = os.path.realpath(path), digest_of(path)
        return self._others[path]

    def _project(self, whole: str) -> list[str]:
        """The project file that governs a pipeline now, with its digest."""
        real = os.path.realpath(whole) if os.path.islink(whole) else whole  # noqa: PTH114
        folder = os.path.dirname(real)
        if folder not in self._projects:
            path = above(os.path.realpath(folder))
            self._projects[folder] = [path, digest_of(path)] if path else [ABSENT, ABSENT]
        return self._projects[folder]
