"""A drafted pipeline as YAML that a person would have written."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

_PLAIN = re.compile(r"(?!\d)[\w$][\w$./-]*( [\w$./-]+)*")
_MEANS = re.compile(r"(?i)(true|false|null|yes|no|on|off|~|[-+.]?[0-9].*|\.inf|\.nan)")
"""Texts that some reader of YAML takes for something else."""

_WIDTH = 100
_TEMPLATE = "${{"


class Step(Protocol):
    """What is drawn up of a step."""

    @property
    def id(self) -> str: ...
    @property
    def uses(self) -> str: ...
    @property
    def given(self) -> Mapping[str, Any]: ...
    @property
    def needs(self) -> Sequence[str]: ...
    @property
    def notes(self) -> Sequence[str]: ...
    @property
    def later(self) -> Mapping[str, Mapping[str, Any]]: ...


class Draft(Protocol):
    """What is drawn up of a pipeline."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def steps(self) -> Sequence[Step]: ...
    @property
    def timezone(self) -> str: ...
    @property
    def notes(self) -> Sequence[str]: ...
    @property
    def records(self) -> Mapping[str, Any]: ...


def text(draft: Draft, connections: Mapping[str, Mapping[str, Any]], connection: str | None = None) -> str:
    """The whole file. `connections`: those that it must bring; `connection`: for each step to name."""
    out = [f"name: {scalar(draft.name)}", f"description: {scalar(draft.description)}"]
    out += [f"timezone: {draft.timezone}"] if draft.timezone != "UTC" else []
    out += ["", *comments(draft.notes)] if draft.notes else []
    if draft.records:
        out += ["", "records:", *_block(draft.records, 2)]
    if connections:
        out += ["", "connections:", *_block(connections, 2)]
    out += ["", "steps:"]
    for number, step in enumerate(draft.steps):
        out += [""] if number else []
        out += _step(step, connection)
    return "\n".join(out) + "\n"


def _step(step: Step, connection: str | None) -> Iterator[str]:
    yield from comments(step.notes, 2)
    yield f"  {scalar(step.id)}:"
    if step.needs:
        needs = [scalar(need) for need in step.needs]
        yield f"    needs: {needs[0]}" if len(needs) == 1 else f"    needs: [{', '.join(needs)}]"
    yield f"    uses: {step.uses}"
    yield from [f"    connection: {scalar(connection)}"] if connection else []
    yield from ["    with:", *_block(step.given, 6)] if step.given else []
    for name, values in step.later.items():
        lead = "" if name in step.given else f"{name}:"
        yield from comments([lead] if lead else [], 6)
        yield from comments(
            [f"  {scalar(key)}: {flow(value)}" for key, value in values.items()], 6, literal=True
        )


def comments(lines: Sequence[str], indent: int = 0, *, literal: bool = False) -> list[str]:
    """As comments, each on lines of its own that are not too long."""
    out = []
    for line in lines:
        clean = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+", " ", line)
        out += [clean] if literal else _wrapped(clean)
    return [f"{' ' * indent}# {line}".rstrip() for line in out]


def _wrapped(line: str) -> list[str]:
    lead = line[: len(line) - len(line.lstrip())]
    out, left = [], line
    while len(left) > _WIDTH and " " in left[len(lead) + 1 : _WIDTH]:
        cut = left.rindex(" ", len(lead) + 1, _WIDTH)
        out.append(left[:cut])
        left = f"{lead}{left[cut:].lstrip()}"
    return [*out, left]


def _block(value: Mapping[str, Any], indent: int) -> list[str]:
    """A mapping below its key; what fits on a line stays on it."""
    out = []
    for key, inner in value.items():
        told = scalar(inner) if isinstance(inner, str) else flow(inner)
        line = f"{' ' * indent}{scalar(str(key))}: {told}"
        if isinstance(inner, Mapping) and inner and len(line) > _WIDTH:
            out += [f"{' ' * indent}{scalar(str(key))}:", *_block(inner, indent + 2)]
        else:
            out.append(line)
    return out


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        inside = [f"{scalar(str(key), flow=True)}: {flow(inner)}" for key, inner in value.items()]
        return f"{{{', '.join(inside)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(flow(inner) for inner in value)}]"
    return scalar(value, flow=True) if isinstance(value, str) else json.dumps(value)


def scalar(text: str, *, flow: bool = False) -> str:
    """A text, in quotes where it must be; what a vendor wrote is never read as a template of ours."""
    if text.startswith(_TEMPLATE) and text.endswith("}}") and text.count(_TEMPLATE) == 1:
        return json.dumps(text) if flow else text
    if _PLAIN.fullmatch(text) and not _MEANS.fullmatch(text):
        return text
    return json.dumps(text.replace(_TEMPLATE, "${{ '${' }}{"), ensure_ascii=False)
