"""Keeps what vendors answered while a run went on, and makes one world of it."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from pipeforge.adapter import Json
from pipeforge.adapters.calls import Call, Reply, Witness
from pipeforge.adapters.limiter import asked_wait
from pipeforge.adapters.verdicts import Happened
from pipeforge.recording import krewdata, reckoner, treasure, trocco, workato
from pipeforge.recording.answers import faults, request
from pipeforge.recording.exchange import WEATHER, Exchange, Part
from pipeforge.redaction import Redactor

_PARTS: dict[str, Callable[[Sequence[Exchange]], Part]] = {
    "trocco": trocco.part,
    "treasure": treasure.part,
    "workato": workato.part,
    "krewdata": krewdata.part,
    "reckoner": reckoner.part,
}
"""By vendor: what its emulator does by itself, made of what was seen of it."""

_FOR_NOW = (429, 503)
"""Statuses that may say when to come again."""


@dataclass(slots=True)
class Tape:
    """Answers in the order in which they came."""

    clock: Callable[[], float] = time.time
    kept: dict[str, list[Exchange]] = field(default_factory=dict)
    """By vendor."""

    def witness(self, vendor: str, unit: str = "") -> Witness:
        """What to hang to a connection's door. `unit`: which of several places of a vendor it leads to."""
        heard = self.kept.setdefault(vendor, [])
        last: dict[tuple[str, ...], int] = {}

        def listen(call: Call, happened: Happened, reply: Reply | None) -> None:
            said = replace(_exchange(call, happened, reply, self.clock()), unit=unit)
            key = request(vendor, said)
            place = last.get(key)
            before = heard[place] if place is not None else None
            if before is not None and said.looks and said.sent == before.sent and said.is_like(before):
                heard[last[key]] = replace(before, times=before.times + 1)
                return
            last[key] = len(heard)
            heard.append(said)

        return listen

    def weather(self) -> int:
        """How many requests got no answer of the vendor's own."""
        return sum(one.times for heard in self.kept.values() for one in heard if one.happened in WEATHER)

    def world(self, redactors: Iterable[Redactor]) -> dict[str, Json]:
        """The world, without any secret that one of these knows. Every run of it begins at the beginning."""
        world: dict[str, Json] = {"afresh": True}
        told: list[Json] = []
        for vendor, heard in self.kept.items():
            if not heard:
                continue
            part = _part(vendor, heard)
            world[vendor] = part.section
            told += faults(vendor, heard, part)
        if told:
            world["faults"] = told
        masks = list(redactors)
        for redactor in masks:
            world = redactor.json(world)
        return world


def _part(vendor: str, heard: Sequence[Exchange]) -> Part:
    """Where a vendor answered in forms that nobody expects, each answer is kept just as it was."""
    try:
        return _PARTS[vendor](heard)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return Part({}, heard)


def _exchange(call: Call, happened: Happened, reply: Reply | None, at: float) -> Exchange:
    sent: dict[str, Json] = {**dict(call.query), **dict(call.form or ())}
    body: Mapping[str, Json] = call.json if isinstance(call.json, dict) else {}
    got = Reply(0, {}, b"", None) if reply is None else reply
    wait = asked_wait(got.headers, throttled=got.status == 429) if got.status in _FOR_NOW else None
    return Exchange(
        at,
        call.method,
        call.path,
        {**sent, **body},
        got.status,
        got.body,
        got.content,
        happened=happened,
        wait=None if wait is None else ceil(wait),
    )
