"""A folder as an archive that is the same, byte for byte, wherever and whenever it is made."""

import gzip
import hashlib
import io
import os
import re
import tarfile
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from pipeforge.adapters.treasure.choices import ARCHIVE_FOLDER, ARCHIVE_PUSHED, CREDENTIAL_FILES
from pipeforge.errors import Rejected

_NEVER = ("__pycache__", "*.pyc")
_PLAIN, _EXECUTABLE = 0o644, 0o755


@dataclass(frozen=True, slots=True)
class Archive:
    """A tar.gz to be pushed."""

    content: bytes = field(repr=False)
    digest: str
    """Of what is in it, whatever compressed it: SHA-256, in hexadecimal."""
    files: int

    @property
    def md5(self) -> str:
        """As the vendor shows it: base64."""
        return b64encode(hashlib.md5(self.content, usedforsecurity=False).digest()).decode()


def pack(folder: Path, exclude: Sequence[str], holds_secret: Callable[[str], bool]) -> Archive:
    """The folder's files by name, without times, owners and other modes than plain and executable.

    Raises Rejected where it cannot be read, holds no workflow, a credential or too much, or leads out of
    itself.
    """
    root = _root(folder)
    files = _files(root, exclude)
    _demand_workflows(files, folder)
    tar, size = io.BytesIO(), 0
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8") as archive:
        for name, path in files:
            _refuse_credential(name, root)
            data = _read(path, name, root, ARCHIVE_FOLDER - size)
            size += len(data)
            if holds_secret(data.decode("utf-8", "replace")):
                raise Rejected(f"'{folder / name}' holds a secret of the connection", _USE_SECRETS)
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mode = _EXECUTABLE if path.stat().st_mode & 0o100 else _PLAIN
            archive.addfile(member, io.BytesIO(data))
    content = gzip.compress(tar.getvalue(), compresslevel=9, mtime=0)
    if len(content) > ARCHIVE_PUSHED:
        raise Rejected(f"the archive of '{folder}' has {_mib(len(content))}, 10 MB are allowed", _TOO_LARGE)
    return Archive(content, hashlib.sha256(tar.getvalue()).hexdigest(), len(files))


def _root(folder: Path) -> Path:
    try:
        root = folder.resolve(strict=True)
    except (OSError, RuntimeError):
        raise Rejected(f"there is no folder '{folder}'", "it is looked for beside the pipeline") from None
    if not root.is_dir():
        raise Rejected(f"'{folder}' is no folder", "name the folder that holds the workflows")
    return root


def _files(root: Path, exclude: Sequence[str]) -> list[tuple[str, Path]]:
    """Every file that is not left out, by its path in the folder, in the order of these."""
    found = {}
    for here, folders, names in os.walk(root, onerror=_unreadable):
        links = [name for name in folders if Path(here, name).is_symlink()]
        for path in (Path(here, name) for name in [*names, *links]):
            name = path.relative_to(root).as_posix()
            if not _left_out(name, exclude):
                found[name] = path
    return sorted(found.items())


def _unreadable(error: OSError) -> None:
    why = (error.strerror or str(error)).lower()
    raise Rejected(f"cannot read '{error.filename}': {why}", "mend its permissions") from None


def _left_out(name: str, exclude: Sequence[str]) -> bool:
    parts = name.split("/")
    if any(part.startswith(".") or any(fnmatchcase(part, pattern) for pattern in _NEVER) for part in parts):
        return True
    paths = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return any(fnmatchcase(path, pattern.rstrip("/")) for path in paths for pattern in exclude)


def _refuse_credential(name: str, root: Path) -> None:
    if re.fullmatch(CREDENTIAL_FILES, name.rpartition("/")[2], re.IGNORECASE):
        raise Rejected(
            f"'{name}' in '{root.name}' looks like a file of credentials: it is not pushed",
            "put what it holds into the project with treasure.put_secret, and name the file under `exclude`",
        )


def _read(path: Path, name: str, root: Path, room: int) -> bytes:
    """At most `room` bytes. Raises Rejected for more, and for what is no file in the folder itself."""
    copy = "copy what it leads to, or exclude it"
    try:
        if not path.resolve(strict=True).is_relative_to(root):
            raise Rejected(f"'{name}' leads out of '{root.name}'", copy)
        if not path.is_file():
            raise Rejected(f"'{name}' in '{root.name}' is no file", copy)
        if path.stat().st_size > room:
            raise Rejected(f"'{root.name}' holds more than {_mib(ARCHIVE_FOLDER)}", _TOO_LARGE)
        return path.read_bytes()
    except (OSError, RuntimeError) as error:
        why = str(getattr(error, "strerror", None) or error).lower()
        raise Rejected(f"cannot read '{name}' in '{root.name}': {why}", "mend or exclude it") from None


def _demand_workflows(files: Sequence[tuple[str, Path]], folder: Path) -> None:
    names = [name for name, _ in files if name.endswith(".dig")]
    if any("/" not in name for name in names):
        return
    hint = f"name the folder '{folder / names[0].rpartition('/')[0]}'" if names else "name another folder"
    raise Rejected(f"no workflow (*.dig) lies in '{folder}' itself", hint)


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MiB"


_TOO_LARGE = "leave files that the workflows do not need out with `exclude`"
_USE_SECRETS = "put it into the project with treasure.put_secret, and use it there as ${secret:...}"
