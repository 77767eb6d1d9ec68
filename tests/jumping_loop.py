"""An event loop for tests that jumps to the next timer instead of sleeping, and a clock that follows it."""

import asyncio
import selectors
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


class _JumpingSelector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Instead of waiting for a timer, waits `patience` (real seconds) for sockets and threads, then jumps.

    With nothing but timers to wait for, it jumps at once. A loop that waits for sockets alone waits as ever.
    """

    def __init__(self, patience: float) -> None:
        super().__init__()
        self.jumped = 0.0
        self._patience = patience

    def _anything_real(self) -> bool:
        # The loop's own wake-up pipe is always registered.
        return len(self.get_map()) > 1 or threading.active_count() > 1

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(min(timeout, self._patience) if self._anything_real() else 0)
        if not ready:
            self.jumped += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """`asyncio.sleep(3600)` takes no time. Real sockets and threads get `patience` seconds before a jump."""

    def __init__(self, patience: float = 0.02) -> None:
        self._jumping = _JumpingSelector(patience)
        super().__init__(self._jumping)

    def time(self) -> float:
        return super().time() + self._jumping.jumped


class LoopClock:
    """An aware UTC clock that moves with the running loop; outlives it when given a later `start`."""

    def __init__(self, start: datetime = EPOCH) -> None:
        self._start = start
        self._zero: float | None = None

    def now(self) -> datetime:
        passed = asyncio.get_running_loop().time()
        if self._zero is None:
            self._zero = passed
        return self._start + timedelta(seconds=passed - self._zero)


def run_jumping(main: Coroutine[Any, Any, Any]) -> Any:
    """`asyncio.run` on the jumping loop, for tests that are not async themselves (hypothesis)."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main)


JUMPING_BACKEND = ("asyncio", {"loop_factory": JumpingLoop})
"""What an `anyio_backend` fixture returns to have every async test on the jumping loop."""
