"""Small files of our own in a folder that nobody else can write: one for what is known of each folder."""

# ruff: noqa: PTH103, PTH105, PTH108, PTH113, PTH116, PTH118, PTH119, PTH120  used on every start

from __future__ import annotations

import marshal
import os
import stat
import time

from pipeforge.language.digesting import LENGTH, digest
from pipeforge.language.surroundings import boundary, within

TYPE_CHECKING = False
if TYPE_CHECKING:  # see loading.py
    from collections.abc import Sequence
    from typing import Any

    Entries = dict[str, Any]

MAX_SHELF = 8 * 1024 * 1024
"""chosen: bytes of one file; a folder with more results than that is checked anew."""

MAX_ALL = 64 * 1024 * 1024
"""chosen: bytes of all of them; beyond that those that were not used for longest go."""

SUFFIX = ".shelf"
_DAY = 24 * 3600.0
_DRAFT = ".tmp"


class Room:
    """The folder of all shelves; without one nothing is kept.

    It must lie outside of what is checked: a checkout that brings its own could silence lint.
    """

    def __init__(self, folder: str | os.PathLike[str] | None) -> None:
        self.folder = None if folder is None else os.path.realpath(folder)
        self._serves: dict[str, bool] = {}

    def serves(self, folder: str) -> bool:
        """Whether it lies outside of the checkout that a folder belongs to."""
        if self.folder is None:
            return False
        if folder not in self._serves:
            real = os.path.realpath(folder)
            self._serves[folder] = not within(self.folder, boundary(real) or real)
        return self._serves[folder]


class Shelf:
    """Entries by the path of a file. One folder's entries are held at a time, so that memory stays flat."""

    def __init__(self, room: Room, key: Sequence[str]) -> None:
        self._room = room
        self._key = "\0".join(key)
        self._open = ""
        self._held: Entries = {}
        self._new: Entries = {}
        self._wrote = False

    def of(self, folder: str) -> Entries:
        """What was put for the files of a folder, by name; not to be changed."""
        self._turn(folder)
        return self._held

    def get(self, path: str) -> Any:
        """What was put for a path; None when there is nothing."""
        return self.of(os.path.dirname(path)).get(os.path.basename(path))

    def put(self, path: str, entry: Any) -> None:
        """Takes the place of what was there: something of tuples, texts, bytes and numbers."""
        folder = os.path.dirname(path)
        self._turn(folder)
        if self._room.serves(folder):
            name = os.path.basename(path)
            self._held[name] = self._new[name] = entry

    def close(self) -> None:
        """Writes what is new, and makes room. Whatever goes wrong, the next run only has more to do."""
        self._turn("")
        if self._wrote and self._room.folder is not None:
            _prune(self._room.folder)

    def _turn(self, folder: str) -> None:
        if folder == self._open:
            return
        if self._new and self._room.folder is not None:
            self._write(self._room.folder)
        self._open, self._new = folder, {}
        self._held = self._read(folder) if folder and self._room.serves(folder) else {}

    def _name(self, folder: str) -> str:
        key = f"{self._key}\0{folder}".encode("utf-8", "surrogatepass")
        return digest(key)

    def _read(self, folder: str) -> Entries:
        """Whatever is not ours, or broken, is as good as nothing."""
        name = self._name(folder)
        file = os.path.join(self._room.folder or "", name + SUFFIX)
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return {}
        try:
            status = os.fstat(descriptor)
            if not _ours(status) or status.st_size > MAX_SHELF:
                return {}
            raw = os.read(descriptor, status.st_size + 1)
            if time.time() - status.st_mtime > _DAY:
                os.utime(file)
        except OSError:
            return {}
        finally:
            os.close(descriptor)
        return unsealed(raw, name)

    def _write(self, room: str) -> None:
        kept = {
            name: entry
            for name, entry in (self._read(self._open) | self._new).items()
            if name in self._new or os.path.isfile(os.path.join(self._open, name))
        }
        name = self._name(self._open)
        raw = sealed(kept, name)
        if len(raw) <= MAX_SHELF:
            self._wrote = _replace(room, name + SUFFIX, raw) or self._wrote


def sealed(entries: Entries, name: str) -> bytes:
    """What a file of this name, without its suffix, holds for these entries."""
    raw = marshal.dumps(entries)
    return digest(raw, name).encode() + raw


def unsealed(raw: bytes, name: str) -> Entries:
    """What was sealed under a name; nothing for anything else, such as what a crash has left half written."""
    seal, rest = raw[:LENGTH], raw[LENGTH:]
    if digest(rest, name).encode() != seal:
        return {}  # damaged: not even decoded
    held: Entries = marshal.loads(rest)  # noqa: S302  of nobody but ourselves: see `_ours`
    return held


def _replace(room: str, name: str, raw: bytes) -> bool:
    """Whether a file could be written whole in place of the one that was there."""
    file = os.path.join(room, name)
    draft = f"{file}.{os.getpid()}{_DRAFT}"
    try:
        _make(room)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return False
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(raw)
        os.replace(draft, file)
    except OSError:
        _remove(draft)
        return False
    return True


def _ours(status: os.stat_result) -> bool:
    """A file that only we can have written."""
    return (
        stat.S_ISREG(status.st_mode)
        and status.st_uid == os.getuid()
        and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def _make(folder: str) -> None:
    """The folder, for us alone. Raises OSError when it is another's."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if os.stat(folder).st_uid != os.getuid():
        raise PermissionError(folder)


def _prune(folder: str) -> None:
    """Removes what was not used for longest until there is room, and what a killed process left half done."""
    try:
        entries = list(os.scandir(folder))
        statuses = [entry.stat(follow_symlinks=False) for entry in entries]
    except OSError:  # another process is at it
        return
    found = []
    for entry, status in zip(entries, statuses, strict=True):
        if entry.name.endswith(_DRAFT) and time.time() - status.st_mtime > _DAY:
            _remove(entry.path)
        elif entry.name.endswith(SUFFIX):
            found.append((status.st_mtime, status.st_size, entry.path))
    room = MAX_ALL
    for _, size, path in sorted(found, reverse=True):
        room -= size
        if room < 0:
            _remove(path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
