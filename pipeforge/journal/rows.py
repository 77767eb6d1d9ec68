"""Turns events into rows and rows into events, and tells a whole row from a damaged one."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, overload
from zlib import crc32

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from pipeforge.engine.events import EVENT, Event
from pipeforge.errors import JournalError

Row = tuple[str, int, str, str, int]
"""run, seq (from 1), type, body (JSON), checksum."""

Stored = tuple[Any, Any, Any, Any]
"""seq, type, body, checksum as they lie in the file: after damage anything may stand there."""


def row(run: str, seq: int, event: Event) -> Row:
    """The row that keeps an event. Raises JournalError when it holds what JSON cannot say."""
    body = _body(event)
    return run, seq, event.type, body, _checksum(run, seq, event.type.encode(), body.encode())


def sound(run: str, stored: Iterable[Stored], after: int = 0) -> Iterator[bytes]:
    """The bodies up to the first damaged row, of rows that begin behind the first `after`.

    Damaged rows at the end are dropped without a word: a tail that was torn. A sound row behind a damaged one
    means that something in the middle was lost: JournalError, because what followed can no longer be trusted.
    """
    rows = iter(stored)
    expected = after + 1
    for found in rows:
        if found[0] != expected or not _is_sound(run, found):
            _refuse_sound_rows(run, expected, [found, *rows])
            break
        yield found[2]
        expected += 1
    if expected == 1:
        raise JournalError(
            f"no event of run '{run}' is readable", "restore the journal from a copy, or start a new run"
        )


class Events(Sequence[Event]):
    """The events of a run, decoded as they are looked at: 10,000 steps cost a few megabytes, not fifty."""

    __slots__ = ("_bodies", "_run")

    def __init__(self, run: str, bodies: Sequence[bytes]) -> None:
        self._run = run
        self._bodies = bodies

    def __len__(self) -> int:
        return len(self._bodies)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        if isinstance(index, slice):
            return Events(self._run, self._bodies[index])
        return self._decoded(self._bodies[index])

    def __iter__(self) -> Iterator[Event]:
        return map(self._decoded, self._bodies)

    def _decoded(self, body: bytes) -> Event:
        try:
            return EVENT.validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise JournalError(
                f"run '{self._run}' has an event that this version does not know: {first['msg']}",
                "it was probably written by a newer pipeforge: use that one to read this run",
            ) from error


def stamp(instant: datetime) -> str:
    """An instant as the tables keep it."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _body(event: Event) -> str:
    try:
        return event.model_dump_json()
    except PydanticSerializationError:
        return _mended_body(event)


def _mended_body(event: Event) -> str:
    # A vendor's text may hold half a surrogate pair, which UTF-8 cannot keep. An error message with a
    # question mark in it is worth more than a run that dies of it.
    try:
        text = json.dumps(event.model_dump(), ensure_ascii=False, default=datetime.isoformat)
    except (TypeError, ValueError) as error:
        raise JournalError(
            f"event '{event.type}' cannot be kept as JSON: {error}",
            "this is a defect of the adapter that gave the value: please report it",
        ) from error
    return text.encode("utf-8", "replace").decode()


def _checksum(run: str, seq: int, kind: bytes, body: bytes) -> int:
    return crc32(body, crc32(b"%s\n%d\n%s\n" % (run.encode(), seq, kind)))


def _is_sound(run: str, found: Stored) -> bool:
    seq, kind, body, checksum = found
    if not (isinstance(seq, int) and isinstance(kind, bytes) and isinstance(body, bytes)):
        return False
    return bool(_checksum(run, seq, kind, body) == checksum)


def _refuse_sound_rows(run: str, lost: int, rest: Iterable[Stored]) -> None:
    if any(_is_sound(run, found) for found in rest):
        raise JournalError(
            f"event {lost} of run '{run}' is damaged or missing, but later ones are there:"
            " nothing from it on can be trusted",
            "restore the journal from a copy, or look at the vendors' side and start a new run",
        )
