"""Keeps what vendors answered while a run went on, and makes one world of it."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeforge.adapter import Json
from pipeforge.adapters.calls import Call, Reply, Witness
from pipeforge.recording import krewdata, reckoner, treasure, trocco, workato
from pipeforge.recording.answers import faults
from pipeforge.recording.exchange import Exchange, Part
from pipeforge.redaction import Redactor

_PARTS: dict[str, Callable[[Sequence[Exchange]], Part]] = {
    "trocco": trocco.part,
    "treasure": treasure.part,
    "workato": workato.part,
    "krewdata": krewdata.part,
    "reckoner": reckoner.part,
}
"""By vendor: what its emulator does by itself, made of what was seen of it."""


@dataclass(slots=True)
class Tape:
    """Answers in the order in which they came."""

    clock: Callable[[], float] = time.time
    kept: dict[str, list[Exchange]] = field(default_factory=dict)
    """By vendor."""

    def witness(self, vendor: str, unit: str = "") -> Witness:
        """What to hang to a connection's door. `unit`: which of several places of a vendor it leads to."""
        heard = self.kept.setdefault(vendor, [])
        last: dict[tuple[str, str, str], Exchange] = {}

        def listen(call: Call, reply: Reply) -> None:
            said = replace(_exchange(call, reply, self.clock()), unit=unit)
            place = (said.method, said.path, repr(sorted(said.sent.items(), key=str)))
            before = last.get(place)
            if before is None or not said.repeats(before):
                last[place] = said
                heard.append(said)

        return listen

    def world(self, redactors: Iterable[Redactor]) -> dict[str, Json]:
        """The world, without any secret that one of these knows. Every run of it begins at the beginning."""
        world: dict[str, Json] = {"afresh": True}
        told: list[Json] = []
        for vendor, heard in self.kept.items():
            if not heard:
                continue
            part = _part(vendor, heard)
            world[vendor] = part.section
            told += faults(vendor, heard, part.rest)
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


def _exchange(call: Call, reply: Reply, at: float) -> Exchange:
    sent: dict[str, Json] = {**dict(call.query), **dict(call.form or ())}
    body: Mapping[str, Json] = call.json if isinstance(call.json, dict) else {}
    return Exchange(at, call.method, call.path, {**sent, **body}, reply.status, reply.body, reply.content)
