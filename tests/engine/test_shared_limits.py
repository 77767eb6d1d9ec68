"""Limits across processes: several runs on one journal and one vendor count each other's jobs and starts."""

import asyncio

import pytest
from jumping_loop import JumpingLoop
from scripted_vendor import TRANSIENT, Died, Script, Vendor, World, started, step

from pipeforge.adapter import Limits, Outcome
from pipeforge.engine.limits import Shared
from pipeforge.journal.moments import Moment
from pipeforge.journal.sqlite import SqliteJournal
from pipeforge.planning import Retry

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend():
    """A loop that hardly waits for the journal's thread: what is tested is true at any speed."""
    return "asyncio", {"loop_factory": lambda: JumpingLoop(0.004)}


PLACE = {"vendor": "place-of-the-vendor"}
BUSY = Script(course=[("running", 0), ("done", 10)])


def journal_at(path):
    """A process's view of the journal, whose claims go by the loop's clock."""
    loop = asyncio.get_running_loop()
    return SqliteJournal(path, clock=lambda: Moment("boot", loop.time(), loop.time()))


class Process(World):
    """One run in a process of its own."""

    def __init__(self, path, run, *steps, resources=PLACE, **more):
        super().__init__(*steps, **more)
        self.journal = journal_at(path)
        self.run_id, self.resources = run, resources

    async def live(self, **how):
        try:
            known = [row.run for row in self.journal.runs()]
            if self.run_id in known:
                writer = self.journal.open(self.run_id)
            else:
                writer = self.journal.start(
                    started().model_copy(update={"run": self.run_id, "again": len(known)})
                )
            self.disk.events[:] = self.journal.read(self.run_id)
            self.terms["shared"] = Shared(writer, self.resources)
            try:
                return await self.run(writer=writer, **how)
            finally:
                await writer.close()
        finally:
            self.journal.close()

    def of(self, type_):
        journal = SqliteJournal(self.journal._database.path)
        return [event for event in journal.read(self.run_id) if event.type == type_]


def most_within(times, seconds):
    return max(sum(at <= other < at + seconds for other in times) for at in times)


def many(run, count, **more):
    return [step(f"{run}-{n}", **more) for n in range(count)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "j.db"


def three(path, vendor, limits, count=6, **more):
    return [
        Process(path, run, *many(run, count, **more), vendor=vendor, limits={"vendor": limits})
        for run in ("r1", "r2", "r3")
    ]


async def together(*processes):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(process.live()) for process in processes]
    return {task.result() for task in tasks}


