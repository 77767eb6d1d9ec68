"""A drafted pipeline as YAML that a person would have written."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from pipeforge.language.templating import OPEN, Own

_PLAIN = re.compile(r"(?!\d)[\w$][\w$./-]*( [\w$./-]+)*")
_MEANS = re.compile(r"(?i)(true|false|null|yes|no|on|off|~|[-+.]?[0-9].*|\.inf|\.nan)")
"""Texts that some reader of YAML takes for something else."""

_UNFIT = re.compile(
    "[^ -~\u00a0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML does not allow, what ends a line in it, and what turns the direction of what follows."""

_WIDTH = 100


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
        out += ["", "connections:", *_block(_own(connections), 2)]
    out += ["", "steps:"]
    for number, step in enumerate(draft.steps):
        out += [""] if number else []
        out += _step(step, connection)
    return "\n".join(out) + "\n"


def _own(value: Any) -> Any:
    """What a person here wrote, templates and all."""
    if isinstance(value, Mapping):
        return {key: _own(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_own(inner) for inner in value]
    return Own(value) if isinstance(value, str) and OPEN in value else value


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
        clean = _UNFIT.sub(" ", line)
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
    if isinstance(text, Own):
        return json.dumps(text) if flow else text
    if _PLAIN.fullmatch(text) and not _MEANS.fullmatch(text):
        return text
    quoted = json.dumps(text.replace(OPEN, "${{ '${' }}{"), ensure_ascii=False)
    return _UNFIT.sub(_escaped, quoted)


def _escaped(unfit: re.Match[str]) -> str:
    """Half a character, which a vendor can tell in JSON, is none that YAML could hold."""
    code = ord(unfit[0])
    return "\ufffd" if 0xD800 <= code < 0xE000 else f"\\u{code:04x}"
