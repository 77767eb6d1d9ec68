"""Shares the checking of many files out to processes; results come in the files' order, as from one."""

import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pipeforge.lint.results import Result

_BATCH = 16
"""chosen: files a process is given at once; the way to it costs as much as a tenth of a file."""

_WAITING = 4
"""chosen: batches a process may be ahead, so that none is idle and the memory stays flat."""

Check = Callable[[Path], Result]


def shared(check: Check, files: Sequence[Path], jobs: int) -> Iterator[Result]:
    """What `check` gives for each file. A process that dies, say for want of memory, is made up for here."""
    batches = [files[start : start + _BATCH] for start in range(0, len(files), _BATCH)]
    jobs = min(jobs, len(batches))
    done = 0
    pool = ProcessPoolExecutor(jobs, _context(), _leave_interrupts)
    try:
        for results in _ahead(pool, check, batches, jobs * _WAITING):
            done += len(results)
            yield from results
    except BrokenProcessPool:
        yield from map(check, files[done:])
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _ahead(
    pool: ProcessPoolExecutor, check: Check, batches: Sequence[Sequence[Path]], most: int
) -> Iterator[list[Result]]:
    waiting: deque[Future[list[Result]]] = deque()
    for batch in batches:
        waiting.append(pool.submit(_all, check, batch))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _all(check: Check, files: Sequence[Path]) -> list[Result]:
    return [check(file) for file in files]


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal: the first one ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _context() -> multiprocessing.context.BaseContext:
    """Copies of this process have all imported already; one with threads must not be copied."""
    copied = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if copied else "spawn")