async def after(first, *others):
    """All together, the others once the first has started something."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(first.live())]
        while not first.vendor.jobs and not first.vendor.times("trigger"):
            await asyncio.sleep(0.001)
        tasks += [group.create_task(process.live()) for process in others]
    return {task.result() for task in tasks}


async def test_three_runs_start_no_more_than_one_may(path):
    vendor = Vendor()
    runs = three(path, vendor, Limits(starts=(4, 60.0)))
    assert await together(*runs) == {Outcome.SUCCEEDED}
    times = vendor.times("prepare")
    assert len(times) == 18
    assert most_within(times, 60) == 4


async def test_three_runs_have_no_more_jobs_at_once_than_one_may_and_take_turns(path):
    scripts = {f"{run}-{n}": BUSY for run in ("r1", "r2", "r3") for n in range(5)}
    vendor = Vendor(**scripts)
    runs = three(path, vendor, Limits(running=2), count=5)
    assert await together(*runs) == {Outcome.SUCCEEDED}
    assert vendor.most_running == 2
    assert [job.name[:2] for job in vendor.jobs].index("r3") < 6  # nobody is kept until the others are over


async def test_other_accounts_do_not_wait(path):
    vendor = Vendor(a=Script(course=[("running", 0), ("done", 50)]))
    limits = {"vendor": Limits(running=1)}
    one = Process(path, "r1", step("a"), vendor=vendor, limits=limits)
    other = Process(path, "r2", step("b"), vendor=vendor, limits=limits, resources={"vendor": "another"})
    await after(one, other)
    assert vendor.jobs[1].started - vendor.jobs[0].started < 50


async def test_the_place_of_a_failed_attempt_is_anothers(path):
    vendor = Vendor(a=Script(courses=[[("failed", 0)], [("done", 0)]]), b=BUSY)
    limits = {"vendor": Limits(running=1)}
    one = Process(path, "r1", step("a", retry=Retry(2, delay=1000)), vendor=vendor, limits=limits)
    other = Process(path, "r2", step("b"), vendor=vendor, limits=limits)
    assert await after(one, other) == {Outcome.SUCCEEDED}
    assert [job.name for job in vendor.jobs] == ["a", "b", "a"]


async def test_what_certainly_did_not_start_leaves_its_place_to_others(path):
    vendor = Vendor(a=Script(faults={"trigger": [TRANSIENT] * 9}), b=BUSY)
    limits = {"vendor": Limits(running=1)}
    one = Process(path, "r1", step("a"), vendor=vendor, limits=limits)
    other = Process(path, "r2", step("b"), vendor=vendor, limits=limits)
    assert await after(one, other) == {Outcome.SUCCEEDED}
    assert [job.name for job in vendor.jobs] == ["b", "a"]


async def test_waiting_says_for_whom_once_and_is_no_part_of_the_timeout(path):
    vendor = Vendor(a=Script(course=[("running", 0), ("done", 90)]))
    limits = {"vendor": Limits(running=1)}
    one = Process(path, "r1", step("a"), vendor=vendor, limits=limits)
    other = Process(path, "r2", step("b", timeout=60), step("c", timeout=60), vendor=vendor, limits=limits)
    assert await after(one, other) == {Outcome.SUCCEEDED}
    assert one.of("step_waiting") == []
    told = {event.step: event for event in other.of("step_waiting")}
    assert len(told) == len(other.of("step_waiting")) == 2
    assert "connection 'vendor' runs 1 at once; step 'a' of run r1 (process " in told["b"].detail
    assert (told["b"].reason, told["c"].reason) == ("running", "running")
    assert other.state.steps["b"].waiting == told["b"].detail


async def test_waiting_for_starts_says_how_long(path):
    limits = {"vendor": Limits(starts=(1, 600.0))}
    one, other = (Process(path, run, step("a"), vendor=Vendor(), limits=limits) for run in ("r1", "r2"))
    await one.live()
    began = asyncio.get_running_loop().time()
    await other.live()
    assert 598 < other.vendor.jobs[0].started - began <= 601
    (told,) = other.of("step_waiting")
    assert "connection 'vendor' starts 1 in 600s; the next in " in told.detail


async def test_an_interrupt_ends_the_waiting_and_leaves_the_line(path):
    vendor = Vendor(a=Script(course=[("running", 0), ("done", 90)]))
    limits = {"vendor": Limits(running=1)}
    one = Process(path, "r1", step("a"), vendor=vendor, limits=limits)
    other = Process(path, "r2", step("b"), vendor=vendor, limits=limits)
    third = Process(path, "r3", step("c"), vendor=vendor, limits=limits)
    asyncio.get_running_loop().call_later(30, lambda: other.control.interrupt())
    assert await after(one, other, third) == {Outcome.SUCCEEDED, None}
    assert [job.name for job in vendor.jobs] == ["a", "c"]


@pytest.mark.parametrize("die_at", range(2, 40, 5))
async def test_a_process_that_died_is_counted_and_followed(path, die_at):
    """It comes back beside another run; together they keep to what is allowed."""
    scripts = {f"{run}-{n}": BUSY for run in ("r1", "r2") for n in range(6)}
    vendor = Vendor(**scripts)
    limits = {"vendor": Limits(running=3, starts=(4, 60.0))}
    dying = Process(path, "r1", *many("r1", 6), vendor=vendor, limits=limits)
    try:
        await dying.live(die_at=die_at)
    except Died:
        again = Process(path, "r1", *many("r1", 6), vendor=vendor, limits=limits)
        again.clock = dying.clock
        other = Process(path, "r2", *many("r2", 6), vendor=vendor, limits=limits)
        assert await together(again, other) == {Outcome.SUCCEEDED}
        assert len(vendor.jobs) == len(set(vendor.keys())) == 12
    assert most_within(vendor.times("prepare"), 60) <= 4
    assert most_within([job.started for job in vendor.jobs], 60) <= 4


async def test_connections_without_limits_claim_nothing(path):
    process = Process(path, "r1", *many("r1", 5), limits={"vendor": Limits(requests=(10, 1.0))})
    claimed = []

    async def claim(*claims, force=False):
        claimed.append(claims)

    process.resources = PLACE
    journal = process.journal
    start = journal.start

    def watched(event):
        writer = start(event)
        writer.claim = claim
        return writer

    journal.start = watched
    await process.live()
    assert claimed == []
