"""The engine on a real journal file: what is written is what was true, and another process can go on."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from scripted_vendor import Died, Script, Vendor, World, started, step

from pipeforge.adapter import Limits, Outcome
from pipeforge.engine.events import RunResumed
from pipeforge.engine.state import replay
from pipeforge.errors import RunEnded
from pipeforge.journal.sqlite import open_journal
from pipeforge.planning import Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]


@asynccontextmanager
async def journal_at(path):
    journal = open_journal(path)
    try:
        yield journal
    finally:
        journal.close()


async def process(world: World, path, *, resume: bool, die_at: int | None = None) -> Outcome | None:
    """What one process does with the file."""
    async with journal_at(path) as journal:
        writer = journal.open("r1") if resume else journal.start(started())
        try:
            if resume:
                await writer.append(RunResumed(at=world.clock.now(), holder="me"))
            world.disk.events[:] = journal.read("r1")
            return await world.run(die_at=die_at, writer=writer)
        finally:
            await writer.close()


def layers(width: int, depth: int, **more) -> list:
    first = [step(f"s0x{n}", **more) for n in range(width)]
    later = [
        step(f"s{layer}x{n}", f"s{layer - 1}x{n}", f"s{layer - 1}x{(n + 1) % width}", **more)
        for layer in range(1, depth)
        for n in range(width)
    ]
    return [*first, *later]


async def test_a_run_in_a_file_reads_back_as_it_was(tmp_path):
    world = World(*layers(8, 4), limits={"vendor": Limits(running=5)})
    assert await process(world, tmp_path / "j.db", resume=False) is Outcome.SUCCEEDED
    async with journal_at(tmp_path / "j.db") as journal:
        assert replay(journal.read("r1")) == world.state
        (row,) = journal.runs()
        assert row.outcome == "succeeded"
        with pytest.raises(RunEnded):
            journal.open("r1")


async def test_a_paused_run_goes_on_from_the_file(tmp_path):
    slow = Script(course=[("running", 0), ("done", 500)])
    world = World(*layers(4, 3), vendor=Vendor(s1x2=slow))
    asyncio.get_running_loop().call_later(100, lambda: world.control.interrupt())
    assert await process(world, tmp_path / "j.db", resume=False) is None
    assert await process(world, tmp_path / "j.db", resume=True) is Outcome.SUCCEEDED
    assert len(world.vendor.jobs) == len(set(world.vendor.keys())) == 12


@pytest.mark.parametrize("die_at", range(2, 26, 2))
async def test_a_process_that_dies_at_the_vendors_door_triggers_nothing_twice(tmp_path, die_at):
    vendor = Vendor(
        s0x0=Script(faults={"trigger": ["lost"]}), s1x1=Script(courses=[[("failed", 5)], [("done", 5)]])
    )
    world = World(*layers(2, 2, retry=Retry(2)), vendor=vendor)
    with pytest.raises(Died):
        await process(world, tmp_path / "j.db", resume=False, die_at=die_at)
    assert await process(world, tmp_path / "j.db", resume=True) is Outcome.SUCCEEDED
    assert len(vendor.jobs) == len(set(vendor.keys())) == 5
