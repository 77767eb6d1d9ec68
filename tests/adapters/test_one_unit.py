"""A burst of 40 starts of one krewData unit by three runs on one journal, by the count of the unit itself."""

import asyncio
from itertools import pairwise

import pytest
from emulated import emulated
from jumping_loop import EPOCH, JumpingLoop, LoopClock

from pipeforge.adapter import Outcome
from pipeforge.adapters import connections
from pipeforge.engine.doors import Terms
from pipeforge.engine.events import RunStarted
from pipeforge.engine.limits import Shared
from pipeforge.engine.scheduler import execute
from pipeforge.engine.state import replay
from pipeforge.journal.moments import Moment
from pipeforge.journal.sqlite import SqliteJournal
from pipeforge.planning import Plan, PlannedStep

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend():
    """A loop that hardly waits for the journal's thread: what is tested is true at any speed."""
    return "asyncio", {"loop_factory": lambda: JumpingLoop(0.004)}


UNIT = {
    "unit_id": "unit-0123456789",
    "serial_number": "abcdef-jklmno-pqrstu",
    "krewdata_app_url": "https://example.cybozu.com/k/123",
}
ASKED = {"app_id": 55, "user": "batch"}
WORLD = {"course": {"stages": {"Queuing": 1, "Running": 6}}}


async def process(there, path, number, count):
    """One run in a process of its own: its own connection, its own view of the journal."""
    loop = asyncio.get_running_loop()
    journal = SqliteJournal(path, clock=lambda: Moment("boot", loop.time(), loop.time()))
    client = connections.connect("conn", there.settings, app=there.app)
    adapter = connections.adapter(there.adapter("krewdata.run_unit").kind, client)
    steps = tuple(PlannedStep(f"s{n}", adapter.kind, "conn", (), ASKED) for n in range(count))
    plan = Plan("p", "d", EPOCH, steps, {})
    started = RunStarted(
        at=EPOCH, run=f"r{number}", pipeline="p", path="p", digest="d", context_time=EPOCH, again=number
    )
    writer = journal.start(started)
    shared = Shared(writer, {"conn": connections.resource(there.settings)})
    limits = {"conn": there.settings.limits_in_force()}
    try:
        terms = Terms(limits, shared, clock=LoopClock())
        adapters = {(adapter.kind.name, "conn"): adapter}
        return await execute(plan, replay([started]), adapters, writer, terms=terms)
    finally:
        await writer.close()
        await client.aclose()
        journal.close()


def most_within(times, seconds):
    return max(sum(at <= other < at + seconds for other in times) for at in times)


async def test_a_burst_of_forty_never_exceeds_what_the_unit_stands(tmp_path):
    async with emulated("krewdata", WORLD, **UNIT) as there:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(process(there, tmp_path / "j.db", number, count))
                for number, count in enumerate((14, 13, 13))
            ]
        assert {task.result() for task in tasks} == {Outcome.SUCCEEDED}
        tokens = [call["at"] for call in await there.calls("POST", "/token")]
        runs = [call["at"] for call in await there.calls("POST", "/run")]
        assert len(await there.jobs()) == len(runs) == len(tokens) == 40
        assert most_within(tokens, 60) <= 4
        assert most_within(runs, 60) <= 4
        # One at a time: each start comes after the seven seconds of the one before.
        assert all(later - earlier >= 7 for earlier, later in pairwise(runs))
