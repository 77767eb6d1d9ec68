"""Which rules and kinds these are: what one edition found, another must not take over."""

# ruff: noqa: PTH116, PTH118, PTH208  on the way of every start

from __future__ import annotations

import os
import sys

from pipeforge.language.digesting import digest

TYPE_CHECKING = False
if TYPE_CHECKING:  # see loading.py
    from collections.abc import Iterator, Sequence

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
_PARTS = ("adapters", "language", "lint")
"""The folders of this package that a finding can depend on, beside the files at its top."""

_CATALOG = "commands/vendors.py"
"""The one other file: which kinds there are."""

_LIBRARIES = ("pydantic", "ruamel", "jinja2", "markupsafe", "tzdata", "annotated_types")
"""What a finding can depend on beside them; the name of their .dist-info tells the version."""

_VENDORS = "pipeforge.vendors"
"""The entry points of packages that bring kinds along."""

_METADATA = (".dist-info", ".egg-info")

_LONGEST = 64 * 1024
"""chosen: bytes of a list of entry points that are read."""

_INSTALLED = ("site-packages", "dist-packages")


def edition(version: str) -> str:
    """What a version of ours comes to: the same on any machine for the same pipeforge and libraries.

    While pipeforge is worked on, the same for the same sources of it, as they are now.
    """
    parts = (version, sys.version, *_libraries(), *_foreign(), *sorted(_sources()))
    return digest("\0".join(parts).encode("utf-8", "surrogateescape"))


def _libraries() -> Iterator[str]:
    for folder in sys.path:
        if os.path.basename(folder) in _INSTALLED and os.path.isdir(folder):  # noqa: PTH112, PTH119
            names = (name for name in os.listdir(folder) if name.endswith(".dist-info"))
            yield from sorted(name for name in names if name.lower().startswith(_LIBRARIES))


def _foreign() -> Iterator[str]:
    """Of installed packages that bring vendors along: name and version, and their files."""
    for folder in sys.path:
        for name in _metadata(folder):
            told = _entry_points(os.path.join(folder, name))
            if f"[{_VENDORS}]" in told:
                yield f"{name} {told}"
                yield from sorted(_worked_on(told))


def _metadata(folder: str) -> Sequence[str]:
    try:
        return sorted([name for name in os.listdir(folder or ".") if name.endswith(_METADATA)])
    except OSError:  # an archive, or nothing
        return ()


def _entry_points(metadata: str) -> str:
    """What is written there; opened as few programs do, for there are many of them."""
    try:
        descriptor = os.open(os.path.join(metadata, "entry_points.txt"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(descriptor, _LONGEST).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def _worked_on(entry_points: str) -> Iterator[str]:
    """The files of the vendors' packages: an editable one changes without its version."""
    section = entry_points.partition(f"[{_VENDORS}]")[2].partition("\n[")[0]
    for line in section.splitlines():
        package = line.partition("=")[2].partition(":")[0].strip().partition(".")[0]
        for folder in sys.path if package.isidentifier() else ():
            if os.path.isdir(os.path.join(folder, package)):  # noqa: PTH112
                yield from _below(os.path.join(folder, package))


def _sources() -> Iterator[str]:
    """Of a pipeforge that is not installed but worked on: its files by size and time of change."""
    if os.path.basename(os.path.dirname(_PACKAGE)) in _INSTALLED:  # noqa: PTH119, PTH120
        return
    yield from _below(_PACKAGE, _PARTS)
    yield _stamp(os.path.join(_PACKAGE, _CATALOG), os.stat(os.path.join(_PACKAGE, _CATALOG)))


def _below(folder: str, parts: Sequence[str] | None = None) -> Iterator[str]:
    """The files of a folder and of those in it, or of some of those in it."""
    for entry in os.scandir(folder):
        if entry.name.endswith((".py", ".json")):
            yield _stamp(entry.path, entry.stat())
        elif (parts is None or entry.name in parts) and entry.name != "__pycache__" and entry.is_dir():
            yield from _below(entry.path)


def _stamp(path: str, status: os.stat_result) -> str:
    return f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
