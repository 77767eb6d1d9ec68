"""Two runs in two processes start one definition or workflow: a lost start never gets another's job."""

import asyncio

import pytest
from emulated import emulated
from jumping_loop import EPOCH, JumpingLoop, LoopClock
from test_crowds import CASES

from pipeforge.adapter import Outcome
from pipeforge.adapters import connections
from pipeforge.adapters.claims import WITHIN
from pipeforge.engine.control import Control
from pipeforge.engine.doors import Terms
from pipeforge.engine.events import RunStarted
from pipeforge.engine.limits import Shared
from pipeforge.engine.scheduler import execute
from pipeforge.engine.state import replay
from pipeforge.journal.moments import Moment
from pipeforge.journal.sqlite import SqliteJournal
from pipeforge.planning import Plan, PlannedStep

pytestmark = pytest.mark.anyio
BOTH = pytest.mark.parametrize("case", [CASES["trocco"], CASES["reckoner"]], ids=["trocco", "reckoner"])


@pytest.fixture(scope="module")
def anyio_backend():
    """A loop that hardly waits for the journal's thread: what is tested is true at any speed."""
    return "asyncio", {"loop_factory": lambda: JumpingLoop(0.004)}


class Leaving:
    """An Emit that leaves the run at once, a second after an intent is on disk."""

    def __init__(self, writer, control):
        self.writer, self.control, self.note = writer, control, writer.note

    async def append(self, event):
        await self.writer.append(event)
        if event.type == "step_intended":
            asyncio.get_running_loop().call_later(1, self.control.abort)


class Process:
    """A run of so many steps in a process of its own; `live` may be called again to resume it."""

    def __init__(self, there, case, path, number, count=1):
        loop = asyncio.get_running_loop()
        self.there, self.case, self.run = there, case, f"r{number}"
        self.clock, self.control = LoopClock(), Control()
        self.path, self.now = path, lambda: Moment("boot", loop.time(), loop.time())
        kind = there.adapter(case.kind).kind
        steps = tuple(PlannedStep(f"s{n}", kind, "conn", (), case.params) for n in range(count))
        self.plan = Plan("p", "d", EPOCH, steps, {})
        self.started = RunStarted(
            at=EPOCH, run=self.run, pipeline="p", path="p", digest="d", context_time=EPOCH, again=number
        )

    async def live(self, *, leaves=False):
        journal, self.control = SqliteJournal(self.path, clock=self.now), Control()
        known = any(row.run == self.run for row in journal.runs())
        writer = journal.open(self.run) if known else journal.start(self.started)
        client = connections.connect("conn", self.there.settings, app=self.there.app)
        shared = Shared(writer, {"conn": connections.resource(self.there.settings)})
        adapters = {(self.case.kind, "conn"): connections.adapter(self.plan.steps[0].kind, client)}
        try:
            self.state = replay(journal.read(self.run))
            terms = Terms(shared=shared, clock=self.clock, grace=1.0)
            emit = Leaving(writer, self.control) if leaves else writer
            return await execute(self.plan, self.state, adapters, emit, control=self.control, terms=terms)
        finally:
            await writer.close()
            await client.aclose()
            journal.close()

    def jobs(self):
        """The job that each step came by."""
        return [self.state.steps[step.id].handle["job_id"] for step in self.plan.steps]


@BOTH
async def test_starts_of_two_processes_follow_each_other_and_each_has_its_own_job(tmp_path, case):
    async with emulated(case.kind.partition(".")[0], **case.settings) as there:
        ones = [Process(there, case, tmp_path / "j.db", number, 5) for number in (1, 2)]
        for _ in range(3):
            await there.fault(route=case.start, do="drop", after=True)  # the work is done, the answer lost
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one.live()) for one in ones]
        assert {task.result() for task in tasks} == {Outcome.SUCCEEDED}
        had = [job for one in ones for job in one.jobs()]
        assert len(had) == len(set(had)) == len(await there.jobs()) == 10


@BOTH
async def test_a_start_lost_with_its_process_is_settled_before_another_starts_the_same(tmp_path, case):
    """Without the turn the second's job would be the one new job, and be taken for the first's."""
    async with emulated(case.kind.partition(".")[0], **case.settings) as there:
        first, second = (Process(there, case, tmp_path / "j.db", number) for number in (1, 2))
        await there.fault(route=case.start, do="slow", seconds=10_000, after=False)  # it never arrives
        assert await first.live(leaves=True) is None
        await there.clear_faults()
        began = asyncio.get_running_loop().time()
        assert await second.live() is Outcome.SUCCEEDED
        waited = second.state.steps["s0"]
        assert "step 's0' of run r1 may have started the same when it was lost" in waited.waiting
        assert asyncio.get_running_loop().time() - began >= WITHIN.total_seconds()
        await first.live()
        assert first.state.steps["s0"].outcome is Outcome.UNKNOWN
        assert len(await there.jobs()) == 1


@BOTH
async def test_resuming_the_lost_one_lets_the_other_go(tmp_path, case):
    async with emulated(case.kind.partition(".")[0], **case.settings) as there:
        first, second = (Process(there, case, tmp_path / "j.db", number) for number in (1, 2))
        await there.fault(route=case.start, do="slow", seconds=10_000, after=True)  # the work is done
        assert await first.live(leaves=True) is None
        await there.clear_faults()
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            other = group.create_task(second.live())
            again = group.create_task(first.live())
        assert {other.result(), again.result()} == {Outcome.SUCCEEDED}
        assert asyncio.get_running_loop().time() - began < WITHIN.total_seconds()
        assert first.jobs() != second.jobs()
        assert len(await there.jobs()) == 2
