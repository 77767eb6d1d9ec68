"""How each kind of krewData that asks or changes is tried."""

from asked import Asked

SETTINGS = {
    "unit_id": "unit-0123456789",
    "krewdata_app_url": "https://example.cybozu.com/k/123",
    "serial_number": "abcdef-jklmno-pqrstu-xyz123-456789",
}

CASES: dict[str, Asked] = {}
