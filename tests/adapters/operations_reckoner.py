"""How each kind of reckoner that asks or changes is tried."""

from asked import Asked

SETTINGS = {"access_token": "pat_0123456789abcdef"}

CASES: dict[str, Asked] = {}
