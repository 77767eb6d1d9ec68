"""What is read after somebody or something changed rows in the file."""

import sqlite3

import pytest
from journal_events import finished, intended, keys, started

from pipeforge.errors import JournalError
from pipeforge.journal.sqlite import SqliteJournal

pytestmark = pytest.mark.anyio

FLIPS = {
    "body": "UPDATE events SET body = replace(body, ':1:', ':2:') || ' ' WHERE seq = ?",
    "not utf-8": "UPDATE events SET body = CAST(x'7bff7d' AS TEXT) WHERE seq = ?",
    "cut short": "UPDATE events SET body = substr(body, 1, 20) WHERE seq = ?",
    "empty": "UPDATE events SET body = '' WHERE seq = ?",
    "a number": "UPDATE events SET body = x'00' WHERE seq = ?",
    "type": "UPDATE events SET type = 'step_warned' WHERE seq = ?",
    "checksum": "UPDATE events SET checksum = checksum + 1 WHERE seq = ?",
    "no checksum": "UPDATE events SET checksum = '' WHERE seq = ?",
    "of another run": "UPDATE events SET run = 'r2' WHERE seq = ?",
    "another place": "UPDATE events SET seq = 99 WHERE seq = ?",
}


@pytest.fixture
async def filled(sqlite_journal):
    """Run r1 with events 1 (started) and 2 to 6 (steps s1 to s5), its lease given back."""
    writer = sqlite_journal.start(started())
    for number in range(1, 5):
        await writer.append(intended(number))
    await writer.append(finished(4))
    await writer.close()
    return sqlite_journal


def edit(path, statement, *values):
    connection = sqlite3.connect(path)
    assert connection.execute(statement, values).rowcount >= 1
    connection.commit()
    connection.close()


@pytest.mark.parametrize("flip", FLIPS.values(), ids=FLIPS)
async def test_a_damaged_tail_is_dropped_and_written_over(filled, path, flip):
    edit(path, flip, 6)

    assert keys(filled.read("r1")) == [1, 2, 3, 4]

    writer = filled.open("r1")
    await writer.append(intended(7))
    await writer.close()
    assert keys(filled.read("r1")) == [1, 2, 3, 4, 7]


async def test_a_tail_of_several_damaged_rows_is_dropped(filled, path):
    edit(path, "UPDATE events SET body = body || ' ' WHERE seq >= 4")

    assert keys(filled.read("r1")) == [1, 2]
    await filled.open("r1").close()
    assert keys(filled.read("r1")) == [1, 2]


@pytest.mark.parametrize("flip", [*FLIPS.values(), "DELETE FROM events WHERE seq = ?"])
async def test_damage_in_the_middle_is_told_and_nothing_is_appended_behind_it(filled, path, flip):
    edit(path, flip, 3)

    for use in (filled.read, filled.open):
        with pytest.raises(JournalError, match="event 3 of run 'r1' is damaged or missing") as caught:
            use("r1")
        assert caught.value.hint
    assert [summary.held_by for summary in filled.runs()] == [None]


async def test_a_missing_tail_cannot_be_seen_and_harms_nothing(filled, path):
    edit(path, "DELETE FROM events WHERE seq = 6")
    assert keys(filled.read("r1")) == [1, 2, 3, 4]


async def test_a_run_whose_first_event_is_gone_is_refused(filled, path):
    edit(path, "UPDATE events SET body = '{}'")
    with pytest.raises(JournalError, match="no event of run 'r1' is readable"):
        filled.read("r1")


async def test_an_event_of_a_newer_version_is_told(filled, path):
    newer = SqliteJournal(path)
    event = intended(1).model_copy(update={"type": "step_teleported"})
    writer = newer.open("r1")
    await writer.append(event)
    await writer.close()
    newer.close()

    events = filled.read("r1")
    assert len(events) == 7
    with pytest.raises(JournalError, match="does not know") as caught:
        list(events)
    assert "newer pipeforge" in caught.value.hint


async def test_the_tail_of_the_write_ahead_log_torn_off(filled, path, tmp_path):
    """What a lost power supply leaves: the log's last frames are not all there."""
    writer = filled.open("r1")
    for number in range(10, 30):
        await writer.append(intended(number))
    whole = (path.read_bytes(), path.with_name(path.name + "-wal").read_bytes())

    for lost in (1, 100, 4096, 5000, 30000):
        copy = tmp_path / f"torn{lost}" / "journal.db"
        copy.parent.mkdir()
        copy.write_bytes(whole[0])
        copy.with_name("journal.db-wal").write_bytes(whole[1][:-lost])
        journal = SqliteJournal(copy)
        with pytest.raises(JournalError, match="its end is damaged"):
            journal.read("r1")
        events = journal.read("r1")
        journal.close()
        found = keys(events)
        assert found == [1, 2, 3, 4, 4, *range(10, 30)][: len(found)]
        assert len(found) < 25
        assert all(event.type != "tail_lost" for event in events)  # its holder lives, and knows what it did


async def test_whoever_goes_on_is_told_that_events_were_lost(filled, path):
    edit(path, "UPDATE events SET body = body || ' ' WHERE seq >= 5")
    await filled.open("r1").close()
    await filled.open("r1").close()
    lost = [event.rows for event in filled.read("r1") if event.type == "tail_lost"]
    assert lost == [2]


async def test_nothing_is_said_of_a_whole_journal(filled):
    await filled.open("r1").close()
    assert all(event.type != "tail_lost" for event in filled.read("r1"))


async def test_health_tells_of_damage(path, sqlite_journal):
    await sqlite_journal.start(started()).close()
    sqlite_journal.close()
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 3_000)
    found = sqlite_journal.health()
    assert found[0].state == "fail"
    assert "damaged" in found[0].detail
    assert found[0].mend


def test_health_makes_nothing(path, sqlite_journal):
    assert [one.state for one in sqlite_journal.health()] == ["ok"]
    assert not path.exists()
