"""How each kind that asks or changes is tried, of all vendors."""

from operations_krewdata import CASES as KREWDATA
from operations_reckoner import CASES as RECKONER
from operations_treasure import CASES as TREASURE
from operations_trocco import CASES as TROCCO
from operations_workato import CASES as WORKATO

CASES = {**TROCCO, **TREASURE, **WORKATO, **KREWDATA, **RECKONER}
