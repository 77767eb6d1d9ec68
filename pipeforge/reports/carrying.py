"""The small plan of a run that goes on after a change, or that repeats another: what is kept, what runs."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pipeforge.adapter import Outcome
from pipeforge.reports.display import padded, width
from pipeforge.reports.progress import visible

_FATES: Mapping[str, str] = {
    "kept": "kept",
    "goes_on": "goes on",
    "awaited": "its job is awaited, then it RUNS ANEW",
    "again": "RUNS ANEW",
    "runs": "runs",
    "removed": "removed",
    "left": "removed; its job goes on at the vendor, and nobody waits for it",
}

_WHYS: Mapping[str, str] = {
    "": "",
    "changed": "it changed",
    "upstream": "what it needs runs anew",
    "new": "new",
    "asked": "you asked for it",
    "failed": "it did not succeed",
}


class Line(Protocol):
    """What becomes of one step."""

    @property
    def id(self) -> str: ...
    @property
    def fate(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def outcome(self) -> Outcome | None: ...


def text(lines: Sequence[Line], headline: str) -> str:
    """One line a step; those that are triggered a second time are in capitals."""
    columns = max((width(visible(line.id)) for line in lines), default=0)
    out = [headline]
    for line in lines:
        ended = str(line.outcome) if line.outcome else ""
        items = getattr(line, "items", 0)
        kept = f"{items} of its items kept" if items else ""
        notes = "; ".join(filter(None, (_WHYS[line.why], ended, kept)))
        out.append(
            f"  {padded(visible(line.id), columns)}  {_FATES[line.fate]}" + (f" ({notes})" if notes else "")
        )
    again = [visible(line.id) for line in lines if line.fate in ("again", "awaited")]
    if again:
        out.append(f"triggered before, and now once more: {', '.join(again)}")
    return "\n".join(out) + "\n\n"
