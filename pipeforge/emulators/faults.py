"""Scripted faults: which call goes wrong, and how; the script counts calls and says which fault is due."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipeforge.emulators.core import Asked, Json, Route, Vendor, compile_path

GENERIC = (
    "lose_answer",  # the work is done, then the connection is cut
    "drop",  # the connection is cut before the work
    "unreachable",  # the connection is refused: the request never leaves
    "slow",  # the answer comes `seconds` late (`after`: false waits before the work)
    "html",  # an HTML page instead of JSON
    "empty",  # no body
    "truncated",  # half of the body
    "unknown_status",  # the job's status is `word`
    "backwards",  # the job's status is the first one again
    "wrong_types",  # whole numbers as text and numerals as numbers
    "rewrite",  # `values`: key -> value, wherever the key occurs in the answer
    "nulls",  # every value is null
    "emptied",  # every list is empty: what was made is not listed yet, or no more
    "wrapped",  # the answer stands in a list
    "answer",  # `status` (by default 200) and `body` are the answer
)
"""The faults that every vendor has, beside the refusals that it names itself."""

WORK_FIRST = frozenset({"lose_answer", "slow", "empty", "truncated", "unknown_status"}) | frozenset(
    {"backwards", "wrong_types", "rewrite", "nulls", "emptied", "wrapped"}
)
"""Faults that spoil an answer to work that was done; all others replace the work unless `after` is set."""


class Job(BaseModel):
    """A job that was started over the API, told by what it runs: its number comes only when it is there."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    of: int | str
    """The definition, recipe or workflow (of Treasure `project/workflow`, of krewData the unit's name)."""
    nth: int = Field(default=1, ge=1)
    """The first one that was started of it is 1."""
    kind: str | None = None
    """Of trocco, whose numbers stand for one of each: transfer, workflow or datamart."""

    def id_among(self, jobs: Iterable[Mapping[str, Json]]) -> str | None:
        """Its id; None while there is none. `jobs`: as a vendor lists them, oldest first."""
        started = [job for job in jobs if job["by"] == "api" and str(job["of"]) == str(self.of)]
        mine = [job for job in started if self.kind in (None, job.get("kind"))]
        return str(mine[self.nth - 1]["id"]) if len(mine) >= self.nth else None


class Fault(BaseModel):
    """One fault: on which calls of which route, and what happens. Without nth, every, first: each call."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    vendor: str
    route: str = "* *"
    """`METHOD /path` below the base URL; `{x}` stands for one segment, `*` for anything."""
    do: str
    nth: int | list[int] | None = None
    """The first matching call after the fault was set is 1."""
    every: int | None = Field(default=None, ge=1)
    first: int | None = Field(default=None, ge=1)
    since: int | None = Field(default=None, ge=1)
    """The matching call from which on each goes wrong."""
    until: int | None = Field(default=None, ge=1)
    """With `since`: the last one that does."""
    job: Job | None = None
    """Only calls that name this job, in the path, the query, the form or the top of the JSON body."""
    when: dict[str, Json] = Field(default_factory=dict)
    """Only calls that carry these values, in the query, the form or the top of the JSON body."""
    after: bool | None = None
    """Whether the work is done all the same; by default as the fault's name says."""
    status: int | None = Field(default=None, ge=100, le=599)
    retry_after: int | float | str | None = None
    """Sent as `Retry-After`."""
    headers: dict[str, str] = Field(default_factory=dict)
    body: Json = None
    """Sent in place of the refusal's own body."""
    seconds: int | float = Field(default=1.0, ge=0)
    word: str = "hibernating"
    values: dict[str, Json] = Field(default_factory=dict)

    @field_validator("route")
    @classmethod
    def _two_words(cls, route: str) -> str:
        if len(route.split()) != 2:
            raise ValueError(f'"{route}" is no route; write "METHOD /path", for example "POST /api/jobs"')
        return route

    @model_validator(mode="after")
    def _one_way_to_count(self) -> "Fault":
        if sum(way is not None for way in (self.nth, self.every, self.first, self.since)) > 1:
            raise ValueError("nth, every, first and since exclude each other; keep one")
        if self.until is not None and self.since is None:
            raise ValueError("until goes with since; for the first calls write first")
        return self

    @property
    def work_first(self) -> bool:
        """Whether the vendor does what it was asked before the fault strikes."""
        return self.do in WORK_FIRST if self.after is None else self.after

    @property
    def method(self) -> str:
        return self.route.split()[0]

    def path_pattern(self) -> re.Pattern[str]:
        return compile_path(self.route.split()[1])

    def strikes(self, count: int) -> bool:
        """Whether the `count`-th matching call goes wrong."""
        if self.nth is not None:
            return count in (self.nth if isinstance(self.nth, list) else [self.nth])
        if self.every is not None:
            return count % self.every == 0
        if self.since is not None:
            return self.since <= count and (self.until is None or count <= self.until)
        return self.first is None or count <= self.first


