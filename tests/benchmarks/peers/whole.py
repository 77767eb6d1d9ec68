"""Measures a command together with every process that it starts, those it leaves behind included (Linux)."""

import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2): orphans of our children become ours
_PATIENCE = 10.0


def adopt_orphans() -> None:
    """From now on what a child leaves behind is ours to wait for, so that its CPU is counted."""
    ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)


def cpu_of(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    """CPU seconds of the command and all that it started. Raises CalledProcessError with what it said."""
    keep = _children()
    before = _spent()
    said = folder / "output.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        code = process.wait()
    _reap(keep)
    if code:
        text = said.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise subprocess.CalledProcessError(code, list(command), text)
    return _spent() - before


def _spent() -> float:
    """Of all children that were waited for, and of those that they waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _children() -> set[int]:
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    return {int(word) for word in own.read_text(encoding="ascii").split()}


def _reap(keep: set[int]) -> None:
    """Waits for what the command left behind; after a while it is told to end, then made to."""
    ends = [
        (time.monotonic() + _PATIENCE, signal.SIGTERM),
        (time.monotonic() + 2 * _PATIENCE, signal.SIGKILL),
    ]
    while left := _children() - keep:
        for pid in left:
            os.waitpid(pid, os.WNOHANG)
        if ends and time.monotonic() > ends[0][0]:
            _, number = ends.pop(0)
            for pid in _children() - keep:
                os.kill(pid, number)
        time.sleep(0.05)
