"""Answers that no emulator would give by itself: each as a fault that gives it again."""

import re
from collections.abc import Mapping, Sequence

from pipeforge.adapter import Json
from pipeforge.recording.exchange import Exchange

_PASSING = frozenset({408, 425, 429})
"""Refusals for now: like a 5xx they are the weather of a day, and no part of what there is."""

_PLACES = {"trocco": "/api", "krewdata": "/{unit}"}
"""What stands before a connection's paths in those of the emulator."""

_VOLATILE = frozenset(
    {"cursor", "page", "per_page", "limit", "page_size", "last_id", "since_id", "offset_job_id", "prev"}
    | {"from", "to", "start_time", "end_time", "started_at", "ended_at", "time_zone", "direct_download"}
)
"""Of a query: what differs from one page or one day to the next."""

_TELLING = {
    "trocco": ("job_definition_id", "pipeline_definition_id", "datamart_definition_id"),
    "treasure": ("projectName", "workflowName", "workflowId", "name", "project"),
}
"""Of other requests: what tells two to the same path apart."""

_SECRET = re.compile(
    r"token|secret|passw|api_?key|private_?key|credential|authorization|webhook|signature|connection_string",
    re.IGNORECASE,
)
"""Names under which vendors keep what nobody else should have."""


def faults(vendor: str, heard: Sequence[Exchange], rest: Sequence[Exchange]) -> list[Json]:
    """The answers that the section does not tell of (`rest` of all that was `heard`), each to its call."""
    left = {id(each) for each in rest}
    groups: dict[tuple[str, ...], list[Exchange]] = {}
    for each in heard:
        if each.status not in _PASSING and each.status < 500:
            groups.setdefault(_request(vendor, each), []).append(each)
    return [told for those in groups.values() for told in _told(vendor, those, left)]


def _tellable(each: Exchange) -> bool:
    """Whether a world file can hold it: JSON can be, a file or a page cannot."""
    return isinstance(each.body, dict | list)


def _request(vendor: str, each: Exchange) -> tuple[str, ...]:
    when = _when(vendor, each)
    return (each.method, each.path, *(f"{name}={value}" for name, value in sorted(when.items())))


def _when(vendor: str, each: Exchange) -> dict[str, Json]:
    """What else than its path tells the request."""
    if each.method == "GET":
        return {name: value for name, value in each.sent.items() if name not in _VOLATILE}
    return {name: each.sent[name] for name in _TELLING.get(vendor, ()) if name in each.sent}


def _told(vendor: str, those: Sequence[Exchange], left: set[int]) -> list[Json]:
    """One fault for each run of equal answers to a request; what was last said goes on."""
    told: list[Json] = []
    place = 0
    while place < len(those):
        each, until = those[place], place + 1
        if id(each) not in left or not _tellable(each):
            place += 1
            continue
        while until < len(those) and id(those[until]) in left and _same(those[until], each):
            until += 1
        told.append({**_fault(vendor, each), **_calls(place, until, len(those))})
        place = until
    return told


def _same(one: Exchange, other: Exchange) -> bool:
    return (one.status, one.body) == (other.status, other.body)


def _calls(first: int, behind: int, count: int) -> dict[str, Json]:
    """Which of a request's calls are answered so: those of the tape from `first` until before `behind`."""
    if behind < count:
        return {"nth": list(range(first + 1, behind + 1))}
    return {"since": first + 1} if first else {}


def _fault(vendor: str, each: Exchange) -> dict[str, Json]:
    when = _when(vendor, each)
    return {
        "vendor": vendor,
        "route": f"{each.method} {_PLACES.get(vendor, '')}{each.path}",
        **({"when": when} if when else {}),
        "do": "answer",
        "status": each.status,
        "body": scrubbed(each.body),
    }


def scrubbed(value: Json, *, hidden: bool = False) -> Json:
    """With texts masked that stand under a name that sounds of a secret: no mask of ours knows those."""
    if isinstance(value, Mapping):
        return {
            key: scrubbed(inner, hidden=hidden or _SECRET.search(str(key)) is not None)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [scrubbed(inner, hidden=hidden) for inner in value]
    return "***" if hidden and isinstance(value, str) and value else value
