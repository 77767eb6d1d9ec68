"""The record of everything that was asked, with secrets masked, for tests that count triggers."""

from collections import deque
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from pipeforge.emulators.core import Asked, Json, Reply, Route, Vendor, fingerprint

MASK = "***"
KEPT = 50_000
"""Calls that are remembered; older ones are forgotten. The record is not in the state file."""


class Calls:
    """What was asked, oldest first."""

    def __init__(self) -> None:
        self._rows: deque[dict[str, Json]] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, name: str, row: Mapping[str, Json]) -> dict[str, Json]:
        """Remember a call; the row that is given back may still be completed."""
        self._count += 1
        kept = {"number": self._count, "vendor": name, **row}
        self._rows.append(kept)
        return kept

    def rows(self, vendor: str | None = None) -> list[dict[str, Json]]:
        return [row for row in self._rows if vendor in (None, row["vendor"])]


def describe(vendor: Vendor, route: Route | None, asked: Asked) -> dict[str, Json]:
    """A call as it is recorded before it is answered."""
    return {
        "at": asked.now,
        "method": asked.method,
        "route": None if route is None else route.path,
        "path": _masked_path(vendor, asked),
        "query": _masked_pairs(vendor, asked.query),
        "body": _masked_body(vendor, asked),
        "status": None,
        "worked": None,
        "started": None,
        "fault": None,
    }


def answered(worked: Reply | None, sent: Reply | None) -> dict[str, Json]:
    """What is known once it was answered.

    `status` is None where the connection was cut, `worked` (the vendor's own answer to it, whether or not it
    was sent) where it was not worked on.
    """
    own = {"worked": worked.status, "started": worked.started} if worked else {}
    return {"status": sent.status if sent else None, **own}


def _masked_path(vendor: Vendor, asked: Asked) -> str:
    path = asked.path
    for name in vendor.secret_params & asked.params.keys():
        secret = asked.params[name]
        for spelling in (secret, quote(secret, safe="")):
            path = path.replace(spelling, fingerprint(secret))
    return path


def _masked_pairs(vendor: Vendor, pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    return [[key, MASK if key in vendor.secret_keys else value] for key, value in pairs]


def _masked_body(vendor: Vendor, asked: Asked) -> Json:
    """JSON masked by key, a form as pairs, anything else by its size."""
    if not asked.body:
        return None
    if "form-urlencoded" in asked.headers.get("content-type", ""):
        return _masked_pairs(vendor, asked.form())
    try:
        return _masked(vendor, asked.json())
    except ValueError:
        return f"{len(asked.body)} bytes"


def _masked(vendor: Vendor, value: Json) -> Json:
    if isinstance(value, dict):
        secret = vendor.secret_keys
        return {key: MASK if key in secret else _masked(vendor, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(vendor, inner) for inner in value]
    return value
