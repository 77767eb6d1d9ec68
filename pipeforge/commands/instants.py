"""The instants of a backfill in the journal: what is to be done for each, and what has become of it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal

from pipeforge.engine.events import Instant
from pipeforge.engine.state import RunState
from pipeforge.errors import UsageError
from pipeforge.journal import Journal, RunSummary
from pipeforge.language.recurring import Moment
from pipeforge.reports.backfill import Standing, Word

PREFIX = "backfill of "
"""Before the pipeline's name, in the journal: no pipeline can be called so, for names hold no blanks."""

_FEW = 100
"""chosen: instants that are asked for one by one; for more than that all runs of the pipeline are read."""

Mode = Literal["new", "failed", "again"]


def refuse(past: RunState, mend: str) -> None:
    """Raises UsageError for a backfill, where the steps of a run are wanted."""
    if past.backfill is not None:
        raise UsageError(f"run {past.run} is a backfill: it has runs in place of steps", mend)


def child(backfill: str, number: int) -> str:
    """The id of the run for the instant of that number, counted from 1."""
    return f"{backfill}.{number:04}"


def decide(
    journal: Journal, pipeline: str, moments: Iterable[Moment], mode: Mode, resume: Callable[[str], str]
) -> list[Instant]:
    """What a backfill does for each, by what was run before. `resume`: what goes on with a run."""
    out = []
    moments = list(moments)
    known = earlier(journal, pipeline, [moment.at for moment in moments])
    for moment, rows in zip(moments, known, strict=True):
        if rows:
            out.append(_decided(moment, rows, mode, resume))
        else:
            out.append(Instant(at=moment.at, why=moment.note))
    return out


def earlier(journal: Journal, pipeline: str, moments: Sequence[datetime]) -> list[Sequence[RunSummary]]:
    """The runs there are for each instant, oldest first."""
    if len(moments) <= _FEW:
        return [journal.find(pipeline, moment) for moment in moments]
    rows: dict[datetime, list[RunSummary]] = {}
    for row in reversed(journal.runs(pipeline=pipeline, limit=None)):
        rows.setdefault(row.context_time.astimezone(UTC), []).append(row)
    # In UTC: an hour that a zone has twice never equals the same instant told in another zone.
    return [rows.get(moment.astimezone(UTC), []) for moment in moments]


def _decided(moment: Moment, rows: Sequence[RunSummary], mode: Mode, resume: Callable[[str], str]) -> Instant:
    last, again = rows[-1], max(row.again for row in rows) + 1
    how = _stands(last)
    why = f"{how}: run {last.run}"
    redo = mode == "failed" and last.ended_at is not None and last.outcome != "succeeded"
    if mode == "again" or (redo and last.pruned):
        return Instant(at=moment.at, again=again, earlier=last.run, why=_with(why, moment.note))
    if redo:
        return Instant(
            at=moment.at, action="rerun", again=again, earlier=last.run, why=_with(why, moment.note)
        )
    if how == "not over":
        why += f"; {resume(last.run)}"
    elif last.ended_at is not None and last.outcome != "succeeded":
        why += "; --failed does it again"
    return Instant(at=moment.at, action="skip", earlier=last.run, why=why)


def _stands(row: RunSummary) -> str:
    if row.ended_at is not None:
        return row.outcome or "over"
    if row.held_by:
        return f"going on, held by {row.held_by}"
    return "needs a decision" if row.outcome else "not over"


def _with(why: str, note: str) -> str:
    return f"{why}; {note}" if note else why


def standings(journal: Journal, past: RunState) -> list[Standing]:
    """How every instant of a backfill stands, by its runs."""
    plan = past.backfill
    assert plan is not None
    out = []
    known = earlier(journal, plan.pipeline, [instant.at for instant in plan.instants])
    for number, (instant, rows) in enumerate(zip(plan.instants, known, strict=True), 1):
        run = child(past.run, number)
        if instant.action == "skip":
            out.append(Standing(number, instant, run, "skipped"))
            continue
        word, other = standing(rows, instant, run)
        detail = f"run {other}" if word == "taken" else ""
        out.append(Standing(number, instant, run, word, detail))
    return out


def standing(rows: Sequence[RunSummary], instant: Instant, run: str) -> tuple[Word, str]:
    """How one instant stands, given all runs for it: the word, and the run that took its place if one did."""
    mine = next((row for row in rows if row.run == run), None)
    if mine is None:
        taken = next((row.run for row in rows if row.again == instant.again), "")
        return ("taken", taken) if taken else ("waiting", "")
    if mine.ended_at is not None:
        return ended(mine.outcome or ""), ""
    if mine.held_by:
        return "held", ""
    return ("unknown" if mine.outcome else "not over"), ""


def ended(outcome: str) -> Word:
    """How an instant stands whose run is over."""
    return _WORDS.get(outcome, "failed")


_WORDS: dict[str, Word] = {"succeeded": "succeeded", "canceled": "canceled"}
