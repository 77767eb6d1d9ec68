"""krewData's emulator: token, run and status of the real-time execution API."""

from pipeforge.emulators.core import Package
from pipeforge.emulators.krewdata.behaviours import BEHAVIOURS
from pipeforge.emulators.krewdata.wire import open_vendor
from pipeforge.emulators.krewdata.world import KrewdataWorld

PACKAGE = Package("krewdata", "/trigger/v1", KrewdataWorld, open_vendor, BEHAVIOURS)
