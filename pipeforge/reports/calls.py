"""A kind that is called by hand: what it takes, what is about to be done, and what came of it."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipeforge.adapter import Json, Kind, Outcome, Role
from pipeforge.engine.state import StepState
from pipeforge.reports.decisions import Decision, decisions_json
from pipeforge.reports.display import shown
from pipeforge.reports.fields import Docs, fields
from pipeforge.reports.findings import dumps
from pipeforge.reports.json_schema import DIALECT, object_
from pipeforge.reports.plan import PROMISES
from pipeforge.reports.progress import ids_of, visible

VERSION = 1
"""Of the JSON. Changes when something is taken away or means something else."""

_WIDTH = 100
_VERBS = {Role.RUNS: "starts a job", Role.CHANGES: "changes something"}


def parameters(kind: Kind, docs: Docs) -> str:
    """What `pipeforge call KIND --help` tells of the kind."""
    out = [*textwrap.wrap(" ".join(kind.doc.split()), _WIDTH), "", "parameters, each as NAME=VALUE:"]
    for line in fields(kind.params, docs(kind.params)):
        text = line.removeprefix("- ").replace("`", "")
        out += textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="      ")
    out += ["", "outputs:"]
    for line in fields(kind.outputs, docs(kind.outputs), given=False):
        text = line.removeprefix("- ").replace("`", "")
        out += textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="      ")
    return "\n".join(out)


def question(kind: Kind, connection: str, where: str, params: Mapping[str, Json]) -> str:
    """What is about to be done, for a person to agree to."""
    verb = _VERBS[kind.role]
    out = [f"{kind.name} {verb} over connection '{visible(connection)}' at {visible(where)}"]
    out += [f"  {line}" for line in _lines(params)]
    cancel = "can be canceled" if kind.cancellable else "cannot be canceled"
    out += [f"{kind.guarantee}: {PROMISES[kind.guarantee]}; it {cancel}"]
    return "\n".join(out) + "\n"


def outputs(found: Mapping[str, Json]) -> str:
    """What a call gave, for people: one name a line, what is in something indented below it."""
    return "\n".join(_lines(found)) + "\n"


def left(step: StepState, link: str, again: str, show: str) -> str:
    """What to type next for a job that was started and is not awaited."""
    out = [f"started{ids_of(step.handle or {})}"]
    out += [f"  look at       {visible(link)}"] if link else []
    return "\n".join([*out, f"  await its end {again}", f"  see the run   {show}"]) + "\n"


class Kept(NamedTuple):
    """What there is of a call that is a run in the journal."""

    run: str
    link: str
    """Where in the vendor's screen to look; empty where no address is known."""
    resume: str
    """The command that goes on with it; empty when it is over."""
    decisions: Sequence[Decision] = ()


def as_json(kind: Kind, connection: str, step: StepState, kept: Kept | None = None) -> str:
    """The same for programs; `schema` describes it."""
    return dumps(
        {
            "version": VERSION,
            "kind": kind.name,
            "connection": connection,
            "outcome": step.outcome,
            "word": step.word or None,
            "detail": step.detail or None,
            "hint": step.hint or None,
            "outputs": dict(step.outputs),
            "warnings": list(step.warnings),
            "handle": dict(step.handle) if kept and step.handle else None,
            "run": kept.run if kept else None,
            "link": (kept.link or None) if kept else None,
            "resume": (kept.resume or None) if kept else None,
            "decisions": decisions_json(kept.decisions) if kept else [],
        }
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of `as_json`."""
    text = {"type": ["string", "null"]}
    decision = {name: text for name in ("link", "handle", "started", "not_started", "step")}
    row = {
        "version": {"const": VERSION, "description": "Changes when a reader would have to."},
        "kind": {"type": "string", "description": "What was called."},
        "connection": {"type": "string", "description": "By which connection."},
        "outcome": {
            "enum": [*map(str, Outcome), None],
            "description": "How it ended; null: it goes on, or was left. unknown: exit code 4.",
        },
        "word": text | {"description": "The vendor's own word."},
        "detail": text | {"description": "What went wrong, in the vendor's words where it has any."},
        "hint": text | {"description": "What to do about it."},
        "outputs": {"type": "object", "description": "What it gave, as `pipeforge explain KIND` tells."},
        "warnings": {"type": "array", "items": {"type": "string"}},
        "handle": {"type": ["object", "null"], "description": "What finds its job again."},
        "run": text | {"description": "Its run in the journal; a question has none."},
        "link": text | {"description": "Where in the vendor's screen to look."},
        "resume": text | {"description": "The command that goes on with it; null: it is over."},
        "decisions": {
            "type": "array",
            "items": object_(decision),
            "description": "What a person has to say of an unknown outcome, with the commands for it.",
        },
    }
    told = "What `pipeforge call --format json` prints."
    return {"$schema": DIALECT, "title": "pipeforge call", "description": told, **object_(row)}


def failure(kind: Kind, step: StepState) -> str:
    """Why a question has no answer."""
    word = f" ({visible(step.word)})" if step.word and step.word != str(step.outcome) else ""
    out = [f"error: {kind.name} {step.outcome}{word}: {visible(step.detail)}"]
    out += [f"help: {visible(step.hint)}"] if step.hint else []
    return "\n".join(out) + "\n"


def _lines(value: Json) -> Iterator[str]:
    """Values as lines, much as YAML writes them."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if inner is not None:
                yield from _entry(f"{shown(str(key))}:", inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _entry("-", inner)
    else:
        yield _plain(value)


def _entry(label: str, value: Json) -> Iterator[str]:
    if isinstance(value, str) and "\n" in value:
        yield f"{label} |"
        yield from (f"  {shown(line)}" for line in value.splitlines())
    elif isinstance(value, Mapping | list | tuple) and value:
        lines = list(_lines(value))
        if label == "-":
            yield f"- {lines[0]}"
            lines = lines[1:]
        else:
            yield label
        yield from (f"  {line}" for line in lines)
    else:
        yield f"{label} {_plain(value)}".rstrip()


def _plain(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    return shown(str(value))
