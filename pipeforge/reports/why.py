"""Why a step ran, waited, was retried, adopted, skipped, blocked or unknown: its story, from events alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from pipeforge.adapter import Outcome
from pipeforge.engine import events
from pipeforge.engine.state import Phase, RunState, apply
from pipeforge.language.durations import text as duration
from pipeforge.reports.moments import moment, zone_of
from pipeforge.reports.progress import CANCELS, PAUSES, SETTLED, canceling, ids_of, visible

VERSION = 1

_REOPENED = {
    "changed": "the pipeline was changed and this step with it",
    "upstream": "the pipeline was changed, and with it a step that this one needs",
}


@dataclass(slots=True)
class Story:
    """What is told of one step, in order."""

    step: str
    state: RunState = field(default_factory=RunState)
    """The run as it stood before the event that is being told."""
    lines: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def zone(self) -> tzinfo:
        """In which times are told."""
        return zone_of(self.state.timezone)

    @property
    def base(self) -> str:
        """The step itself, of an item of a foreach."""
        return self.step.partition("[")[0]

    @property
    def needs(self) -> tuple[str, ...]:
        return next((outline.needs for outline in self.state.outlines if outline.id == self.base), ())

    def tell(self, at: datetime, *parts: str) -> None:
        self.lines.append((at, "; ".join(filter(None, map(visible, parts)))))


def story(happened: Iterable[events.Event], step: str) -> Story:
    """Everything that happened to the step or item, and why."""
    told = Story(step)
    for event in happened:
        subject = getattr(event, "step", None)
        if subject is None:
            _RUN.get(type(event), _nothing)(told, event)
        elif subject == step:
            _STEP.get(type(event), _nothing)(told, event)
        elif subject in told.needs and isinstance(event, events.StepFinished):
            _need_ended(told, event)
        was_blocked = _outcome(told.state, step) is Outcome.BLOCKED
        apply(told.state, event)
        if was_blocked and isinstance(event, events.StepSettled) and _outcome(told.state, step) is None:
            told.tell(
                event.at, f"'{event.step}' was settled, so it is not blocked any more and is judged again"
            )
    return told


def why_text(told: Story) -> str:
    """One line a sentence, with its time."""
    lines = [f"step '{visible(told.step)}' of run {told.state.run}"]
    lines += [f"{moment(at, told.zone)}  {text}" for at, text in told.lines]
    lines += [f"{'now':<25}  {text}" for text in [_now(told)] if text]
    return "\n".join(lines) + "\n"


def why_json(told: Story) -> dict[str, Any]:
    """The same for programs."""
    return {
        "version": VERSION,
        "run": told.state.run,
        "step": told.step,
        "outcome": _outcome(told.state, told.step),
        "why": [{"at": at.isoformat(), "text": text} for at, text in told.lines],
        "now": _now(told) or None,
    }


def _nothing(told: Story, event: Any) -> None:
    """Of no weight here."""


def _outcome(state: RunState, step: str) -> Outcome | None:
    known = state.steps.get(step)
    return known.outcome if known else None


def _phase(told: Story) -> Phase:
    known = told.state.steps.get(told.step)
    return known.phase if known else Phase.WAITING


def _started(told: Story, event: events.RunStarted) -> None:
    needs = next((outline.needs for outline in event.steps if outline.id == told.base), ())
    parent = event.parent or {}
    whence = f", a {parent['how']} of run {parent['run']}" if "how" in parent and "run" in parent else ""
    there = any(outline.id == told.base for outline in event.steps)
    told.tell(event.at, f"the run began{whence}", f"the step needs {_listed(needs)}" if there else "")
    for taken in event.taken_over:
        if taken.step == told.step:
            when = moment(taken.at, zone_of(event.timezone))
            told.tell(
                event.at, f"taken over from run {taken.origin}, where it ended {taken.outcome} at {when}"
            )
        elif taken.step in needs:
            told.tell(event.at, f"'{taken.step}' was taken over from run {taken.origin}: {taken.outcome}")


def _listed(needs: Iterable[str]) -> str:
    return " and ".join(f"'{need}'" for need in needs) or "nothing: it could begin at once"


def _need_ended(told: Story, event: events.StepFinished) -> None:
    left = [need for need in told.needs if need != event.step and _outcome(told.state, need) is None]
    rest = f"still waiting for {_listed(left)}" if left else "all that it needs is over"
    told.tell(event.at, f"'{event.step}' ended {event.outcome}", rest)


def _intended(told: Story, event: events.StepIntended) -> None:
    known = told.state.steps.get(told.step)
    once_more = known is not None and known.attempt == event.attempt and known.phase is Phase.DEFERRED
    attempt = f"attempt {event.attempt}" + (", tried again" if once_more else "")
    told.tell(event.at, f"{attempt}: the intent to trigger was written down under the key '{event.key}'")


def _triggered(told: Story, event: events.StepTriggered) -> None:
    ids = ids_of(event.handle)
    if event.adopted:
        told.tell(event.at, f"adopted: its job was found at the vendor{ids}", "nothing was triggered again")
    else:
        told.tell(event.at, f"triggered: the vendor gave its job{ids}")


def _failed(told: Story, event: events.AttemptFailed) -> None:
    word = f" ('{event.word}')" if event.word else ""
    when = f"another follows as `retry` says, not before {moment(event.retry_at, told.zone)}"
    told.tell(event.at, f"attempt {event.attempt} ended {event.outcome}{word}", event.detail, when)


def _finished(told: Story, event: events.StepFinished) -> None:
    if event.outcome is Outcome.BLOCKED:
        told.tell(event.at, f"blocked: {event.detail}", _cause(told.state, told.needs))
        return
    known = told.state.steps.get(told.step)
    since = known.triggered_at if known and known.triggered_at else None
    took = f" {duration((event.at - since).total_seconds())} after it was triggered" if since else ""
    word = f" (the vendor said '{event.word}')" if event.word else ""
    accepted = "taken as success, as `accept` or `allow_failure` says" if event.accepted else ""
    look = f"look at {event.link}" if event.link else ""
    told.tell(event.at, f"ended {event.outcome}{took}{word}", event.detail, accepted, event.hint, look)


def _cause(state: RunState, needs: Iterable[str]) -> str:
    """The first step up the line that did not succeed of itself."""
    outlines = {outline.id: outline.needs for outline in state.outlines}
    todo, seen = list(needs), set[str]()
    while todo:
        id_ = todo.pop(0)
        known = state.steps.get(id_)
        if id_ in seen or known is None or known.ok:
            continue
        seen.add(id_)
        if known.outcome is not Outcome.BLOCKED:
            at = f" at {moment(known.finished_at, zone_of(state.timezone))}" if known.finished_at else ""
            detail = f" ({known.detail.splitlines()[0]})" if known.detail else ""
            return f"the cause is '{id_}', which ended {known.outcome}{at}{detail}"
        todo += outlines.get(id_, ())
    return ""


def _settled(told: Story, event: events.StepSettled) -> None:
    asked = (
        f"the vendor was asked and said '{event.checked}'" if event.checked else "the vendor was not asked"
    )
    checked = asked if event.verdict == "started" else ""
    told.tell(
        event.at,
        f"{event.by} settled it: {SETTLED[event.verdict]}{ids_of(event.handle or {})}",
        checked,
        event.reason,
    )


def _reopened(told: Story, event: events.StepReopened) -> None:
    if event.reason == "over":
        told.tell(event.at, f"the job from before the change ended {event.outcome}", "it begins anew")
        return
    going = _phase(told) in (Phase.INTENDED, Phase.TRIGGERED)
    told.tell(event.at, _REOPENED[event.reason], "its job is awaited first" if going else "it begins anew")


def _resumed(told: Story, event: events.RunResumed) -> None:
    known = any(outline.id == told.base for outline in told.state.outlines)
    now = next((outline for outline in event.steps if outline.id == told.base), None)
    added = f"a change added this step, which needs {_listed(now.needs)}" if now and not known else ""
    gone = "a change took this step away" if event.steps and known and not now else ""
    if _outcome(told.state, told.step) is None or gone:
        told.tell(
            event.at, f"the run was resumed by {event.holder}", _FOUND.get(_phase(told), ""), added, gone
        )


_FOUND: Mapping[Phase, str] = {
    Phase.INTENDED: "its trigger had no answer yet: the vendor is asked what became of it",
    Phase.TRIGGERED: "its job is known: it is looked at, not triggered again",
    Phase.DEFERRED: "it certainly had not started: it is triggered",
}


def _paused(told: Story, event: events.RunPaused) -> None:
    if _outcome(told.state, told.step) is None:
        told.tell(event.at, f"the process left: {PAUSES[event.reason]}")


def _run_canceling(told: Story, event: events.RunCanceling) -> None:
    if _outcome(told.state, told.step) is None:
        told.tell(event.at, canceling(event), "" if _begun(told) else "so it never started")


def _begun(told: Story) -> bool:
    known = told.state.steps.get(told.step)
    return known is not None and (known.attempt > 0 or known.in_flight)


def _run_waited(told: Story, event: events.RunWaiting) -> None:
    told.tell(event.at, f"the whole run waited: {event.detail}")


def _tail_lost(told: Story, event: events.TailLost) -> None:
    told.tell(
        event.at,
        f"{event.rows or 'some'} damaged events were cut off: more may have happened than is told here",
    )


def _now(told: Story) -> str:
    """Where it stands, when it is not over."""
    if _outcome(told.state, told.step) is not None or told.state.outcome is not None:
        return ""
    if _phase(told) is Phase.TRIGGERED:
        return "its job is going on"
    if _phase(told) is Phase.INTENDED:
        return "its trigger has no answer yet"
    left = [need for need in told.needs if _outcome(told.state, need) is None]
    return f"it waits for {_listed(left)}" if left else "it waits for its turn"


_RUN: Mapping[type, Callable[[Story, Any], None]] = {
    events.RunStarted: _started,
    events.RunResumed: _resumed,
    events.RunPaused: _paused,
    events.RunCanceling: _run_canceling,
    events.RunWaiting: _run_waited,
    events.TailLost: _tail_lost,
}

_STEP: Mapping[type, Callable[[Story, Any], None]] = {
    events.StepWaiting: lambda told, e: told.tell(e.at, f"had to wait: {e.detail}"),
    events.StepIntended: _intended,
    events.StepDeferred: lambda told, e: told.tell(e.at, "certainly not started", e.detail),
    events.StepTriggered: _triggered,
    events.StepObserved: lambda told, e: told.tell(e.at, f"the vendor said '{e.word}'", e.detail),
    events.StepCanceling: lambda told, e: told.tell(
        e.at, f"the vendor was asked to cancel{CANCELS[e.reason]}"
    ),
    events.StepWarned: lambda told, e: told.tell(e.at, f"warned: {e.message}"),
    events.AttemptFailed: _failed,
    events.StepFinished: _finished,
    events.StepSettled: _settled,
    events.StepReopened: _reopened,
}
