"""What every new run begins with: an id, its first event, and the outline of its steps."""

import argparse
import os
import secrets
import socket
from datetime import datetime
from typing import Any

from pipeforge.commands.opening import Planned
from pipeforge.engine.events import RunStarted, StepOutline
from pipeforge.planning import Plan


def run_id(now: datetime) -> str:
    """Begins with the time, so that ids sort by it."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def holder() -> str:
    """Who we are, for RunResumed."""
    return f"{socket.gethostname()} pid {os.getpid()}"


def world(args: argparse.Namespace) -> str:
    """What the journal keeps of --world: who goes on with a trial finds the same one."""
    return str(args.world.resolve()) if args.world else ""


def started(planned: Planned, at: datetime, run: str, **more: Any) -> RunStarted:
    """The first event of a run of a plan. `more`: what is the run's own, or other than the plan says."""
    plan, source = planned.plan, planned.opened
    common: dict[str, Any] = {
        "pipeline": plan.pipeline,
        "path": str(source.path.resolve()),
        "digest": plan.digest,
        "context_time": plan.context_time,
        "timezone": source.pipeline.timezone,
        "custom_variables": dict(planned.given),
        "steps": outlines(plan),
    }
    return RunStarted(at=at, run=run, **common | more)


def outlines(plan: Plan) -> tuple[StepOutline, ...]:
    """What the journal keeps of the plan."""
    fields = set(StepOutline.model_fields)  # one for all: of 10,000 steps each with its own took 7 MB
    return tuple(
        StepOutline.model_construct(
            fields,
            id=step.id,
            uses=step.kind.name,
            needs=step.needs,
            fingerprint=step.fingerprint,
            place=step.place,
            allow_failure=step.allow_failure,
        )
        for step in plan.steps
    )
