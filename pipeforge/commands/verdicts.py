"""What the runs of a backfill come to: its own end, the exit code, and what to do next."""

import argparse
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from pipeforge.adapter import Outcome
from pipeforge.commands import nexts
from pipeforge.commands.helm import Helm
from pipeforge.engine.events import Event, RunFinished, RunPaused
from pipeforge.engine.state import RunState
from pipeforge.language.filters import zone
from pipeforge.reports.backfill import Standing


def verdict(past: RunState, standings: Sequence[Standing], helm: Helm) -> Event | None:
    """How the backfill stands now; None where it is left open for what others do."""
    now, words = datetime.now(UTC), {one.word for one in standings}
    plan = past.backfill
    fast = plan is not None and plan.fail_fast and bool(words & {"failed", "canceled"})
    closed = not words & {"unknown", "not over", "running", "held"}
    if closed and helm.reason == "canceled":
        return RunFinished(at=now, outcome=Outcome.CANCELED)
    if closed and ("waiting" not in words or fast):
        good = not words & {"failed", "canceled"}
        return RunFinished(at=now, outcome=Outcome.SUCCEEDED if good else Outcome.FAILED)
    if helm.reason == "interrupted" or helm.reason == "max_time":
        return RunPaused(at=now, reason=helm.reason)
    if "unknown" in words:
        return RunPaused(at=now, reason="undecided")
    return RunPaused(at=now, reason="canceling") if helm.reason == "canceled" else None


def exit_code(past: RunState, standings: Sequence[Standing], helm: Helm) -> int:
    """As of a run: an interrupt can end the last of them, then it is not all well."""
    words = {one.word for one in standings}
    if past.outcome is Outcome.SUCCEEDED:
        return 0
    if helm.reason is not None and helm.reason != "canceled":
        return 6 if helm.reason == "max_time" else 130
    if "unknown" in words:
        return 4
    return 1 if words & {"failed", "canceled"} else 5


def next_steps(past: RunState, standings: Sequence[Standing], args: argparse.Namespace) -> list[str]:
    """What there is to do next, a line each."""
    words = {one.word for one in standings}
    if past.outcome is None:
        before = "when that is settled, " if "unknown" in words else ""
        return [f"{before}to go on: {nexts.resume_command(past.run, args)}"]
    if past.outcome is Outcome.SUCCEEDED or past.outcome is Outcome.CANCELED:
        return []
    rest = ", and to begin the rest" if "waiting" in words else ""
    return [f"to do again what failed{rest}: {again(past, args)}"]


def again(past: RunState, args: argparse.Namespace) -> str:
    """The command that does again what failed in a backfill."""
    plan = past.backfill
    assert plan is not None
    where = zone(plan.timezone)
    start, stop = plan.start.astimezone(where).isoformat(), plan.stop.astimezone(where).isoformat()
    path = os.path.relpath(past.path)
    more = ["--from", start, "--to", stop, "--every", plan.every, "--failed"]
    more += ["--parallel", str(plan.parallel)] if plan.parallel > 1 else []
    more += ["--reverse"] if plan.instants[0].at > plan.instants[-1].at else []
    more += ["--env", past.environment] if past.environment else []
    for name, value in past.custom_variables.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        more += ["--set", f"{name}={text}"]
    return nexts.command("backfill", path, args, *more)
