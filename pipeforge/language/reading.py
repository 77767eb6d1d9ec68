"""Reads a file that may have been made to hurt: never waits for a pipe, never takes in more than a bound."""

# ruff: noqa: PTH116  on the way of every file: a Path would cost ten times as much

import errno
import os
import stat
from collections.abc import Iterator

from pipeforge.errors import UsageError
from pipeforge.language.digesting import UNREADABLE, digest
from pipeforge.language.saying import Said, overheard, say

MAX_BYTES = 64 * 1024 * 1024
"""chosen: a hundred times what any pipeline has been seen to need."""

_PIECE = 1024 * 1024
_MISSING = (errno.ENOENT, errno.ENOTDIR)

Name = str | os.PathLike[str]


class Unreadable(UsageError):
    """A file that cannot be checked; `path` as it was named."""

    message: Said
    hint: Said

    def __init__(self, path: Name, message: Said, hint: Said) -> None:
        super().__init__(message, hint)
        self.path = os.fspath(path)

    @classmethod
    def of(cls, path: Name, error: OSError | ValueError) -> "Unreadable":
        """What the system said of it."""
        if isinstance(error, OSError) and error.errno not in _MISSING:
            strerror = overheard(str(error.strerror))
            return cls(
                path,
                say("cannot read '{path}': {strerror}", path=path, strerror=strerror),
                say("check its permissions"),
            )
        # A ValueError: a NUL or half a character, which no file's name can hold.
        return cls(
            path, say("no such file: '{path}'", path=path), say("check the spelling, or run `pipeforge init`")
        )


def content(path: Name) -> bytes:
    """All of a regular file. Raises Unreadable for everything else: a folder, a pipe, a device, too large."""
    return taken(path)[0]


def taken(path: Name) -> tuple[bytes, os.stat_result]:
    """The same, with what the file was when reading it began."""
    try:
        _only_files(path, os.stat(path))
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        raise Unreadable.of(path, error) from None
    try:
        status = os.fstat(descriptor)
        _only_files(path, status)  # what it is now: it may have been exchanged meanwhile
        return b"".join(_pieces(path, descriptor)), status
    except OSError as error:
        raise Unreadable.of(path, error) from None
    finally:
        os.close(descriptor)


def _pieces(path: Name, descriptor: int) -> Iterator[bytes]:
    total = 0
    while piece := os.read(descriptor, _PIECE):
        total += len(piece)
        if total > MAX_BYTES:
            raise _too_large(path)
        yield piece


def _only_files(path: Name, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise Unreadable(path, say("'{path}' is a folder", path=path), say("name a YAML file in it"))
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(
            path,
            say("'{path}' is no regular file", path=path),
            say("pipes and devices are not read: name a file"),
        )
    if status.st_size > MAX_BYTES:
        raise _too_large(path)


def _too_large(path: Name) -> Unreadable:
    return Unreadable(
        path,
        say("'{path}' is larger than {size} MiB", path=path, size=MAX_BYTES // 1024 // 1024),
        say("split the pipeline into smaller files"),
    )


def digest_of(path: Name) -> str:
    """That of a file as it is now; of one that is not there, or cannot be read, a word that is none."""
    try:
        return digest(content(path))
    except Unreadable:
        return UNREADABLE
