"""A journal that is deleted, moved or replaced while a process uses it: nothing is started any more."""

import shutil

import pytest
from journal_events import intended, keys, started

from pipeforge.errors import JournalError
from pipeforge.journal.sqlite import SqliteJournal

pytestmark = pytest.mark.anyio


def deleted(path):
    for each in path.parent.glob("journal.db*"):
        each.unlink()


def replaced(path):
    deleted(path)
    other = SqliteJournal(path)
    other.start(started("r2"))
    other.close()


def moved(path):
    path.parent.rename(path.parent.with_name("away"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "journal.db"


@pytest.mark.parametrize("taken", [deleted, replaced, moved])
async def test_what_nobody_would_find_is_not_written(path, taken):
    journal = SqliteJournal(path)
    writer = journal.start(started())
    await writer.append(intended(1))
    taken(path)
    for _ in range(2):
        with pytest.raises(JournalError, match="deleted, moved or replaced") as caught:
            await writer.append(intended(2))
        assert "look at the vendors' side" in caught.value.hint
    journal.close()
    assert not path.exists() or taken is replaced


async def test_a_folder_that_comes_back_has_all_that_was_written(path):
    journal = SqliteJournal(path)
    writer = journal.start(started())
    await writer.append(intended(1))
    moved(path)
    with pytest.raises(JournalError):
        await writer.append(intended(2))
    journal.close()
    shutil.move(path.parent.with_name("away"), path.parent)
    again = SqliteJournal(path)
    assert keys(again.read("r1")) == [1]
    again.close()
