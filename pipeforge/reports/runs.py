"""A run for people and programs: its steps, its events, and how it ended."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Any

from pipeforge.adapter import Outcome
from pipeforge.engine.events import Event, StepSettled
from pipeforge.engine.state import Phase, RunState, StepState
from pipeforge.language.durations import text as duration
from pipeforge.reports.decisions import Decision, decisions_json, decisions_text
from pipeforge.reports.display import aligned
from pipeforge.reports.moments import moment, zone_of
from pipeforge.reports.progress import SETTLED, UNFINISHED, canceling, ids_of, visible

VERSION = 1


def jsonl(events: Iterable[Event]) -> str:
    """A run's events, one JSON object a line."""
    return "".join(event.model_dump_json() + "\n" for event in events)


def run_text(
    state: RunState, decisions: Sequence[Decision] = (), resume: str = "", held_by: str | None = None
) -> str:
    """One run, step by step. `decisions`: what there is to settle; `resume`: the command that goes on.

    `held_by`: the process that goes on with it; then `resume` says what one may do about that.
    """
    context, zone = state.context_time.isoformat() if state.context_time else "?", zone_of(state.timezone)
    out = [f"run {state.run} of {state.pipeline} for {context}", f"pipeline file {state.path}"]
    if state.started_at:
        ended = f", ended {moment(state.finished_at, zone)}" if state.finished_at else ""
        out.append(f"started {moment(state.started_at, zone)}{ended}")
    if state.parent and "backfill" in state.parent:
        out.append(f"in backfill {state.parent['backfill']}")
    if state.parent and "run" in state.parent:
        which = f" '{state.parent['step']}'" if state.parent.get("how") == "step" else ""
        out.append(f"{state.parent.get('how', 'comes from')}{which} of run {state.parent['run']}")
    stands = UNFINISHED.get(state.paused or "", "its process was lost")
    stands = f"going on, held by {held_by}" if held_by else stands
    out.append(f"outcome {state.outcome or 'none yet: ' + stands}")
    out += [canceling(state.canceling)] if state.canceling else []
    out += [f"waits: {visible(state.waiting)}"] if state.waiting and not state.outcome else []
    out.append("")
    items: dict[str, list[tuple[str, str, str]]] = {}
    for id_, step in state.steps.items():
        if id_.endswith("]"):
            items.setdefault(id_.partition("[")[0], []).append(
                (f"    {id_}", describe(step) + _runs(step), "")
            )
    rows = []
    for outline in state.outlines:
        rows.append((f"  {outline.id}", _where(state, outline.id), outline.uses))
        rows += sorted(items.get(outline.id, []), key=lambda row: (len(row[0]), row[0]))
    out += aligned(rows)
    if held_by and not state.outcome:
        on = ["", resume]
    elif not state.outcome and not decisions and resume:
        on = ["", f"to go on: {resume}"]
    else:
        on = decisions_text(decisions, resume)
    return "\n".join([*out, *troubles(state), *on]) + "\n"


def _where(state: RunState, id_: str) -> str:
    step = state.steps.get(id_, StepState())
    never = state.outcome is not None and step.outcome is None
    return "not started" if never else describe(step) + _runs(step)


def _runs(step: StepState) -> str:
    """The run that the step made, of one that runs a pipeline."""
    run = (step.handle or {}).get("run_id")
    return f", run {visible(str(run))}" if run else ""


def run_json(
    state: RunState, decisions: Sequence[Decision] = (), held_by: str | None = None
) -> dict[str, Any]:
    """The same for programs."""
    return {
        "version": VERSION,
        "run": state.run,
        "pipeline": state.pipeline,
        "path": state.path,
        "context_time": state.context_time.isoformat() if state.context_time else None,
        "outcome": state.outcome,
        "paused": state.paused,
        "held_by": held_by,
        "parent": state.parent,
        "steps": {id_: _step_json(step) for id_, step in state.steps.items()},
        "decisions": decisions_json(decisions),
    }


