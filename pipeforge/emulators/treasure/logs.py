"""Task logs: one gzip file for each task that wrote something, still cut off while the task runs."""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from math import floor, isinf

from pipeforge.emulators.core import Json
from pipeforge.emulators.treasure.shapes import instant
from pipeforge.emulators.treasure.timeline import Life, Span

AGENT = "4242@emulator"
TRAILER = 8
"""Bytes at the end of a gzip stream that a file of a running task does not have yet."""


def files(life: Life, now: float, *, prefix: str, hosted: bool) -> list[dict[str, Json]]:
    """The files of an attempt, by name; `prefix` keeps only tasks whose full name begins with it."""
    rows = [_row(span, now, hosted) for span in _written(life, now) if span.node.name.startswith(prefix)]
    return sorted(rows, key=lambda row: str(row["fileName"]))


def content(life: Life, now: float, name: str) -> bytes | None:
    """The bytes of one file."""
    return next((_packed(span, now) for span in _written(life, now) if _name(span) == name), None)


def _written(life: Life, now: float) -> Sequence[Span]:
    return [
        span
        for span in life.spans
        if span.node.script.log and not span.node.is_group and span.begun is not None and span.begun <= now
    ]


def _row(span: Span, now: float, hosted: bool) -> dict[str, Json]:
    begun = span.begun or 0.0
    finer = datetime.fromtimestamp(begun, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "fileName": _name(span),
        "fileSize": len(_packed(span, now)),
        "taskName": span.node.name,
        "fileTime": instant(begun),
        "agentId": AGENT,
        "direct": None,
        **({"fileTimestamp": finer} if hosted else {}),
    }


def _name(span: Span) -> str:
    """Full name, `@`, the time as two times eight hex digits, agent."""
    begun = span.begun or 0.0
    nanos = floor((begun - floor(begun)) * 1_000_000) * 1_000
    return f"{span.node.name}@{floor(begun):08x}{nanos:08x}.{AGENT}.log.gz"


def _packed(span: Span, now: float) -> bytes:
    begun, lines = span.begun or 0.0, span.node.script.log
    seconds = span.node.script.seconds
    step = 1.0 if isinf(seconds) else seconds / len(lines)
    until = min(now, span.ended)
    shown = [line for index, line in enumerate(lines, 1) if begun + step * index <= until]
    packed = gzip.compress("".join(f"{line}\n" for line in shown).encode(), mtime=0)
    return packed if now >= span.ended else packed[:-TRAILER]
