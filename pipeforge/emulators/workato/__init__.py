"""The Workato emulator: recipes, their lives and their jobs, in the embedded and the developer family."""

from pipeforge.emulators.core import Package
from pipeforge.emulators.workato.behaviours import BEHAVIOURS
from pipeforge.emulators.workato.wire import open_vendor
from pipeforge.emulators.workato.world import WorkatoWorld

PACKAGE = Package("workato", "/api", WorkatoWorld, open_vendor, BEHAVIOURS)