def _step_json(step: StepState) -> dict[str, Any]:
    times = {"triggered_at": step.triggered_at, "finished_at": step.finished_at}
    return {
        "phase": step.phase,
        "attempt": step.attempt,
        "outcome": step.outcome,
        "accepted": step.accepted,
        "word": step.word,
        "detail": step.detail,
        "hint": step.hint,
        "handle": dict(step.handle) if step.handle else None,
        "outputs": step.outputs,
        "link": step.link or None,
        "warnings": list(step.warnings),
        "left": step.left,
        "settled": step.settled.model_dump(mode="json") if step.settled else None,
        "origin": step.origin or None,
        **{name: at.isoformat() if at else None for name, at in times.items()},
    }


def describe(step: StepState) -> str:
    """Where a step is, in a few words."""
    if step.outcome is not None:
        took = ""
        if step.finished_at and step.triggered_at:
            took = f" in {duration((step.finished_at - step.triggered_at).total_seconds())}"
        whence = f" (in run {step.origin})" if step.origin else ""
        return f"{step.outcome}{took}{' (accepted)' if step.accepted else ''}{whence}"
    if step.waiting and step.phase in (Phase.WAITING, Phase.DEFERRED, Phase.RETRYING):
        return f"waits: {visible(step.waiting)}"
    if step.phase is Phase.TRIGGERED and step.word:
        return f"triggered, {visible(step.word)}"
    return str(step.phase)


def summary(state: RunState, decisions: Sequence[Decision], resume: str, show: str) -> str:
    """What the end of a run says: counts, what went wrong, what to do next.

    `resume` and `show` are the commands that go on with it and that tell all of it.
    """
    counts: dict[str, int] = {}
    for outline in state.outlines:
        step = state.steps.get(outline.id)
        word = str(step.outcome) if step and step.outcome else "not started" if state.outcome else "not over"
        counts[word] = counts.get(word, 0) + 1
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    undecided = state.paused == "undecided"
    ended = f" {state.outcome}" if state.outcome else " needs a decision" if undecided else " is not over"
    out = [f"run {state.run}{ended}: {told}", *troubles(state)]
    if undecided:
        out += ["", "nothing that wants an unknown step's success has run; nothing will be triggered twice"]
        out += decisions_text(decisions, resume, show)
    elif state.outcome is None:
        out += ["", f"to go on: {resume}"]
    return "\n".join(out) + "\n"


def _settled(said: StepSettled, zone: tzinfo) -> str:
    """A person's word, so that nobody takes it for the vendor's."""
    unchecked = "" if said.checked or said.verdict != "started" else ", which the vendor was not asked about"
    reason = f" ({visible(said.reason)})" if said.reason else ""
    when = moment(said.at, zone)
    return f"was settled by {visible(said.by)} at {when}: {SETTLED[said.verdict]}{unchecked}{reason}"


def troubles(state: RunState) -> list[str]:
    out = []
    for id_, step in state.steps.items():
        out += [f"  {id_} warned: {visible(warning)}" for warning in step.warnings]
        out += [f"  {id_} {_settled(step.settled, zone_of(state.timezone))}"] if step.settled else []
        if step.outcome in (None, Outcome.SUCCEEDED, Outcome.BLOCKED) or (step.ok and not step.accepted):
            continue
        word = f" ({visible(step.word)})" if step.word and step.word.casefold() != str(step.outcome) else ""
        accepted = " (accepted)" if step.accepted else ""
        out.append(f"  {id_} {step.outcome}{word}{accepted}{':' if step.detail else ''}")
        out += [f"    {visible(detail)}" for detail in step.detail.splitlines()]
        out += [f"    its job{ids_of(step.handle)}"] if step.left and step.handle else []
        out += [f"    help: {visible(step.hint)}"] if step.hint else []
    return ["", *out] if out else []
