"""Our vendors: the table from which the server mounts and the world file is read, unless more is given."""

from pipeforge.emulators.core import Package
from pipeforge.emulators.krewdata import PACKAGE as KREWDATA
from pipeforge.emulators.reckoner import PACKAGE as RECKONER
from pipeforge.emulators.treasure import PACKAGE as TREASURE
from pipeforge.emulators.trocco import PACKAGE as TROCCO
from pipeforge.emulators.workato import PACKAGE as WORKATO

PACKAGES: dict[str, Package] = {
    "trocco": TROCCO,
    "treasure": TREASURE,
    "workato": WORKATO,
    "krewdata": KREWDATA,
    "reckoner": RECKONER,
}
