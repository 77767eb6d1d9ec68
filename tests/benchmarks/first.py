"""Runs a pipeforge command as it is, but only up to its first request: `python first.py COMMAND…`."""

import os
import sys

from pipeforge.adapters.sockets import Sockets
from pipeforge.cli import main


async def _leave(self: Sockets, *request: object) -> None:
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    Sockets.handle_async_request = _leave  # type: ignore[method-assign,assignment]
    sys.exit(main(sys.argv[1:]) or 1)  # an end without a request is none
