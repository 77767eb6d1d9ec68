"""When notes reach the disk though nobody appends, on a loop that jumps instead of sleeping."""

import asyncio

import pytest
from commit_recorder import Recorder, entry

from pipeforge.journal import grouping

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]


async def test_a_note_is_written_within_about_a_second():
    record = Recorder()
    group = grouping.GroupCommit(record)
    group.note(entry(1))
    await asyncio.sleep(grouping.NOTE_DELAY / 2)
    assert record.groups == []
    group.note(entry(2))
    await asyncio.sleep(grouping.NOTE_DELAY / 2)
    group.committer.stop()
    assert record.groups == [[1, 2]]


async def test_a_note_made_during_a_commit_is_written_too():
    record = Recorder()
    group = grouping.GroupCommit(record)
    record.gate.clear()
    waiters = [group.append(entry(1)), group.append(entry(2))]
    await asyncio.sleep(0.01)
    group.note(entry(3))
    await asyncio.sleep(2 * grouping.NOTE_DELAY)
    record.gate.set()
    await asyncio.gather(*waiters)
    await asyncio.sleep(2 * grouping.NOTE_DELAY)
    group.committer.stop()
    assert record.groups == [[1, 2], [3]]
