"""What changed at the vendors since a lock was written, for people and programs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeforge.language.lock import Parameter, Thing, Things
from pipeforge.reports.display import amount, shown

VERSION = 1

_STATES = {
    "there": "it is there",
    "absent": "it is gone",
    "barred": "these credentials may not look at it",
    "unasked": "it could not be looked up",
}
_WORDS = {
    "name": "its name",
    "running": "whether it runs",
    "trigger": "its trigger",
    "others_start_it": "whether others can start it",
    "revision": "its revision",
}


class Change(NamedTuple):
    """One thing that is otherwise than it was."""

    what: str
    """The field, and of a parameter its name behind a dot."""
    before: Any
    after: Any
    told: str
    """For people."""


class Drift(NamedTuple):
    """One thing that steps name, and how it differs from what a lock says."""

    lock: Path
    environment: str
    connection: str
    thing: str
    changes: tuple[Change, ...]
    """None of them: it is as it was."""

    @property
    def unasked(self) -> bool:
        """Whether nobody knows, for the vendor gave no answer."""
        return any(change.what == "state" and change.after == "unasked" for change in self.changes)


def drifts(lock: Path, before: Things, after: Things) -> Iterator[Drift]:
    """Each thing that was looked up now, held against what the lock knows of it."""
    for environment, connections in after.items():
        for connection, things in connections.items():
            known = before.get(environment, {}).get(connection, {})
            for key, thing in things.items():
                found = tuple(_changes(known.get(key), thing))
                yield Drift(lock, environment, connection, key, found)


def _changes(before: Thing | None, after: Thing) -> Iterator[Change]:
    if before is None:
        yield Change("state", None, after.state, "the lock does not know it")
        return
    if before.state != after.state:
        detail = f": {after.detail}" if after.detail else ""
        yield Change("state", before.state, after.state, f"{_STATES[after.state]}{detail}")
        return
    for field, words in _WORDS.items():
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield Change(field, old, new, f"{words}: {_word(old)} -> {_word(new)}")
    if before.schedules != after.schedules:
        told = f"its schedules: {_listed(before.schedules)} -> {_listed(after.schedules)}"
        yield Change("schedules", before.schedules, after.schedules, told)
    if before.parameters is not None and after.parameters is not None:
        yield from _parameters(before.parameters, after.parameters)


def _parameters(before: Mapping[str, Parameter], after: Mapping[str, Parameter]) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if new is None:
            told = f"'{name}' is gone"
        elif old is None:
            told = f"'{name}' is new" + (", and needs a value" if new.required else "")
        else:
            told = f"'{name}': {_traits(old)} -> {_traits(new)}"
        yield Change(f"parameters.{name}", _plain(old), _plain(new), told)


def _plain(one: Parameter | None) -> Any:
    return None if one is None else one.model_dump(exclude_defaults=True)


def _traits(one: Parameter) -> str:
    words = [one.type, "required" if one.required else "", "secret" if one.secret else ""]
    return " ".join(word for word in words if word) or "optional"


def _word(value: Any) -> str:
    return {None: "unknown", True: "yes", False: "no"}.get(value, str(value))


def _listed(schedules: Sequence[str]) -> str:
    return ", ".join(schedules) or "none"


def text(found: Sequence[Drift]) -> str:
    """What changed, thing by thing; nothing of what did not."""
    out = []
    for one in found:
        if one.changes:
            where = f" in {one.environment}" if one.environment else ""
            out.append(f"{shown(str(one.lock))}: {one.connection}{where}: {shown(one.thing)}")
            out += [f"  {shown(change.told)}" for change in one.changes]
    return "".join(f"{line}\n" for line in out)


def closing(things: int, changed: int, unasked: int = 0) -> str:
    """The last line."""
    told = [f"{amount(things, 'thing')} looked up", f"{changed} changed" if changed else "nothing changed"]
    told += [f"{unasked} could not be looked up"] if unasked else []
    return f"{', '.join(told)}\n"


def as_json(found: Sequence[Drift]) -> str:
    """For programs; versioned."""
    things = [
        {
            "lock": one.lock.as_posix(),
            "environment": one.environment,
            "connection": one.connection,
            "thing": one.thing,
            "changes": [change._asdict() for change in one.changes],
        }
        for one in found
    ]
    return json.dumps({"version": VERSION, "things": things}, ensure_ascii=False) + "\n"
