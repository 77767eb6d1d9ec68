"""Keeps for a few minutes what vendors said of things, with the user's own caches: never in a checkout."""

# ruff: noqa: PTH105, PTH108, PTH118  descriptors, so that nothing is followed or written half

import json
import os
import stat
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pipeforge import __version__
from pipeforge.adapters import connections
from pipeforge.adapters.settings import ConnectionSettings
from pipeforge.language.durations import text
from pipeforge.language.lock import Thing
from pipeforge.language.surroundings import boundary, within

KEPT = 600.0
"""Seconds for which an answer is taken for what is so. chosen: some looks of one person at one file."""

_LARGEST = 4 * 1024 * 1024
"""Bytes of one answer; a larger one is not ours. chosen."""

_ENDING = ".json"


def question(settings: ConnectionSettings, key: str) -> str:
    """What tells a question from every other: where it goes, for whom, and about what.

    Nobody can tell the credential from it: it is the key of the digest that stands for the place.
    """
    place = connections.resource(settings)
    masked = settings.model_dump(mode="json", exclude={"limits"})
    told = json.dumps([__version__, place, masked, key], sort_keys=True, default=str)
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def usual() -> Path | None:
    """Where answers are kept; None where that would be in a checkout, which could bring its own."""
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111
    if not os.path.isabs(caches):  # noqa: PTH117
        return None
    folder = os.path.realpath(os.path.join(caches, "pipeforge", "online"))
    here = os.path.realpath(os.getcwd())  # noqa: PTH109
    return None if within(folder, boundary(here) or here) else Path(folder)


class Answers:
    """Answers of the last minutes, each a file that only we can have written. Whatever fails is no answer."""

    def __init__(self, folder: Path | None, *, anew: bool = False) -> None:
        """`folder`: None to keep nothing. `anew`: ask all the same, and keep what is said now."""
        self._folder = folder
        self._anew = anew
        self._swept = False

    def find(self, question: str) -> Thing | None:
        """What was said, with its age."""
        if self._folder is None or self._anew:
            return None
        try:
            held = json.loads(_read(self._folder / f"{question}{_ENDING}"))
            age = time.time() - float(held["at"])
            thing = Thing.model_validate(held["thing"])
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None
        if not 0 <= age < KEPT:
            return None
        return thing.model_copy(update={"age": text(age // 60 * 60 if age >= 60 else max(1, age // 1))})

    def keep(self, question: str, thing: Thing) -> None:
        """Of what is there: what is missing or barred is mended by people, who then look again."""
        if self._folder is None or thing.state != "there":
            return
        held: dict[str, Any] = {"at": time.time(), "thing": thing.model_dump(exclude_defaults=True)}
        draft = self._folder / f"{question}.{os.urandom(6).hex()}.tmp"
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._folder.stat().st_uid != os.getuid():
                return
            self._sweep()
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                json.dump(held, stream)
            os.replace(draft, self._folder / f"{question}{_ENDING}")

    def _sweep(self) -> None:
        """Once a run: what is too old to be believed goes."""
        if self._swept or self._folder is None:
            return
        self._swept = True
        for entry in os.scandir(self._folder):
            with suppress(OSError):
                if abs(time.time() - entry.stat(follow_symlinks=False).st_mtime) > KEPT:
                    os.unlink(entry.path)


def _read(path: Path) -> bytes:
    """Raises OSError also for a file that others can write."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        open_ = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid() or open_:
            raise PermissionError(path)
        return stream.read(_LARGEST)
