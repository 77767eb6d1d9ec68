"""Which emulators there are to test against."""

from collections.abc import Mapping

from pipeforge.adapters import foreign
from pipeforge.emulators.core import Package
from pipeforge.emulators.vendors import PACKAGES


def packages(*vendors: str) -> Mapping[str, Package]:
    """Our emulators, and those of these vendors. Raises UsageError for one that cannot be had."""
    return {**PACKAGES, **{name: foreign.emulator(name) for name in vendors if name not in PACKAGES}}
