"""Hears what a person asks of a run from another process, while this one holds it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pipeforge.errors import PipeforgeError
from pipeforge.journal import Journal, Wish

THREAD = "pipeforge-listener"
LOOK = 1.0
"""Seconds between looks, in real time. chosen: soon enough for a person, and a look costs 0.3 ms."""


@contextmanager
def listening(journal: Journal, run: str, heard: Callable[[Wish], None]) -> Iterator[None]:
    """Calls `heard` in this loop, once, when a wish is there. A look that fails is no reason to end a run."""
    loop, over = asyncio.get_running_loop(), threading.Event()

    def listen() -> None:
        while not over.wait(LOOK):
            with suppress(PipeforgeError, RuntimeError):  # RuntimeError: the loop was closed meanwhile
                wish = journal.wish(run)
                if wish is not None:
                    loop.call_soon_threadsafe(_unless, over, heard, wish)
                    return

    threading.Thread(target=listen, name=THREAD, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _unless(over: threading.Event, heard: Callable[[Wish], None], wish: Wish) -> None:
    if not over.is_set():
        heard(wish)
