"""What happens in a run, one line an event, for logs and CI."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from pipeforge.engine import events
from pipeforge.journal import Absence
from pipeforge.language.durations import text as duration
from pipeforge.reports.display import padded, shown

_SHORT = 60
"""Characters of a handle's value that a line shows; a sealed token is longer and says nothing to a person."""


def inside(within: str, step: str) -> str:
    """The name of a step in the run that another step runs."""
    return f"{within} › {step}" if within and step else within or step


def line(event: events.Event, zone: tzinfo, width: int = 0, within: str = "") -> str:
    """One event as a line. `width`, in columns of a terminal, aligns the step ids; `within`: see `inside`."""
    words = _WORDS[type(event)](event)
    step = inside(within, getattr(event, "step", ""))
    return f"{_clock(event.at, zone)}  {padded(visible(step), width)}  {words}".rstrip()


PAUSES = {
    "interrupted": "interrupted",
    "max_time": "time budget used up",
    "left": "left as it goes on",
    "undecided": "run undecided: of a step it cannot be known whether it started",
    "canceling": "not canceled yet: a vendor could not be asked what became of a step",
}

UNFINISHED = {
    "interrupted": "interrupted",
    "max_time": "its time budget was used up",
    "left": "it was left as it goes on",
    "undecided": "it needs a decision",
    "canceling": "it is being canceled",
    "settled": "what was unknown is settled",
}
"""How a run stands that was left in order, by why it was."""

CANCELS = {
    "timeout": ": its timeout is over",
    "interrupted": ": the run was interrupted",
    "canceled": ": the run was canceled",
}

SETTLED = {
    "started": "it did start",
    "not_started": "it did not start",
    "succeeded": "it succeeded",
    "failed": "it failed",
}
"""What a person can say of a step, in our words."""

_REOPENED = {
    "changed": "changed since: it runs anew",
    "upstream": "what it needs changed since: it runs anew",
    "over": "the job from before the change is over: it runs anew",
}

_WORDS: dict[type, Callable[[Any], str]] = {
    events.RunStarted: lambda e: headline(e.run, e.pipeline, e.context_time, e.timezone),
    events.RunResumed: lambda e: "run resumed",
    events.StepIntended: lambda e: "triggering" + (f", attempt {e.attempt}" if e.attempt > 1 else ""),
    events.StepTriggered: lambda e: ("found again" if e.adopted else "triggered") + ids_of(e.handle),
    events.StepDeferred: lambda e: _with("not started yet", e.detail),
    events.StepCanceling: lambda e: "asking the vendor to cancel" + CANCELS[e.reason],
    events.StepObserved: lambda e: _with(e.word, e.detail),
    events.StepWarned: lambda e: f"warning: {visible(e.message)}",
    events.StepWaiting: lambda e: _with("waits", e.detail),
    events.RunWaiting: lambda e: _with("waits", e.detail),
    events.AttemptFailed: lambda e: _with(f"attempt {e.attempt} {_ended(e)}, will be tried again", e.detail),
    events.StepFinished: lambda e: _with(_ended(e) + (" (accepted)" if e.accepted else ""), e.detail),
    events.StepSettled: lambda e: _with(
        f"settled by {e.by}: {SETTLED[e.verdict]}{ids_of(e.handle or {})}", e.reason
    ),
    events.StepReopened: lambda e: _with(_REOPENED[e.reason], e.detail),
    events.TailLost: lambda e: f"{e.rows or 'some'} damaged events at the journal's end were cut off",
    events.RunCanceling: lambda e: canceling(e),
    events.RunPaused: lambda e: PAUSES[e.reason],
    events.RunFinished: lambda e: f"run {e.outcome}",
}


def headline(run: str, pipeline: str, context_time: datetime | None, timezone: str, how: str = "") -> str:
    """Which run it is, and how to read the times of the lines below."""
    moment = context_time.isoformat() if context_time else "?"
    return f"run {run} of {pipeline} for {moment}{how}, times in {timezone}"


def absence(of: Absence, zone: tzinfo) -> str:
    """That the journal is away or back, as a line."""
    if of.until is None:
        since = _clock(of.since, zone)
        return f"warning: the journal is away since {since}: nothing new starts until it is back"
    lasted = duration(round((of.until - of.since).total_seconds()))
    return f"the journal is back since {_clock(of.until, zone)}, after {lasted}"


def canceling(event: events.RunCanceling) -> str:
    """Who canceled the run, and what becomes of its jobs."""
    return f"run canceled by {visible(event.by)}" + (": its jobs are left alone" if event.leave else "")


def _ended(event: events.AttemptFailed | events.StepFinished) -> str:
    """Our word, and the vendor's own unless it says the same."""
    same = not event.word or event.word.casefold() == str(event.outcome)
    return str(event.outcome) if same else f"{event.outcome} ({visible(event.word)})"


def _with(words: str, detail: str) -> str:
    return f"{visible(words)}: {visible(detail)}" if detail else visible(words)


def ids_of(handle: Mapping[str, Any]) -> str:
    """The ids in a handle, as a person would look for them in the vendor's screen."""
    ids = [
        f"{name} {value}"
        for name, value in handle.items()
        if isinstance(value, str | int) and name.endswith("id") and len(str(value)) <= _SHORT
    ]
    return ": " + visible(", ".join(ids)) if ids else ""


def visible(text: str) -> str:
    """A text from outside, with whatever could steer a terminal made visible and line breaks marked."""
    return shown(text.replace("\n", " / "))


def _clock(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%H:%M:%S")
