"""The vendors that there are: the one table from which the server mounts and the world file is read."""

from pipeforge.emulators.core import Package

PACKAGES: dict[str, Package] = {}
