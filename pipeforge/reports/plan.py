"""A plan as text, Markdown or JSON."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeforge.adapter import Guarantee
from pipeforge.language.durations import text as duration
from pipeforge.language.filters import plain
from pipeforge.language.templating import Template
from pipeforge.planning import Concurrency, Plan, PlannedStep
from pipeforge.reports.display import amount
from pipeforge.reports.progress import visible

VERSION = 1

PROMISES = {
    Guarantee.EXACTLY_ONCE: "the vendor deduplicates on our key",
    Guarantee.AT_MOST_ONCE: "the vendor refuses a second use; a lost answer ends unknown",
    Guarantee.RECONCILABLE: "our job can be found again by evidence, or we know that it cannot",
    Guarantee.JOURNALED: "the vendor cannot find it: a lost answer ends unknown",
    Guarantee.IDEMPOTENT: "repeating it changes nothing",
}


def shown(value: Any) -> Any:
    """A parameter as JSON: late templates stay their own text."""
    if isinstance(value, Template):
        return value.text
    if isinstance(value, Mapping):
        return {str(key): shown(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [shown(inner) for inner in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return plain(value)


@dataclass(frozen=True, slots=True)
class Picture:
    """A plan, and those of the pipelines that its steps run."""

    plan: Plan
    waves: Sequence[Sequence[str]]
    children: "Mapping[str, Picture]"
    """By step."""


def as_text(picture: Picture) -> str:
    """For a terminal."""
    plan = picture.plan
    out = [f"{plan.pipeline} for {plan.context_time.isoformat()}"]
    out += [concurrency(plan.concurrency), ""] if plan.concurrency else [""]
    out += _waves(picture)
    kinds = {guarantee for guarantee, _ in _guarantees(picture)}
    used = [guarantee for guarantee in PROMISES if guarantee in kinds]
    width = max(len(guarantee) for guarantee in used)
    out += ["guarantees"] + [f"  {guarantee:<{width}}  {PROMISES[guarantee]}" for guarantee in used]
    return "\n".join(out) + "\n"


def _waves(picture: Picture) -> list[str]:
    out, steps = [], {step.id: step for step in picture.plan.steps}
    for number, wave in enumerate(picture.waves, 1):
        out.append(f"wave {number}" + (f": {len(wave)} steps side by side" if len(wave) > 1 else ""))
        for id_ in wave:
            out += [f"  {line}" if line else "" for line in _step(steps[id_])]
            child = picture.children.get(id_)
            if child is not None:
                out[-1:] = [f"    runs {child.plan.pipeline}:"]
                out += [f"      {line}" if line else "" for line in _waves(child)]
    return out


def _guarantees(picture: Picture) -> Iterator[tuple[Guarantee, str]]:
    yield from ((step.kind.guarantee, step.id) for step in picture.plan.steps)
    for child in picture.children.values():
        yield from _guarantees(child)


def concurrency(policy: Concurrency) -> str:
    """What holds for runs that share a key."""
    more = {"queue": "waits for its turn", "skip": "does not run", "fail": "fails"}
    runs = "one run" if policy.limit == 1 else f"{policy.limit} runs"
    return f"at most {runs} at once with the key '{visible(policy.key)}'; one more {more[policy.on_conflict]}"


def _step(step: PlannedStep) -> list[str]:
    out = [f"{step.id}  {step.kind.name}" + (f" on {step.connection}" if step.connection else "")]
    out += [f"  {name}: {_value(value)}" for name, value in shown(step.params).items()]
    out += [f"  {line}" for line in _terms(step)]
    return [*out, ""]


def _terms(step: PlannedStep) -> list[str]:
    """What holds for the step besides its parameters."""
    out = []
    if step.needs:
        when = {"success": "", "failure": ", if one did not succeed", "always": ", however they ended"}
        out.append(f"after {', '.join(step.needs)}{when[step.run_when]}")
    if step.condition is False:
        out.append("will be skipped: its `if` is false")
    elif step.condition not in (None, True):
        out.append(f"only if {_value(shown(step.condition))}")
    if step.foreach:
        items = shown(step.foreach.items)
        side = f", {step.foreach.max_parallel} side by side" if step.foreach.max_parallel else ""
        them = amount(len(items), "item") if isinstance(items, list) else str(items)
        out.append(f"for each {step.foreach.name} of {them}{side}")
    if step.retry.max_attempts > 1:
        pause = f", {duration(step.retry.delay)} apart" if step.retry.delay else ""
        out.append(f"up to {step.retry.max_attempts} attempts after a definite failure{pause}")
    cancel = "can be canceled" if step.kind.cancellable else "cannot be canceled"
    out.append(f"{step.kind.guarantee}; {cancel}; timeout {duration(step.timeout)}")
    if step.kind.recovery:
        out.append(f"a lost answer: {step.kind.recovery}")
    return out


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_markdown(picture: Picture) -> str:
    """For a pull request or a job summary."""
    plan = picture.plan
    out = [f"### Plan of `{plan.pipeline}` for {plan.context_time.isoformat()}", ""]
    out += [concurrency(plan.concurrency), ""] if plan.concurrency else []
    out += [
        "| wave | step | kind | connection | after | guarantee | cancel |",
        "|---|---|---|---|---|---|---|",
    ]
    out += _rows(picture, "", "")
    out += ["", "<details><summary>parameters</summary>", "", _fence(plan), "", "</details>"]
    return "\n".join(out) + "\n"


def _rows(picture: Picture, number: str, within: str) -> list[str]:
    out, steps = [], {step.id: step for step in picture.plan.steps}
    for count, wave in enumerate(picture.waves, 1):
        for id_ in wave:
            step, place = steps[id_], f"{number}{count}"
            cells = [place, f"`{within}{id_}`", f"`{step.kind.name}`", step.connection, ", ".join(step.needs)]
            cells += [str(step.kind.guarantee), "yes" if step.kind.cancellable else "no"]
            out.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
            if id_ in picture.children:
                out += _rows(picture.children[id_], f"{place}.", f"{within}{id_} › ")
    return out


def _fence(plan: Plan) -> str:
    """The rendered parameters as a code block, whatever they hold."""
    text = json.dumps({step.id: shown(step.params) for step in plan.steps}, ensure_ascii=False, indent=2)
    ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{ticks}json\n{text}\n{ticks}"


def as_json(picture: Picture) -> str:
    """For programs."""
    value = {"version": VERSION, **_picture(picture)}
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _picture(picture: Picture) -> dict[str, Any]:
    plan = picture.plan
    return {
        "pipeline": plan.pipeline,
        "digest": plan.digest,
        "context_time": plan.context_time.isoformat(),
        "concurrency": asdict(plan.concurrency) if plan.concurrency else None,
        "waves": [list(wave) for wave in picture.waves],
        "steps": [_json(step, picture.children.get(step.id)) for step in plan.steps],
    }


def _json(step: PlannedStep, child: Picture | None) -> dict[str, Any]:
    inside = {"runs": _picture(child)} if child else {}
    return {
        **inside,
        "id": step.id,
        "uses": step.kind.name,
        "connection": step.connection,
        "needs": list(step.needs),
        "run_when": step.run_when,
        "if": shown(step.condition),
        "foreach": shown(step.foreach.items) if step.foreach else None,
        "with": shown(step.params),
        "guarantee": str(step.kind.guarantee),
        "cancellable": step.kind.cancellable,
        "max_attempts": step.retry.max_attempts,
        "timeout_seconds": step.timeout,
        "fingerprint": step.fingerprint,
    }
