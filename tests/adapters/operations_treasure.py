"""How each kind of treasure that asks or changes is tried."""

from asked import Asked

SETTINGS = {"api_key": "1/" + "c0ffee" * 6 + "abcd"}

CASES: dict[str, Asked] = {}
