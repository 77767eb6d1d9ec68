"""Checks what a person says of a step: that there is something to settle, and that the job is its own."""

import argparse
import asyncio
import getpass
import json
import re
import socket
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from pydantic import BaseModel

from pipeforge.adapter import Adapter, Handle, Observation, Outcome
from pipeforge.adapters import handles
from pipeforge.adapters.pointing import excerpt
from pipeforge.commands import continuing, linking, nexts, opening
from pipeforge.commands.streams import talk
from pipeforge.engine import binding
from pipeforge.engine.state import Phase, RunState, StepState, doubted, unknown
from pipeforge.errors import AdapterError, InvalidPipeline, UsageError
from pipeforge.language.nearest import nearest
from pipeforge.planning import Plan, PlannedStep
from pipeforge.reports.moments import moment, zone_of

_PATIENCE = 90.0
"""chosen: seconds for the vendor to say what a job is."""


def who() -> str:
    """The person at the keyboard, as far as the machine knows."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "?"
    return f"{user}@{socket.gethostname()}"


def mapping(text: str, flag: str) -> dict[str, Any]:
    """A JSON object. Raises UsageError."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise UsageError(f"{flag} is nested too deeply", 'write it as in {"id": 12345}') from None
    except ValueError as error:
        raise UsageError(
            f"{flag}: '{excerpt(text)}' is not JSON: {error}", 'write it as in {"id": 12345}'
        ) from None
    if not isinstance(value, dict):
        raise UsageError(f"{flag}: '{excerpt(text)}' is no mapping", 'write it as in {"id": 12345}')
    return value


def refuse(past: RunState, id_: str, resume: str) -> None:
    """Raises UsageError when there is nothing to settle about the step."""
    known = [outline.id for outline in past.outlines]
    items = [other for other in past.steps if other.endswith("]")]
    if id_ not in known and id_ not in items:
        near = nearest(id_, [*unknown(past), *known, *items])
        mine = ", ".join(unknown(past)) or "none"
        raise UsageError(
            f"run {past.run} has no step '{id_}'", f"did you mean '{near}'?" if near else f"to settle: {mine}"
        )
    undecided = [other for other in unknown(past) if other.startswith(f"{id_}[")]
    if undecided:
        raise UsageError(
            f"'{id_}' is a foreach: its items are settled one by one", f"to settle: {', '.join(undecided)}"
        )
    step = past.steps.get(id_, StepState())
    if step.outcome is Outcome.UNKNOWN or step.phase is Phase.INTENDED or _lost(past, id_, step):
        return
    mine = ", ".join(unknown(past))
    hint = f"to settle: {mine}" if mine else f"to go on: {resume}"
    raise UsageError(f"nothing is unknown of '{id_}': {_standing(step, zone_of(past.timezone))}", hint)


def _lost(past: RunState, id_: str, step: StepState) -> bool:
    """Whether it may have been triggered without the journal knowing."""
    return doubted(past, id_) and step.outcome is None and step.phase is not Phase.TRIGGERED


def _standing(step: StepState, zone: tzinfo) -> str:
    said = step.settled
    if said is not None:
        return f"{said.by} settled it at {moment(said.at, zone)} ({said.verdict.replace('_', ' ')})"
    if step.outcome is not None:
        return f"it ended {step.outcome}"
    if step.phase is Phase.TRIGGERED:
        return f"its job is known ({json.dumps(dict(step.handle or {}), ensure_ascii=False)})"
    if step.phase is Phase.RETRYING:
        return "its last attempt failed, and another follows"
    return "it has not started"


