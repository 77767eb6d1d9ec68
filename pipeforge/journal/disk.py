"""Tells whether a file is on a disk that other machines see, where SQLite cannot keep them apart."""

from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

_MOUNTS: Final = Path("/proc/self/mountinfo")
"""Of Linux; elsewhere it is not known."""

_REMOTE: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "9p", "glusterfs", "ncpfs", "beegfs"}
)
_REMOTE_FUSE: Final = frozenset({"sshfs", "s3fs", "glusterfs", "ceph-fuse", "rclone", "gcsfuse", "davfs"})


def network(path: Path) -> str:
    """The name of the network file system that holds it, such as `nfs4`; empty where there is none known."""
    with suppress(OSError):
        return remote(PurePosixPath(path.resolve()), _MOUNTS.read_text("utf-8", "replace"))
    return ""


def remote(path: PurePosixPath, mounts: str) -> str:
    """The same by a table of mounts, see proc_pid_mountinfo(5): the last of the longest that lead to it."""
    best, found = -1, ""
    for line in mounts.splitlines():
        before, dash, after = line.partition(" - ")
        columns = before.split(" ")
        if not dash or len(columns) < 5:
            continue
        point = PurePosixPath(columns[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), after.split(" ", 1)[0]
    outer, _, inner = found.partition(".")
    return found if found in _REMOTE or (outer == "fuse" and inner in _REMOTE_FUSE) else ""
