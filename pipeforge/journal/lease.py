"""Who holds a run, whether they still live, and the heartbeat that tells others."""

import os
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from pipeforge.errors import JournalError
from pipeforge.journal import schema

EXPIRY: Final = 30.0
"""Seconds without a beat after which anybody may take a run over. chosen: three beats."""
HEARTBEAT: Final = 10.0
"""Seconds between beats."""


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


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to append to a run, until somebody with a higher token takes it."""

    token: int
    holder: Holder
    since: datetime
    beat: float
    """The last sign of life: seconds since 1970."""
    ticks: float
    """The same on the holder's monotonic clock."""

    def live(self) -> bool:
        """Whether others must keep off: its process is not known to be gone and was heard of lately."""
        return not _gone(self.holder) and abs(self.age()) <= EXPIRY

    def age(self) -> float:
        """Seconds since the last beat.

        Within one boot the monotonic clock tells, so setting the clock changes nothing. Across boots only the
        wall clock is left; a beat from far in the future then says that clocks differ, not that anyone lives.
        """
        here = this_process()
        if here.boot and here.boot == self.holder.boot:
            return time.monotonic() - self.ticks
        return time.time() - self.beat


@cache
def _process(pid: int) -> Holder:
    return Holder(socket.gethostname(), pid, _born(pid), _boot(), _space())


def this_process() -> Holder:
    """The holder that we are."""
    return _process(os.getpid())


def lease_of(columns: Iterable[Any]) -> Lease | None:
    """A lease from token, host, pid, born, boot, space, since, beat, ticks; None when there is none."""
    token, host, pid, born, boot, space, since, beat, ticks = columns
    if token is None:
        return None
    return Lease(token, Holder(host, pid, born, boot, space), datetime.fromisoformat(since), beat, ticks)


def take(connection: sqlite3.Connection, run: str, token: int, since: str) -> None:
    """Writes our lease with a new token; whoever held the run before can never append again."""
    us = this_process()
    connection.execute(schema.RAISE_FENCE, (token, run))
    connection.execute(
        schema.TAKE_LEASE,
        (run, token, us.host, us.pid, us.born, us.boot, us.space, since, time.time(), time.monotonic()),
    )


def lost(run: str) -> JournalError:
    """What a holder is told that finds its lease in other hands."""
    return JournalError(
        f"run '{run}' was taken over by another process while this one stalled: it can write no more",
        f"nothing to do here; see how the other one fares with: pipeforge show {run}",
    )


class Heart:
    """A daemon thread that beats for every lease held here, in real time, whatever the event loop does."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], interval: float = HEARTBEAT) -> None:
        self._connect = connect
        self._interval = interval
        self._held: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, run: str, token: int) -> None:
        """Beats for this lease from now on."""
        self._held[run] = token
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name="pipeforge-heartbeat", daemon=True)
            self._thread.start()

    def release(self, run: str) -> None:
        """Beats for it no longer."""
        self._held.pop(run, None)

    def stop(self) -> None:
        """Ends the thread and waits for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._stop.clear()

    def _live(self) -> None:
        while not self._stop.wait(self._interval):
            # A beat that fails is no reason to end a run: the journal's next append finds out whether the
            # file is lost or the lease was taken, and says so where it can be heard.
            with suppress(sqlite3.Error):
                self._beat()

    def _beat(self) -> None:
        held = list(self._held.items())
        if not held:
            return
        connection = self._connect()
        try:
            now, ticks = time.time(), time.monotonic()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(schema.BEAT, [(now, ticks, run, token) for run, token in held])
            connection.execute("COMMIT")
        finally:
            connection.close()


def _gone(holder: Holder) -> bool:
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
