"""The adapter of a step that runs a pipeline: its vendor is this process, its job a run in the journal."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from pipeforge.adapter import Evidence, Handle, Json, Kind, Observation, Outcome
from pipeforge.commands import lineage
from pipeforge.commands.children import Child, Skipped, run_of
from pipeforge.commands.family import Family, Going
from pipeforge.engine.state import RunState, unknown
from pipeforge.errors import Busy, InvalidPipeline, Rejected, Transient, UsageError
from pipeforge.journal import Taken
from pipeforge.language.subpipeline_kind import KIND, SubPipeline
from pipeforge.planning import PlannedStep

_LOOK = 1.0
"""chosen: seconds of one look, which the end of the run ends at once; a timeout is noticed that late."""

_AT_ONCE = 0.01


class ChildRun:
    """One attempt of such a step."""

    kind: ClassVar[Kind] = KIND

    def __init__(self, family: Family, child: Child) -> None:
        self._family = family
        self._child = child
        self._run = run_of(family.parent.past.run, child)

    def _known(self, run: str) -> RunState | None:
        return lineage.read(self._family.parent.journal, run)

    async def prepare(self, params: SubPipeline) -> Evidence:
        """Nothing: the journal knows."""
        return {}

    async def trigger(self, params: SubPipeline, key: str, evidence: Evidence) -> Handle:
        """Begins the run, unless an earlier process did."""
        if self._known(self._run) is None:
            try:
                self._family.begin(self._child, params.custom_variables)
            except Skipped as skipped:
                return {"skipped": skipped.detail}
            except (UsageError, InvalidPipeline) as error:
                raise Rejected(error.message, error.hint) from None
            except Busy as error:
                raise Transient(error.message, error.hint) from None
        return {"run_id": self._run}

    async def recover(self, params: SubPipeline, key: str, evidence: Evidence) -> Handle | None:
        """The journal is the truth: a run that is not in it was never begun."""
        return {"run_id": self._run} if self._known(self._run) is not None else None

    async def observe(self, handle: Handle) -> Observation:
        """Waits a moment for its end; takes the run up where no process goes on with it."""
        if "skipped" in handle:
            return Observation(Outcome.SKIPPED, "skipped", str(handle["skipped"]))
        going = self._family.going(handle["run_id"])
        if going is None:
            state = self._known(handle["run_id"])
            if state is None:
                raise Rejected(f"run {handle['run_id']} is not in this journal", "name the journal it is in")
            if state.outcome is not None or self._waits_for_a_person(state):
                return ended(state)
            going = self._taken_up(state)
        return await self._look(handle["run_id"], going)

    async def cancel(self, handle: Handle) -> None:
        """Ends the run for good."""
        if "run_id" in handle:
            self._family.cancel(handle["run_id"])

    def link(self, params: SubPipeline) -> str:
        return ""

    def handle_of(self, given: Json, params: SubPipeline, evidence: Evidence) -> Handle:
        raise ValueError("what is not known of it is settled in its own run")

    def _waits_for_a_person(self, state: RunState) -> bool:
        return state.paused == "undecided" and lineage.open_question(self._family.parent.journal, state)

    def _taken_up(self, state: RunState) -> Going:
        try:
            return self._family.take_up(self._child, state)
        except (Busy, UsageError) as error:
            raise Transient(error.message, error.hint) from None

    async def _look(self, run: str, going: Going) -> Observation:
        await asyncio.wait({going.task}, timeout=_LOOK)
        warning, going.warning = going.warning, ""
        if not going.task.done():
            return Observation(None, "running", f"run {run}", look_again=_AT_ONCE, warning=warning)
        self._family.over(run)
        try:
            going.task.result()
        except Taken as taken:
            raise Transient(taken.message, taken.hint) from None
        if going.state.outcome is None and going.state.paused != "undecided":
            return Observation(None, str(going.state.paused or "left"), f"run {run}", warning=warning)
        return replace(ended(going.state), warning=warning)


def making(family: Family) -> Callable[[PlannedStep, str, int], ChildRun]:
    """What makes the adapter of an attempt: see `Terms.children`."""
    return lambda step, id_, attempt: ChildRun(family, Child(step, id_, attempt))


def ended(state: RunState) -> Observation:
    """How a run ended, for the step that made it."""
    if state.outcome is None:
        steps = ", ".join(f"'{id_}'" for id_ in unknown(state))
        return Observation(
            Outcome.UNKNOWN, "unknown", f"in run {state.run} it cannot be known how {steps} ended"
        )
    bad = [(id_, step) for id_, step in state.steps.items() if step.outcome is not None and not step.ok]
    detail = f"run {state.run}"
    if state.outcome is not Outcome.SUCCEEDED and bad:
        id_, step = next(((i, s) for i, s in bad if s.outcome is not Outcome.BLOCKED), bad[0])
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        detail = f"'{id_}' in run {state.run} {step.outcome}{more}" + (
            f": {step.detail}" if step.detail else ""
        )
    elif state.outcome is Outcome.SUCCEEDED:
        detail = ""
    left = state.outcome is not Outcome.SUCCEEDED and any(step.left for step in state.steps.values())
    word = str(state.outcome)
    return Observation(state.outcome, word, detail, outputs=dict(state.outputs), left=left)
