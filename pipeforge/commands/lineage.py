"""How runs that steps run hang together: whose they are, and what a settled one means for the one above."""

import argparse
from collections.abc import Iterator
from datetime import datetime

from pipeforge.commands import nexts
from pipeforge.engine.events import StepSettled
from pipeforge.engine.state import Phase, RunState, replay, unknown
from pipeforge.errors import UsageError
from pipeforge.journal import Journal
from pipeforge.language import subpipeline


def parent(journal: Journal, state: RunState) -> RunState | None:
    """The run whose step made this one, while that is not over: nothing of this goes on without it."""
    whence = state.parent or {}
    if whence.get("how") != "step":
        return None
    try:
        above = replay(journal.read(str(whence["run"])))
    except UsageError:
        return None
    return above if above.outcome is None else None


def outermost(journal: Journal, state: RunState) -> RunState:
    """The run that is to be gone on with, so that this one does."""
    above = parent(journal, state)
    return state if above is None else outermost(journal, above)


def refuse_child(journal: Journal, state: RunState, args: argparse.Namespace) -> None:
    """Raises UsageError for a run that goes on with its parent alone."""
    top = outermost(journal, state)
    if top.run != state.run:
        step = (state.parent or {}).get("step")
        raise UsageError(
            f"run {state.run} is what step '{step}' of another run does, and goes on with that",
            f"resume the outermost: {nexts.resume_command(top.run, args)}",
        )


def settlements(journal: Journal, past: RunState, at: datetime) -> list[StepSettled]:
    """What became known of unknown steps because their runs were settled, or ended, since."""
    found = []
    for id_, child in _unknown_children(journal, past):
        if not open_question(journal, child):
            step = past.steps[id_]
            said = StepSettled(
                at=at,
                step=id_,
                attempt=max(1, step.attempt),
                verdict="started",
                by=_by(child),
                reason=f"run {child.run} was settled",
                handle=dict(step.handle or {}),
            )
            found.append(said)
    return found


def open_question(journal: Journal, state: RunState) -> bool:
    """Whether something of a run still waits for a person, the runs of its steps asked."""
    known = {id_ for id_, child in _unknown_children(journal, state) if not open_question(journal, child)}
    return state.outcome is None and bool(set(unknown(state)) - known)


def _unknown_children(journal: Journal, state: RunState) -> Iterator[tuple[str, RunState]]:
    for id_ in unknown(state):
        run = (state.steps[id_].handle or {}).get("run_id")
        child = read(journal, str(run)) if run else None
        if child is not None:
            yield id_, child


def _by(child: RunState) -> str:
    """Who settled the last of it."""
    said = [step.settled for step in child.steps.values() if step.settled is not None]
    return max(said, key=lambda one: one.at).by if said else "its own run"


def under_way(journal: Journal, state: RunState) -> dict[str, RunState]:
    """By step: the runs that steps made and have not seen the end of."""
    uses = {outline.id: outline.uses for outline in state.outlines}
    found = {}
    for id_, step in state.steps.items():
        run = (step.handle or {}).get("run_id")
        if step.phase is Phase.TRIGGERED and run and uses.get(id_.partition("[")[0]) == subpipeline.NAME:
            child = read(journal, str(run))
            if child is not None:
                found[id_] = child
    return found


def pruned(journal: Journal, run: str) -> bool:
    """Whether there was such a run, and its events were dropped."""
    try:
        found = journal.summary(run)
    except UsageError:
        return False
    return found.pruned


def above(run: str) -> list[str]:
    """The ids of the runs that a run lies within, the outermost first: they begin its own."""
    parts = run.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def read(journal: Journal, run: str) -> RunState | None:
    """What the journal has of a run; None when it was never begun."""
    try:
        found = replay(journal.read(run))
    except UsageError:
        return None
    return found if found.run == run else None  # a journal takes the beginning of an id, too
