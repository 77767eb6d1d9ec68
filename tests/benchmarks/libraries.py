"""What a command's libraries cost by themselves: `python libraries.py lint` or `python libraries.py run`.

Imports them as pipeforge does, with garbage collection put off, no plugins and in the lean way, and has
Pydantic make one model. No command that uses them can cost less.
"""

import gc
import os
import sys

gc.disable()
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"

import argparse  # noqa: E402, F401

import _ruamel_yaml  # noqa: E402, F401
from pydantic import BaseModel  # noqa: E402


class One(BaseModel):
    """The first model is the dear one."""

    number: int = 1


if sys.argv[1] == "run":
    import sqlite3  # noqa: F401

    from pipeforge.adapters.leanly import leanly

    with leanly():
        import aiohttp  # noqa: F401
        import httpx  # noqa: F401
