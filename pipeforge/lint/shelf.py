"""Small JSON files of our own in a folder that nobody else can write: one for the files of each folder."""

# ruff: noqa: PTH105, PTH108, PTH113, PTH116, PTH118, PTH120  used on every start

import hashlib
import json
import os
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

MAX_SHELF = 8 * 1024 * 1024
"""chosen: bytes of one file; a folder with more results than that is checked anew."""

MAX_ALL = 64 * 1024 * 1024
"""chosen: bytes of all of them; beyond that those that were not used for longest go."""

_DAY = 24 * 3600.0
_DRAFT = ".tmp"

Entry = dict[str, Any]


class Shelf:
    """Entries by the path of a file. One folder's entries are held at a time, so that memory stays flat."""

    def __init__(self, folder: str, settings: Sequence[str]) -> None:
        self._folder = folder
        self._settings = "\0".join(settings)
        self._open = ""
        self._held: Entry = {}
        self._new: Entry = {}
        self._wrote = False

    def get(self, path: str) -> Entry | None:
        """What was put for a path; None when there is nothing of that shape."""
        self._turn(os.path.dirname(path))
        name = os.path.basename(path)  # noqa: PTH119
        found = self._new.get(name) or self._held.get(name)
        return found if isinstance(found, dict) else None

    def put(self, path: str, entry: Entry) -> None:
        """Takes the place of what was there."""
        self._turn(os.path.dirname(path))
        self._new[os.path.basename(path)] = entry  # noqa: PTH119

    def close(self) -> None:
        """Writes what is new, and makes room."""
        self._turn("")
        if self._wrote:
            _prune(self._folder)

    def _turn(self, folder: str) -> None:
        if folder == self._open:
            return
        if self._new:
            self._write()
        self._open, self._held, self._new = folder, self._read(folder) if folder else {}, {}

    def _file(self, folder: str) -> str:
        key = hashlib.blake2b(digest_size=20)
        key.update(f"{self._settings}\0{folder}".encode("utf-8", "surrogatepass"))
        return os.path.join(self._folder, f"{key.hexdigest()}.json")

    def _read(self, folder: str) -> Entry:
        """Whatever is not ours, or broken, is as good as nothing."""
        file = self._file(folder)
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as stream:
                status = os.fstat(descriptor)
                if not _ours(status) or status.st_size > MAX_SHELF:
                    return {}
                held = json.loads(stream.read(MAX_SHELF))
            if time.time() - status.st_mtime > _DAY:
                os.utime(file)
        except (OSError, ValueError, RecursionError):
            return {}
        return held if isinstance(held, dict) else {}

    def _write(self) -> None:
        kept = {
            name: entry
            for name, entry in (self._read(self._open) | self._new).items()
            if name in self._new or os.path.isfile(os.path.join(self._open, name))
        }
        text = json.dumps(kept, separators=(",", ":"))
        if len(text) > MAX_SHELF:
            return
        file = self._file(self._open)
        draft = f"{file}.{os.getpid()}{_DRAFT}"
        with suppress(OSError):
            _make(self._folder)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            try:
                with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                    stream.write(text)
                os.replace(draft, file)
                self._wrote = True
            except OSError:
                os.unlink(draft)


def _ours(status: os.stat_result) -> bool:
    """A file that only we can have written."""
    return (
        stat.S_ISREG(status.st_mode)
        and status.st_uid == os.getuid()
        and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def _make(folder: str) -> None:
    """The folder, for us alone. Raises OSError when it is another's."""
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
    if os.stat(folder).st_uid != os.getuid():
        raise PermissionError(folder)


def _prune(folder: str) -> None:
    """Removes what was not used for longest until there is room, and what a killed process left half done."""
    with suppress(OSError):
        found = []
        for entry in os.scandir(folder):
            status = entry.stat(follow_symlinks=False)
            if entry.name.endswith(_DRAFT) and time.time() - status.st_mtime > _DAY:
                os.unlink(entry.path)
            elif entry.name.endswith(".json"):
                found.append((status.st_mtime, status.st_size, entry.path))
        room = MAX_ALL
        for _, size, path in sorted(found, reverse=True):
            room -= size
            if room < 0:
                os.unlink(path)
