"""What a person has to decide about a step whose outcome is unknown: where to look, and what to type then."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeforge.reports.progress import visible

_MOST = 5
"""chosen: how many are told in full at the end of a run; `show` tells all."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One step or item to settle."""

    step: str
    link: str
    """Where in the vendor's screen to look; empty where no address is known."""
    handle: str
    """What JOB stands for."""
    command: str
    """What each of the commands begins with."""


def decisions_text(decisions: Sequence[Decision], resume: str, show: str = "") -> list[str]:
    """Lines that say what to look at and what to type. `show`: the command that tells the rest of many."""
    out = []
    told = decisions[:_MOST] if show else decisions
    for one in told:
        out += ["", f"to settle '{visible(one.step)}':"]
        out += [f"  look at       {visible(one.link)}"] if one.link else []
        out += [f"  it started    {one.command} --handle JOB", f"                JOB: {one.handle}"]
        out += [f"  it did not    {one.command} --not-started"]
        out += ["  it is over    --succeeded or --failed in place of --handle, where nobody can be asked"]
    if len(told) < len(decisions):
        out += ["", f"and {len(decisions) - len(told)} more: {show}"]
    return [*out, "", f"then go on: {resume}"] if decisions else []


def decisions_json(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "step": one.step,
            "link": one.link or None,
            "handle": one.handle,
            "started": f"{one.command} --handle JOB",
            "not_started": f"{one.command} --not-started",
        }
        for one in decisions
    ]
