"""A look at a journal's write-ahead log before anything else is done: what was committed last may be lost."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from pipeforge.errors import JournalError
from pipeforge.journal.file import connect, open_to_write, version
from pipeforge.journal.logtail import damaged

BRIEFLY: Final = 1.0
"""Seconds to wait for who is writing. chosen: whoever lives and writes has looked already."""

Doubt = Callable[[sqlite3.Connection], int]
"""Writes into each run that goes on nowhere that more may have happened than is told; gives how many."""


class FirstLook:
    """Once a process, before its first connection is closed: the last one to close takes the log away."""

    def __init__(self, path: Path, patience: float, doubt: Doubt) -> None:
        self._path = path
        self._log = Path(f"{path}-wal")
        self._patience = patience
        self._doubt = doubt
        self._lock = threading.Lock()
        self._done = False

    def take(self) -> None:
        """Raises JournalError when commits are lost, in whichever process is the first to see it.

        By then it is written into the runs, and whoever comes next goes on from there. Where the file cannot
        be written to nothing is looked at: then nothing takes the log away either.
        """
        with self._lock:
            if self._done:
                return
            # Not there is the usual case, and costs one question.
            if self._log.exists():
                with suppress(sqlite3.Error, OSError):
                    self._look()
            self._done = True

    def _look(self) -> None:
        with closing(connect(self._path, BRIEFLY)) as connection:
            ours = version(self._path, connection) > 0  # or nothing but the log held it yet
            connection.execute("BEGIN IMMEDIATE")  # so that nobody writes meanwhile
            with closing(connect(self._path, BRIEFLY)) as other:
                frames = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
            lost = damaged(self._log, max(0, frames))
            connection.execute("ROLLBACK")
            if not lost:
                return
            runs = self._tell() if ours else 0
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else it would be found again
        raise JournalError(
            f"journal '{self._path}': its end is damaged, what was written last is lost",
            f"resume the runs that are not over ({runs}, see `pipeforge runs`): they know of it now;"
            " one that was begun last may be missing: look at the vendors' side before you run it again",
        )

    def _tell(self) -> int:
        with closing(open_to_write(self._path, self._patience)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            runs = self._doubt(connection)
            connection.execute("COMMIT")
        return runs
