"""trocco's emulator: transfer jobs and workflow jobs, as its API documents tell."""

from pipeforge.emulators.core import Package
from pipeforge.emulators.trocco.behaviours import BEHAVIOURS
from pipeforge.emulators.trocco.wire import open_vendor
from pipeforge.emulators.trocco.world import TroccoWorld

PACKAGE = Package("trocco", "", TroccoWorld, open_vendor, BEHAVIOURS)
