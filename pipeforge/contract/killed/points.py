"""Counts the places where a process touches the world, and has it die, stop or stumble at one of them."""

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REAL_TIME = ("pipeforge-heartbeat", "pipeforge-listener")
"""Threads that look at the real clock: where they are cannot be counted on."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TOUCHES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"}


class Points:
    """The places a process has passed, told through a pipe as they come; what is to happen at which."""

    def __init__(self, pipe: int, plan: Mapping[str, int]) -> None:
        """`plan`: by word (kill, interrupt, stop, full, readonly) the number of a point, from 1."""
        self._pipe, self._plan = pipe, plan
        self._lock = threading.RLock()
        self.count = 0
        self.readonly = False

    def come(self, name: str) -> bool:
        """Counts a place; whether the process is to die there."""
        with self._lock:
            self.count += 1
            os.write(self._pipe, f"{name}\n".encode())
            if self._plan.get("interrupt") == self.count:
                os.kill(os.getpid(), signal.SIGINT)
            if self._plan.get("stop") == self.count:
                os.kill(os.getpid(), signal.SIGSTOP)
            if self._plan.get("full") == self.count:
                _fill_the_disk()
            if self._plan.get("readonly") == self.count:
                self.readonly = True
            return self._plan.get("kill") == self.count

    def pass_by(self, name: str) -> None:
        """Counts a place, or dies there."""
        if threading.current_thread().name not in REAL_TIME and self.come(name):
            self.die()

    def die(self) -> None:
        """At once, as by `kill -9`."""
        with self._lock:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)


def _fill_the_disk() -> None:
    """No file of this process may grow beyond what there is (Python ignores SIGXFSZ: a write fails)."""
    largest = max((each.stat().st_size for each in Path.cwd().rglob("*") if each.is_file()), default=0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


class Watch:
    """What a process has under way, so that the loop knows when it only waits for time to pass."""

    def __init__(self) -> None:
        self.requests = 0
        self.transactions = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is."""
        return not self.requests and not self.transactions


def audit(points: Points) -> None:
    """Python tells of every file and socket; only this case's folder counts. It cannot be taken back."""
    home = str(Path.cwd())

    def ours(path: Any) -> bool:
        return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(home)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = args
            if isinstance(flags, int) and flags & _WRITING and ours(path):
                points.pass_by(f"open {Path(os.fsdecode(path)).name}")
        elif event in ("sqlite3.connect", "socket.connect"):
            points.pass_by(event)
        elif event in _TOUCHES and ours(args[0]):
            points.pass_by(f"{event} {Path(os.fsdecode(args[0])).name}")

    sys.addaudithook(hook)