class Unfit(ValueError):
    """Faults that cannot strike: each with its number, the key that is wrong, and how."""

    def __init__(self, wrong: list[tuple[int, tuple[str, ...], str]]) -> None:
        super().__init__("; ".join(text for _, _, text in wrong))
        self.wrong = wrong


class Script:
    """The faults that are set, each with the number of calls that it has seen."""

    def __init__(self, vendors: Mapping[str, Vendor]) -> None:
        self._vendors = vendors
        self._set: list[tuple[Fault, re.Pattern[str]]] = []
        self._seen: list[int] = []

    def add(self, faults: Iterable[Fault]) -> None:
        """Set faults after those that stand. Raises Unfit for vendors, routes and names that are unknown."""
        listed = list(faults)
        wrong = [(number, *told) for number, fault in enumerate(listed) if (told := self._wrong(fault))]
        if wrong:
            raise Unfit(wrong)
        checked = [(fault, fault.path_pattern()) for fault in listed]
        self._set += checked
        self._seen += [0] * len(checked)

    def clear(self) -> None:
        self._set, self._seen = [], []

    def due(self, vendor: str, asked: Asked) -> Fault | None:
        """Count the call for every fault that it matches; the first one that strikes, if any."""
        struck: Fault | None = None
        for index, (fault, pattern) in enumerate(self._set):
            if fault.vendor != vendor or fault.method not in ("*", asked.method):
                continue
            if not pattern.match(asked.path) or not self._concerns(fault, asked):
                continue
            self._seen[index] += 1
            if struck is None and fault.strikes(self._seen[index]):
                struck = fault
        return struck

    def _concerns(self, fault: Fault, asked: Asked) -> bool:
        if fault.job is None:
            return not fault.when or _carries(_values(asked), fault.when)
        values = _values(asked)
        job = fault.job.id_among(self._vendors[fault.vendor].jobs())
        return job in {str(value) for value in values.values()} and _carries(values, fault.when)

    def dump(self) -> list[dict[str, Json]]:
        """The script as JSON, for the admin endpoint and the state file."""
        return [
            {**fault.model_dump(exclude_defaults=True), "seen": seen}
            for (fault, _), seen in zip(self._set, self._seen, strict=True)
        ]

    def load(self, dumped: Iterable[Mapping[str, Json]]) -> None:
        """Take back what `dump` gave."""
        self.clear()
        for row in dumped:
            self.add([Fault.model_validate({key: value for key, value in row.items() if key != "seen"})])
            self._seen[-1] = row["seen"]

    def _wrong(self, fault: Fault) -> tuple[tuple[str, ...], str] | None:
        """Which key is wrong, and how; None where it can strike."""
        vendor = self._vendors.get(fault.vendor)
        if vendor is None:
            return ("vendor",), _unknown("vendor", fault.vendor, self._vendors)
        names = (*GENERIC, *vendor.refusals)
        if fault.do not in names:
            return ("do",), _unknown("fault", fault.do, names)
        pattern = fault.path_pattern()
        if not any(_could_match(fault, pattern, route) for route in vendor.routes):
            routes = [f"{route.method} {route.path}" for route in vendor.routes]
            return ("route",), _unknown("route", fault.route, routes)
        return None


def _values(asked: Asked) -> dict[str, Json]:
    """What a call carries: in its path, its query, the form or the top of the JSON body."""
    given: dict[str, Json] = {**asked.params, **dict(asked.query)}
    if "form-urlencoded" in asked.headers.get("content-type", ""):
        return given | dict(asked.form())
    try:
        body = asked.json()
    except ValueError:
        body = None
    return given | (body if isinstance(body, dict) else {})


def _carries(values: Mapping[str, Json], wanted: Mapping[str, Json]) -> bool:
    """Whether all of these are among the values; numbers and their numerals are the same."""
    return all(name in values and str(values[name]) == str(value) for name, value in wanted.items())


def _could_match(fault: Fault, pattern: re.Pattern[str], route: Route) -> bool:
    method, path = fault.route.split()
    same_path = pattern.match(route.path) is not None or route.pattern.match(path) is not None
    return method in ("*", route.method) and same_path


def _unknown(thing: Literal["vendor", "fault", "route"], name: str, known: Iterable[str]) -> str:
    listed = list(known)
    near = get_close_matches(name, listed, 1)
    return f'unknown {thing} "{name}"; ' + (
        f'did you mean "{near[0]}"?' if near else f"there is {', '.join(listed)}"
    )
