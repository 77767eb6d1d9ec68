"""Loads a module or a name in it when it is first needed: the one place that imports by name."""

import importlib
from typing import Any


def load(target: str) -> Any:
    """`package.module` gives the module, `package.module:name` the name in it."""
    module, _, name = target.partition(":")
    loaded = importlib.import_module(module)
    return getattr(loaded, name) if name else loaded