def found(past: RunState, args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """The handle of the job that --handle names, and the vendor's word for it (empty: not asked).

    Raises UsageError when it is no job of this step, or when the vendor does not confirm it.
    """
    given: Any = mapping(args.handle, "--handle") if args.handle.lstrip().startswith("{") else args.handle
    try:
        planned, link, step = _linked(continuing.as_it_was(past, args), args)
        params = _params(past, planned.plan, step, args.step)
    except (UsageError, InvalidPipeline) as error:
        if args.unchecked and isinstance(given, dict):
            return _whole(past, given, args), ""  # it needs neither the file nor the vendor
        hint = "give all of the handle as JSON, with --unchecked"
        raise UsageError(error.message, f"{error.hint}; or {hint}" if error.hint else hint) from None
    adapter = link.adapters[step.kind.name, step.connection]
    evidence = past.steps[args.step].evidence if args.step in past.steps else {}
    try:
        handle = dict(adapter.handle_of(given, params, evidence))
    except ValueError as error:
        asyncio.run(link.aclose())
        raise _no_job(args, step.kind.name, error, f"give {step.kind.handle}") from None
    _refuse_taken(past, handle, args.step)
    if args.unchecked:
        asyncio.run(link.aclose())
        return handle, ""
    seen = asyncio.run(_look(adapter, handle, link))
    _refuse_other(params, seen)
    if seen.warning:
        talk(f"warning: {seen.warning}\n")
    return handle, seen.word or "it exists"


def _whole(past: RunState, given: Handle, args: argparse.Namespace) -> dict[str, Any]:
    """A handle that nobody can be asked about: it must be one that the step's kind could have."""
    base = args.step.partition("[")[0]
    kind = next((outline.uses for outline in past.outlines if outline.id == base), "")
    try:
        handle = handles.whole(kind, given)
    except ValueError as error:
        show = nexts.command("show", past.run, args, "--format", "json")
        hint = f"`{show}` shows how those of other steps look"
        raise _no_job(args, kind, error, hint) from None
    _refuse_taken(past, handle, args.step)
    return handle


def _no_job(args: argparse.Namespace, kind: str, error: ValueError, hint: str) -> UsageError:
    said = f"--handle '{excerpt(args.handle)}' is no job of '{kind}': {error}"
    return UsageError(said, f"{hint}; or say --succeeded or --failed")


def _linked(
    planned: opening.Planned, args: argparse.Namespace
) -> tuple[opening.Planned, linking.Link, PlannedStep]:
    """The plan, with the one connection open that the step needs."""
    base = args.step.partition("[")[0]
    (step,) = [step for step in planned.plan.steps if step.id == base]
    alone = replace(planned, plan=replace(planned.plan, steps=(step,)))
    _, link = linking.linked(alone, args)
    return planned, link, step


def _params(past: RunState, plan: Plan, step: PlannedStep, id_: str) -> BaseModel:
    """What the step was triggered with."""
    scope = binding.Scope(plan, past.run)
    for other, state in past.steps.items():
        if state.outcome is not None:
            scope.remember(other, state)
    index = re.search(r"\[(\d+)\]$", id_)
    attempt = past.steps[id_].attempt if id_ in past.steps else 1
    try:
        item = None
        if step.foreach is not None and index:
            item = {step.foreach.name: binding.items(step, scope)[int(index[1])]}
        return binding.params(step, scope.names(max(1, attempt), item))
    except (binding.Unbound, IndexError) as error:
        raise UsageError(f"'{id_}': {error}") from None


def _refuse_taken(past: RunState, handle: Handle, id_: str) -> None:
    for other, step in past.steps.items():
        if other != id_ and step.handle is not None and dict(step.handle) == handle:
            raise UsageError(
                f"that job belongs to '{other}' of the same run", "look for the one of this step"
            )


def _refuse_other(params: BaseModel, seen: Observation) -> None:
    """The commonest slip: a job, but of another definition, recipe or workflow."""
    for name, mine in params.model_dump(mode="json").items():
        its = seen.outputs.get(name)
        if name.endswith("_id") and its is not None and str(its) != str(mine):
            raise UsageError(
                f"that job is of {name} {its}; this step starts {mine}", "look for the job of this step"
            )


async def _look(adapter: Adapter[Any], handle: Handle, link: linking.Link) -> Observation:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await adapter.observe(handle)
    except AdapterError as error:
        message, hint = error.message, error.hint
    except TimeoutError:
        message, hint = f"no answer within {_PATIENCE:g}s", ""
    finally:
        await link.aclose()
    more = f"{hint}; " if hint else ""
    raise UsageError(
        f"the vendor does not confirm that job: {message}", f"{more}--unchecked takes your word for it"
    )
