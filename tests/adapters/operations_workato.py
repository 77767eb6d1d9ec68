"""How each kind of workato that asks or changes is tried."""

from asked import Asked

SETTINGS = {"api_token": "wrk-0123456789abcdef"}

CASES: dict[str, Asked] = {}
