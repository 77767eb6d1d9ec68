"""The Treasure Workflow emulator: sessions, attempts, tasks, logs and the projects they come from."""

from pipeforge.emulators.core import Package
from pipeforge.emulators.treasure.behaviours import BEHAVIOURS
from pipeforge.emulators.treasure.wire import open_vendor
from pipeforge.emulators.treasure.world import TreasureWorld

PACKAGE = Package("treasure", "", TreasureWorld, open_vendor, BEHAVIOURS)
