"""Lets httpx and aiohttp be imported without what they prepare for others, which costs more than they do."""

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_COMMAND_LINE = "httpx._main"
"""httpx's own command line, which brings click, rich and pygments along; httpx does without it."""


@contextmanager
def leanly() -> Iterator[None]:
    """Wraps their first import. Nothing that anybody could use of them is lost or weakened."""
    usual = ssl.create_default_context
    barred = _COMMAND_LINE not in sys.modules and "httpx" not in sys.modules
    if barred:
        sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]  # what makes an import fail at once
    # When it is imported, aiohttp makes a context that verifies, with all of the system's roots, and one that
    # does not, with all of them too. We give it our own; for anybody else they are read when they matter.
    ssl.create_default_context = _late  # type: ignore[assignment]
    ssl.SSLContext.set_default_verify_paths = _not_now  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        ssl.create_default_context = usual
        del ssl.SSLContext.set_default_verify_paths  # the inherited one is back
        if barred:
            del sys.modules[_COMMAND_LINE]


class LateRoots(ssl.SSLContext):
    """Verifies as the default context does, and reads the system's roots when it is first used."""

    _read = False

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        self._read_roots()
        return super().wrap_bio(*args, **kwargs)

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        self._read_roots()
        return super().wrap_socket(*args, **kwargs)

    def _read_roots(self) -> None:
        if not self._read:
            self.load_default_certs()
            self._read = True


def _not_now(context: ssl.SSLContext) -> None:
    """In place of reading roots into a context that verifies nothing."""


def _late() -> LateRoots:
    return LateRoots(ssl.PROTOCOL_TLS_CLIENT)
