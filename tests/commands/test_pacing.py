"""Limits on starts hold across runs: what other runs triggered lately is read from the journal."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeforge.adapter import Limits
from pipeforge.adapters import kinds
from pipeforge.commands.pacing import earlier
from pipeforge.engine.events import RunStarted, StepIntended, StepOutline
from pipeforge.journal.sqlite import open_journal
from pipeforge.planning import Plan, PlannedStep

pytestmark = pytest.mark.anyio
LIMITS = {"floor": Limits(starts=(4, 60.0)), "t": Limits()}


def plan() -> Plan:
    krewdata, trocco = kinds()["krewdata.run_unit"], kinds()["trocco.run_job"]
    steps = (PlannedStep("k", krewdata, "floor", (), {}), PlannedStep("j", trocco, "t", (), {}))
    return Plan("p", "d", datetime.now(UTC), steps, {})


async def test_recent_triggers_of_other_runs_count(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    journal = open_journal(tmp_path / "journal.db")
    for number in range(2):
        outlines = (StepOutline(id="k", uses="krewdata.run_unit"), StepOutline(id="j", uses="trocco.run_job"))
        started = RunStarted(
            at=now,
            run=f"run-{number}",
            pipeline="p",
            path="p",
            digest="d",
            context_time=now,
            again=number,
            steps=outlines,
        )
        writer = journal.start(started)
        for step, ago in (("k[0]", 300), ("k[1]", 30 + number), ("j", 10)):
            at = now - timedelta(seconds=ago)
            await writer.append(StepIntended(at=at, step=step, attempt=1, key=f"{number}-{step}"))
        await writer.close()
    found = earlier(journal, plan(), LIMITS, run="run-9")
    assert found == {"floor": [now - timedelta(seconds=31), now - timedelta(seconds=30)]}
    assert earlier(journal, plan(), LIMITS, run="run-1") == {"floor": [now - timedelta(seconds=30)]}
    assert earlier(journal, plan(), {"floor": Limits(), "t": Limits()}, run="run-9") == {}
    journal.close()
