"""How each kind of trocco that asks or changes is tried."""

from asked import Asked

SETTINGS = {"api_key": "tra_0123456789abcdef"}

CASES: dict[str, Asked] = {}
