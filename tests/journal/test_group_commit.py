"""How few commits are made, in which thread, and that the loop goes on meanwhile."""

import asyncio
import sqlite3
import threading
import time

import pytest
from commit_recorder import Recorder, entry
from journal_events import NOON, finished, intended, keys, started

from pipeforge.engine.events import StepTriggered
from pipeforge.errors import JournalError
from pipeforge.journal import grouping

pytestmark = pytest.mark.anyio


async def test_sixty_four_steps_in_flight_need_half_a_commit_each_at_most(sqlite_journal):
    writer = sqlite_journal.start(started())
    numbers = iter(range(1000))

    async def worker():
        for number in numbers:
            await writer.append(intended(number))
            await asyncio.sleep(0.001 * (number % 7))
            await writer.append(StepTriggered(at=NOON, step=f"s{number}", attempt=1, handle={"id": number}))
            writer.note(finished(number))

    await asyncio.gather(*(worker() for _ in range(64)))

    assert sqlite_journal.commits <= 500
    await writer.close()
    assert len(sqlite_journal.read("r1")) == 3001


async def test_notes_alone_cost_no_commit_of_their_own(sqlite_journal):
    writer = sqlite_journal.start(started())
    for number in range(10):
        writer.note(finished(number))
        await writer.append(intended(number))
    assert sqlite_journal.commits == 10


async def test_a_chain_is_committed_in_place():
    record = Recorder()
    group = grouping.GroupCommit(record)
    for number in range(5):
        await group.append(entry(number))

    assert record.threads == [True] * 5
    group.stop()


async def test_appends_of_one_turn_go_together_through_the_thread():
    record = Recorder()
    group = grouping.GroupCommit(record)
    await asyncio.gather(*(group.append(entry(number)) for number in range(5)))

    assert record.groups == [[0, 1, 2, 3, 4]]
    assert record.threads == [False]
    group.stop()


async def test_what_comes_during_a_commit_goes_into_the_next_and_the_loop_goes_on():
    record = Recorder()
    group = grouping.GroupCommit(record)
    record.gate.clear()
    waiters = [group.append(entry(number)) for number in range(2)]
    turns = 0
    for number in range(2, 40):
        await asyncio.sleep(0.001)
        turns += 1
        waiters.append(group.append(entry(number)))
    assert turns == 38
    assert not any(waiter.done() for waiter in waiters)
    record.gate.set()
    await asyncio.gather(*waiters)

    assert record.groups == [[0, 1], list(range(2, 40))]
    group.stop()


async def test_after_a_group_a_lone_append_returns_to_the_loops_thread():
    record = Recorder()
    group = grouping.GroupCommit(record)
    await asyncio.gather(*(group.append(entry(number)) for number in range(3)))
    for number in range(3, 6):
        await group.append(entry(number))

    assert record.threads == [False, True, True, True]
    group.stop()


async def test_a_slow_disk_is_kept_out_of_the_loops_thread():
    class Slow(Recorder):
        def __call__(self, batch, wait):
            super().__call__(batch, wait)
            time.sleep(grouping.SLOW * 2)

    record = Slow()
    group = grouping.GroupCommit(record)
    for number in range(3):
        await group.append(entry(number))

    assert record.threads == [True, False, False]
    group.stop()


async def test_many_notes_do_not_wait_for_an_append():
    record = Recorder()
    group = grouping.GroupCommit(record)
    for number in range(grouping.MANY_NOTES):
        group.note(entry(number))
    group.committer.stop()

    assert record.groups == [list(range(grouping.MANY_NOTES))]


@pytest.mark.parametrize("together", [1, 5])
async def test_after_one_error_nothing_is_ever_written(together):
    class Failing(Recorder):
        def __call__(self, batch, wait):
            super().__call__(batch, wait)
            raise JournalError("no space", "free some")

    record = Failing()
    group = grouping.GroupCommit(record)
    group.note(entry(0))
    results = await asyncio.gather(*(group.append(entry(n)) for n in range(together)), return_exceptions=True)
    assert [str(result) for result in results] == ["no space"] * together
    assert len({id(result) for result in results}) == together

    for use in (group.append, group.note):
        with pytest.raises(JournalError, match="no space") as caught:
            use(entry(9))
        assert caught.value.hint == "free some"
    group.stop()
    assert len(record.groups) == 1


async def test_being_cut_short_in_the_middle_of_a_commit_ends_all_writing():
    def interrupted(batch, wait):
        raise KeyboardInterrupt

    group = grouping.GroupCommit(interrupted)
    with pytest.raises(KeyboardInterrupt):
        group.committer.commit([entry(1)], wait=False)
    with pytest.raises(JournalError, match="cut short"):
        group.append(entry(2))


async def test_somebody_elses_lock_does_not_stop_the_loop(sqlite_journal, path):
    writer = sqlite_journal.start(started())
    await writer.append(intended(1))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    append = asyncio.create_task(writer.append(intended(2)))
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert not append.done()
    other.execute("COMMIT")
    other.close()
    await append

    assert keys(sqlite_journal.read("r1")) == [1, 2]


def test_a_journal_outlives_the_loop_it_was_used_in(sqlite_journal):
    async def some(writer, first):
        tasks = [asyncio.create_task(writer.append(intended(number))) for number in range(first, first + 5)]
        await asyncio.sleep(0)
        writer.note(finished(first + 5))
        return tasks

    writer = sqlite_journal.start(started())
    for first in (0, 10, 20):
        asyncio.run(some(writer, first))
    sqlite_journal.close()

    found = keys(sqlite_journal.read("r1"))
    assert found == sorted(found)
    assert found[-1] == 25


def test_a_commit_under_way_when_its_loop_ends_is_awaited_by_the_next_loop():
    record = Recorder()
    group = grouping.GroupCommit(record)
    record.gate.clear()

    async def left():
        for number in range(2):
            group.append(entry(number))
        while not record.inside:
            await asyncio.sleep(0.001)

    async def found():
        await group.append(entry(2))

    asyncio.run(left())
    threading.Timer(0.05, record.gate.set).start()
    asyncio.run(found())
    group.stop()

    assert record.groups == [[0, 1], [2]]
    assert record.most_inside == 1
