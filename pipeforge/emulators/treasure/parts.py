"""The parts of one open Treasure emulator, put together in one place."""

from dataclasses import dataclass

from pipeforge.emulators.core import Desk
from pipeforge.emulators.treasure.catalog import Catalog
from pipeforge.emulators.treasure.ledger import Ledger
from pipeforge.emulators.treasure.shapes import Shapes
from pipeforge.emulators.treasure.state import Attempts
from pipeforge.emulators.treasure.world import TreasureWorld


@dataclass(frozen=True, slots=True)
class Parts:
    """What the handlers work with."""

    world: TreasureWorld
    catalog: Catalog
    ledger: Ledger
    attempts: Attempts
    shapes: Shapes


def assemble(world: TreasureWorld, desk: Desk) -> Parts:
    """All parts over one memory."""
    catalog, ledger = Catalog(world, desk), Ledger(desk)
    attempts = Attempts(world, catalog, ledger, desk)
    return Parts(world, catalog, ledger, attempts, Shapes(world, catalog, ledger, attempts))
