"""Reckoner's emulator: run, job, job list, cancel and token refresh of the external API."""

from pipeforge.emulators.core import Package
from pipeforge.emulators.reckoner.behaviours import BEHAVIOURS
from pipeforge.emulators.reckoner.wire import open_vendor
from pipeforge.emulators.reckoner.world import ReckonerWorld

PACKAGE = Package("reckoner", "/api/external/v1", ReckonerWorld, open_vendor, BEHAVIOURS)
