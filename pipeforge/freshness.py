"""Keeps a process that stalled from starting what another has taken over: at once, or not at all."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

GOOD_FOR = 18.0
"""Seconds from an intent to its request. chosen: a run may be taken over 30 s after its holder's last sign of
life, which may be 10 s older than the intent; and more than a request waits for its turn."""

_INTENDED: ContextVar[tuple[float, float] | None] = ContextVar("intended", default=None)


@contextmanager
def intending() -> Iterator[None]:
    """Around the writing of an intent and the start that it is for."""
    token = _INTENDED.set(_clocks())
    try:
        yield
    finally:
        _INTENDED.reset(token)


def is_stale() -> bool:
    """Whether what is about to leave belongs to an intent that is no longer fresh. Never outside of one."""
    intended = _INTENDED.get()
    if intended is None:
        return False
    return max(now - then for now, then in zip(_clocks(), intended, strict=True)) > GOOD_FOR


def _clocks() -> tuple[float, float]:
    """Both, because one stands still while a machine sleeps, and the other may be set."""
    return time.monotonic(), time.time()
