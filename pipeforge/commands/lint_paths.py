"""Finds the pipelines that the words of a command line stand for: files, folders, patterns."""

# ruff: noqa: PTH112, PTH113, PTH114, PTH119, PTH120, PTH206  a Path a file would cost too much

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.locating import keep_inside
from pipeforge.language.reading import Name, Unreadable
from pipeforge.language.saying import say
from pipeforge.language.surroundings import ENDINGS, NAME
from pipeforge.lint.shelf import Room
from pipeforge.lint.stamps import Stamps
from pipeforge.lint.unchecked import nothing_there, unchecked
from pipeforge.loading import load

_MAGIC = frozenset("*?[")
"""What makes a pattern of a word."""


class Gathered(NamedTuple):
    """What is to be checked, and what cannot be."""

    digests: dict[Path, str]
    """Of each pipeline, in order; "" where it was not looked at yet."""
    unchecked: list[Diagnostic]
    stamps: Stamps
    """By which a file that has not changed is not read again."""


def gather(paths: Iterable[Path], stamps: Stamps | None = None) -> Gathered:
    """Each pipeline once, in the order of the words, those of one word sorted. Never raises."""
    gathered = Gathered({}, [], stamps or Stamps(Room(None)))
    for path in paths:
        given = os.fspath(path)
        if not _MAGIC.isdisjoint(given) and not os.path.lexists(given):
            names = sorted(load("glob:glob")(given, recursive=True))
            if not sum([_take(one, gathered) for one in names if os.path.basename(one) != NAME]):
                gathered.unchecked.append(nothing_there(path, say("no file matches '{path}'", path=path)))
        elif os.path.isdir(folder := _governed(given)):
            if not _take(folder, gathered):
                where = Path(folder)
                gathered.unchecked.append(nothing_there(where, say("no pipeline in '{path}'", path=where)))
        else:
            gathered.digests.setdefault(path, "")
    _refuse_links(gathered)
    return gathered


def read(gathered: Gathered) -> Gathered:
    """The same, but also what was named itself is looked at."""
    sound = gathered._replace(digests={}, unchecked=list(gathered.unchecked))
    for file, known in gathered.digests.items():
        try:
            sound.digests[file] = known or gathered.stamps.look(file)[0]
        except Unreadable as error:
            sound.unchecked.append(unchecked(file, error))
    return sound


def is_pipeline(path: str, stamps: Stamps) -> bool:
    """Whether a file that was read for another is a pipeline itself."""
    try:
        return path.endswith(ENDINGS) and stamps.look(path)[1]
    except Unreadable:
        return False


def _governed(given: str) -> str:
    """A project file is checked with the pipelines that it governs: its folder stands for them."""
    if os.path.basename(given) == NAME and os.path.isfile(given):
        return os.path.dirname(given) or "."
    return given


def _take(given: str, gathered: Gathered) -> int:
    """Adds a file that was not named itself, or all in a folder, if they are pipelines. Gives how many."""
    error = _leaves(given)
    if error:
        gathered.unchecked.append(unchecked(Path(given), error))
        return 1
    inside = os.path.isdir(given)
    before = len(gathered.unchecked)
    names = sorted(_below(given, gathered), key=_parts) if inside else [given]
    found = sum([_look(name, given if inside else None, gathered) for name in names])
    return found + len(gathered.unchecked) - before


def _look(name: str, folder: str | None, gathered: Gathered) -> int:
    """Adds a file if it is a pipeline. Gives how many that makes."""
    try:
        if folder and os.path.islink(name):
            keep_inside(name, folder)
        digest, pipeline = gathered.stamps.look(name)
    except Unreadable as error:
        gathered.unchecked.append(unchecked(Path(name), error))
        return 0
    if pipeline:
        gathered.digests.setdefault(Path(name), digest)
    return int(pipeline)


def _parts(name: str) -> list[str]:
    return name.split(os.sep)


def _below(folder: str, gathered: Gathered) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        gathered.unchecked.append(unchecked(Path(folder), Unreadable.of(folder, error)))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        name = entry.name if folder == "." else entry.path
        if entry.is_dir(follow_symlinks=False):
            yield from _below(name, gathered)
        elif entry.name.endswith(ENDINGS) and entry.name != NAME and not os.path.isdir(name):
            yield name


def _refuse_links(gathered: Gathered) -> None:
    """Leaves out what was named itself, but leads out of its project by a link."""
    folders: dict[str, Unreadable | None] = {}
    for path in [path for path, read in gathered.digests.items() if not read]:
        folder = os.path.dirname(path)
        if folder not in folders:
            folders[folder] = _leaves(folder)
        error = folders[folder] or (_leaves(path) if os.path.islink(path) else None)
        if error:
            del gathered.digests[path]
            gathered.unchecked.append(unchecked(path, error))


def _leaves(path: Name) -> Unreadable | None:
    try:
        keep_inside(path)
    except Unreadable as error:
        return error
    return None
