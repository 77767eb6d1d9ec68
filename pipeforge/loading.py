"""Loads a module or a name in it when it is first needed: the one place that imports by name."""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False  # typing itself would cost every start as much as the half of Python
if TYPE_CHECKING:
    from typing import Any

_GARBAGE = 20_000
"""chosen: objects made before garbage is looked for; Python's own 700 would cost a tenth of a run."""


def load(target: str) -> Any:
    """`package.module` gives the module, `package.module:name` the name in it."""
    module, _, name = target.partition(":")
    loaded = sys.modules.get(module)
    if loaded is None or getattr(loaded.__spec__, "_initializing", False):  # another thread may be at it
        __import__(module)
        loaded = sys.modules[module]
    return getattr(loaded, name) if name else loaded


def load_large(target: str) -> Any:
    """The same for what brings in much: its import makes many objects and no garbage to look for."""
    # Pydantic would read the metadata of every installed package, looking for plugins; none is wanted here.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()
    try:
        return load(target)
    finally:
        gc.freeze()
        gc.set_threshold(_GARBAGE)
        gc.enable()
