"""A disk that is full in the midst of a write: what is left of it is no damage, and casts no doubt."""

import resource
from contextlib import contextmanager

import pytest
from journal_events import finished, intended, keys, started

from pipeforge.errors import JournalError
from pipeforge.journal.database import Database
from pipeforge.journal.sqlite import SqliteJournal

pytestmark = pytest.mark.anyio

HEADER, FRAME = 32, 24 + 4096


@contextmanager
def full(size):
    """No file grows beyond so many bytes: a write across it is done in part."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("more", [10, 24, 1_000, FRAME, FRAME + 10])
async def test_half_a_frame_is_taken_off_the_log(path, more):
    journal, other = SqliteJournal(path), SqliteJournal(path)
    writer = journal.start(started())
    await writer.append(intended(1))
    log = path.with_name("journal.db-wal")
    size = log.stat().st_size
    with full(size + more), pytest.raises(JournalError, match=r"no space left|refused to read or write"):
        await writer.append(finished(1, "x" * 20_000))
    assert (log.stat().st_size - HEADER) % FRAME == 0
    assert [event.type for event in other.read("r1")] == ["run_started", "step_intended"]
    journal.close()
    writer = other.open("r1")
    assert keys(other.read("r1")) == [1]
    other.close()


def test_neither_a_beat_nor_a_cleaning_leaves_half_a_frame(path):
    journal = SqliteJournal(path)
    journal.start(started())
    database = Database(path)
    log = path.with_name("journal.db-wal")
    for write in ("UPDATE runs SET pipeline = pipeline", "VACUUM"):
        size = log.stat().st_size
        with full(size + 10), pytest.raises(JournalError), database.beside() as connection:
            connection.execute(write)
        assert (log.stat().st_size - HEADER) % FRAME == 0
    journal.close()


@pytest.mark.parametrize("size", [9_000, 33_000, 40_100, 50_003])
def test_tables_that_could_not_be_made_are_made_later(path, size):
    with full(size), pytest.raises(JournalError):
        SqliteJournal(path).start(started())
    journal = SqliteJournal(path)
    assert journal.runs() == []
    journal.start(started())
    journal.close()
