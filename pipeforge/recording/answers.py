"""Answers that no emulator would give by itself: each as a fault that gives it again."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from urllib.parse import quote

from pipeforge.adapter import Json
from pipeforge.adapters.verdicts import Happened
from pipeforge.recording.exchange import WEATHER, Exchange, Part, given

_PLACES = {"trocco": "/api", "krewdata": "/{unit}"}
"""What stands before a connection's paths in those of the emulator."""

_NUMBERED = {
    "treasure": (
        (re.compile(r"(/api/(?:projects|sessions)/)[0-9]+(/(?:workflows|sessions|attempts))"), r"\1{id}\2"),
        (re.compile(r"(/api/logs/[0-9]+/files)/.+"), r"\1/{name}"),
    ),
}
"""Of paths: what has a number or a name of its own in each trial."""

_IDS = ("taskId",)
"""Of forms and bodies: what tells a job."""

_VOLATILE = frozenset(
    {"cursor", "page", "per_page", "limit", "page_size", "last_id", "since_id", "offset_job_id", "prev"}
    | {"from", "to", "start_time", "end_time", "started_at", "ended_at", "time_zone", "direct_download"}
)
"""Of a query: what differs from one page or one day to the next."""

_TELLING = {
    "trocco": ("job_definition_id", "pipeline_definition_id", "datamart_definition_id"),
    "treasure": ("projectName", "workflowName", "name", "project"),
    "krewdata": ("taskId",),
}
"""Of other requests: what tells two to the same path apart."""

_SECRET = re.compile(
    r"token|secret|passw|api_?key|private_?key|credential|authorization|webhook|signature|connection_string",
    re.IGNORECASE,
)
"""Names under which vendors keep what nobody else should have."""


def faults(vendor: str, heard: Sequence[Exchange], part: Part) -> list[Json]:
    """The answers that the section does not tell of, the weather among them, each to its call."""
    groups: dict[tuple[str, ...], list[Exchange]] = {}
    for each in heard:
        groups.setdefault(request(vendor, each), []).append(each)
    units = len({each.unit for each in heard})
    teller = _Teller(vendor, part, frozenset(map(id, part.rest)), several=units > 1)
    return [told for those in groups.values() for told in teller.told(those)]


@dataclass(frozen=True, slots=True)
class _Teller:
    """Makes faults of a vendor's answers."""

    vendor: str
    part: Part
    left: Set[int]
    """The ids of those that the section does not tell of."""
    several: bool
    """Whether the requests went to several places of the vendor."""

    def told(self, those: Sequence[Exchange]) -> Iterator[Json]:
        """One fault for each run of equal answers to a request."""
        before, place = 0, 0
        while place < len(those):
            each, until = those[place], place + 1
            calls = each.times
            if id(each) in self.left and _tellable(each):
                while until < len(those) and self._same(those[until], each):
                    calls += those[until].times
                    until += 1
                lasting = until == len(those) and _lasts(each)
                yield {**self._fault(each), **_calls(before + 1, before + calls, lasting=lasting)}
            before, place = before + calls, until

    def _same(self, one: Exchange, other: Exchange) -> bool:
        if id(one) not in self.left or self.part.places.get(id(one)) != self.part.places.get(id(other)):
            return False
        return one.is_like(other) and (id(one) in self.part.done) == (id(other) in self.part.done)

    def _fault(self, each: Exchange) -> dict[str, Json]:
        when, path = _when(self.vendor, each), _path(self.vendor, each)
        place = self.part.places.get(id(each))
        if place is not None:
            path = place.path
            when = {name: value for name, value in when.items() if name not in _IDS}
        before = (
            f"/{quote(each.unit, safe='')}" if self.several and each.unit else _PLACES.get(self.vendor, "")
        )
        return {
            "vendor": self.vendor,
            "route": f"{each.method} {before}{path}",
            **({"job": dict(place.job)} if place is not None else {}),
            **({"when": when} if when else {}),
            **_answer(each, done=id(each) in self.part.done),
        }


def request(vendor: str, each: Exchange) -> tuple[str, ...]:
    """What requests have in common that a world takes for the same, to be counted."""
    when = _when(vendor, each)
    path = _path(vendor, each)
    return (each.method, path, each.unit, *(f"{name}={value}" for name, value in sorted(when.items())))


def _path(vendor: str, each: Exchange) -> str:
    for pattern, general in _NUMBERED.get(vendor, ()):
        if pattern.fullmatch(each.path):
            return pattern.sub(general, each.path)
    return each.path


def _when(vendor: str, each: Exchange) -> dict[str, Json]:
    """What else than its path tells the request."""
    if each.method == "GET":
        return {name: value for name, value in each.sent.items() if name not in _VOLATILE}
    return {name: each.sent[name] for name in _TELLING.get(vendor, ()) if name in each.sent}


def _tellable(each: Exchange) -> bool:
    """Whether a world file can hold it: JSON can be, a file cannot; a page is as good as another."""
    is_page = each.content.lstrip().startswith(b"<")
    return each.happened in WEATHER or isinstance(each.body, dict | list) or is_page


def _lasts(each: Exchange) -> bool:
    """Whether what was last said goes on. Weather does for those who only look: they would have waited on."""
    return each.looks or each.happened not in WEATHER


def _calls(first: int, last: int, *, lasting: bool) -> dict[str, Json]:
    """Which of a request's calls are answered so."""
    if lasting:
        return {"since": first} if first > 1 else {}
    if first == last:
        return {"nth": first}
    return {"since": first, "until": last} if first > 1 else {"first": last}


def _answer(each: Exchange, *, done: bool) -> dict[str, Json]:
    """What is done to the request. `done`: it was worked on all the same."""
    if not each.status:
        cut = "lose_answer" if done else "drop"
        return {"do": "unreachable" if each.happened is Happened.UNSENT else cut}
    told: dict[str, Json] = {"do": "answer", "status": each.status}
    if isinstance(each.body, dict | list):
        told["body"] = scrubbed(each.body)
    elif each.content:
        told["do"] = "html"
    return told | given(retry_after=each.wait, after=done or None)


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
