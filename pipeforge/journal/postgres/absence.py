"""Tells once that a server is away while runs wait for it, and once that it is back."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from pipeforge.journal import Absence

_LONG: Final = timedelta(seconds=1)
"""chosen: what is back sooner is not worth a word: a line that was cut, a server that handed over."""


class Watch:
    """Hears from every connection, in whatever thread, how it fares."""

    def __init__(self) -> None:
        self.tell: Callable[[Absence], None] = lambda _: None
        self._lock = threading.Lock()
        self._since: datetime | None = None
        self._told = False

    def missed(self) -> None:
        """A server that was there cannot be reached, and is waited for."""
        now = datetime.now(UTC)
        with self._lock:
            self._since = self._since or now
            if self._told or now - self._since < _LONG:
                return
            self._told = True
            absence = Absence(self._since, None)
        self.tell(absence)

    def met(self) -> None:
        """It answered."""
        if self._since is None:
            return
        with self._lock:
            since, told = self._since, self._told
            self._since, self._told = None, False
        if since is not None and told:
            self.tell(Absence(since, datetime.now(UTC)))
