"""Which process holds a run, told from every later one with its number, and whether it is gone."""

import os
import socket
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, told from every later one that happens to get its number."""

    host: str
    pid: int
    born: str
    """When it started, in the kernel's own count; empty where there is no /proc."""
    boot: str
    """The kernel's boot; empty where there is no /proc."""
    space: str
    """Where its number means something: containers on one machine count their processes apart."""

    def __str__(self) -> str:
        return f"process {self.pid} on '{self.host}'"


@cache
def _process(pid: int) -> Holder:
    return Holder(socket.gethostname(), pid, _born(pid), _boot(), _space())


def this_process() -> Holder:
    """The holder that we are."""
    return _process(os.getpid())


def gone(holder: Holder) -> bool:
    """Whether the process certainly no longer exists. A doubt is a no: then the heartbeat decides."""
    here = this_process()
    where = (holder.host, holder.boot, holder.space)
    if where != (here.host, here.boot, here.space) or sys.platform == "win32":
        return False
    if here.born:
        return _born(holder.pid) != holder.born
    return not _answers(holder.pid)


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _born(pid: int) -> str:
    """The start of a process in clock ticks since boot; empty when it is gone, dead, or there is no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The second field is the program's name in brackets, which may itself hold blanks and brackets.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _space() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
