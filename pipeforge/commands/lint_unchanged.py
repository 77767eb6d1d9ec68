"""Answers `pipeforge lint` where no file has changed since nothing was found: without parser or rules.

Whatever is not plain (another option, a link, a pattern, a file that is not known by its stamp, a finding)
is left to the whole command, which says the same of what this can answer.
"""

# ruff: noqa: PTH109, PTH206, PTH116, PTH118  on the way of every file

from __future__ import annotations

import os
import stat

from pipeforge import __version__
from pipeforge.commands.languages import KNOWN, of_environment
from pipeforge.commands.lint_kept import lies_here, room, settings
from pipeforge.commands.streams import talk
from pipeforge.errors import UsageError
from pipeforge.language.digesting import UNREADABLE
from pipeforge.language.surroundings import ABSENT, ENDINGS, NAME, above
from pipeforge.lint.edition import edition
from pipeforge.lint.shelf import Room, Shelf
from pipeforge.lint.stamps import Stamps, stamp
from pipeforge.loading import load

TYPE_CHECKING = False
if TYPE_CHECKING:  # see loading.py
    from typing import Any

_ONCE = ("--cache-dir", "--lang", "--env", "--format")
_OFTEN = ("--select", "--ignore")
_FORMATS = ("full", "concise")
"""Those in which nothing is told by nothing."""


class _Unknown(Exception):
    """Only the whole command can tell."""


def answered(words: list[str]) -> int | None:
    """The exit code, when all was told; None for what is left to the whole command."""
    try:
        paths, given = _asked(words)
        files = _Look(room("".join(given["--cache-dir"][-1:])), given).count(paths)
    except (_Unknown, UsageError, OSError, ValueError):
        return None
    talk(_nothing(files, given["--lang"][-1]))
    return 0


def _nothing(files: int, language: str) -> str:
    if language == "en":
        return "no findings in 1 file\n" if files == 1 else f"no findings in {files} files\n"
    told: str = load("pipeforge.reports.summary:summary")([], files, language)
    return told


def _asked(words: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """The paths, and what was given for each option that wants something. Raises _Unknown for any other."""
    paths: list[str] = []
    given: dict[str, list[str]] = {name: [] for name in (*_ONCE, *_OFTEN)}
    left, ended = iter(words), False
    for word in left:
        name, equals, value = word.partition("=")
        if not word.startswith("-") and not ended:
            paths.append(word)
            continue
        ended = bool(paths)  # no path may follow an option that follows a path
        if name in given:
            given[name].append(value if equals else next(left, ""))
        elif word != "--exit-zero":
            raise _Unknown
    if any(value.startswith("-") or not value for values in given.values() for value in values):
        raise _Unknown
    given["--lang"] = given["--lang"] or [of_environment()]
    given["--format"] = given["--format"] or [_FORMATS[0]]
    sound = given["--lang"][-1] in KNOWN and given["--format"][-1] in _FORMATS and len(given["--env"]) < 2
    folder = given["--cache-dir"][-1:]
    if not sound or (folder and lies_here(folder[0])):
        raise _Unknown
    return paths or ["."], given


class _Folder:
    """What is known of the files of one folder."""

    __slots__ = ("project", "results", "stamps", "whole")

    def __init__(self, whole: str, stamps: dict[str, Any], project: tuple[str, str]) -> None:
        self.whole = whole
        self.stamps = stamps
        self.project = project
        self.results: dict[str, Any] | None = None
        """By name, as `Cache` puts them; None until they are asked for."""


class _Look:
    """Looks at each file, and counts those of which it is known that nothing is to be found."""

    def __init__(self, kept: Room, given: dict[str, list[str]]) -> None:
        self._room = kept
        self._given = given
        self._here = os.getcwd()
        self._stamps = Stamps(kept)
        self._results: Shelf | None = None
        self._last: tuple[str, _Folder] | None = None
        self._files: dict[str, None] = {}
        self._others: dict[tuple[str, str, str], None] = {}
        self._contents: dict[str, tuple[str, bool]] = {}

    def count(self, paths: list[str]) -> int:
        """How many files there are. Raises _Unknown for any of which more is to be said."""
        for path in paths:
            if ".." in path.split(os.sep):
                raise _Unknown
            given = os.path.normpath(path)
            status = os.lstat(path)
            if stat.S_ISDIR(status.st_mode):
                if not self._below(given):
                    raise _Unknown  # no pipeline there
            else:
                self._named(given, status)
        self._follow()
        return len(self._files)

    def _below(self, top: str) -> int:
        found, waiting = 0, [top]
        while waiting:
            path = waiting.pop()
            folder = self._folder(path)
            for entry in os.scandir(path):
                name = entry.name
                if name.startswith("."):
                    continue
                file = name if path == "." else entry.path
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(file)
                elif name.endswith(ENDINGS) and name != NAME:
                    status = entry.stat(follow_symlinks=False)
                    found += self._clean(folder, name, file, status, named=False)
        return found

    def _named(self, path: str, status: os.stat_result) -> None:
        folder, name = os.path.split(path)
        if name == NAME:
            raise _Unknown  # it stands for its folder
        if self._last is None or self._last[0] != folder:
            self._last = folder, self._folder(folder or ".")
        self._clean(self._last[1], name, path, status, named=True)

    def _folder(self, path: str) -> _Folder:
        whole = self._here if path == "." else os.path.join(self._here, path)  # as those who keep write it
        real = os.path.realpath(whole)
        if real != os.path.normpath(whole):
            raise _Unknown  # a link is on the way: it may lead out of the checkout
        project = above(real)
        content = (project, self._content(project)[0]) if project else (ABSENT, ABSENT)
        return _Folder(whole, self._stamps.of(whole), content)

    def _clean(self, folder: _Folder, name: str, path: str, status: os.stat_result, *, named: bool) -> bool:
        """Whether a file is to be checked. Raises _Unknown if it has changed, or has findings."""
        known = folder.stamps.get(name)
        if known is None or known[0] != stamp(status):
            raise _Unknown
        if not known[2] and not named:
            return False
        if folder.results is None:
            folder.results = self._results_in(folder.whole)
        result = folder.results.get(name)
        if result is None or result[0] != known[1] or result[1] != folder.project or result[3] is not None:
            raise _Unknown
        self._files[path] = None
        for other in result[2]:
            self._others[other] = None
        return True

    def _follow(self) -> None:
        """The files that were read beside the pipelines; those that are pipelines themselves are counted."""
        known = {os.path.join(self._here, file) for file in self._files}
        seen = set[tuple[str, str, str]]()
        while self._others:
            other = self._others.popitem()[0]
            if other in seen:
                continue
            seen.add(other)
            path, real, digest = other
            now = self._content(path)
            if now[0] != digest or os.path.realpath(path) != real:
                raise _Unknown
            if now[1] and path.endswith(ENDINGS) and real not in known:
                known.add(real)
                self._named(path, os.lstat(path))

    def _content(self, path: str) -> tuple[str, bool]:
        """What a file beside the pipelines holds now."""
        if path not in self._contents:
            try:
                known = self._stamps.known(path, os.stat(path))
            except OSError:
                known = UNREADABLE, False
            if known is None:
                raise _Unknown
            self._contents[path] = known
        return self._contents[path]

    def _results_in(self, whole: str) -> dict[str, Any]:
        if self._results is None:
            given = self._given
            env = given["--env"][-1] if given["--env"] else None
            key = settings(
                edition(__version__), given["--lang"][-1], env, given["--select"], given["--ignore"]
            )
            self._results = Shelf(self._room, (*key, self._here))
        return self._results.of(whole)
